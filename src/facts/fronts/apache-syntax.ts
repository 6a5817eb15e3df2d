import {type Directive, maxDepth} from './nginx-syntax.ts'

interface Open {
  readonly name: string
  readonly args: readonly string[]
  readonly line: number
  readonly block: Directive[]
}

/**
 * Apache's own grammar (server/config.c): a directive is a line, "\" at its end goes on, `<Name …>`
 * opens and `</Name>` closes a section. Names are given in lower case, as their case means nothing.
 */
export function parseApache(text: string, file = ''): readonly Directive[] {
  const top: Directive[] = []
  const open: Open[] = []
  const put = (
    name: string,
    args: readonly string[],
    block: readonly Directive[] | null,
    line: number,
  ): void => {
    const {block: around = top} = open.at(-1) ?? {}
    around.push({name: name.toLowerCase(), args, block, file, line})
  }
  const close = (): void => {
    const ended = open.pop()
    if (ended) put(ended.name, ended.args, ended.block, ended.line)
  }
  for (const {text: whole, line} of logicalLines(text)) {
    if (whole === '' || whole.startsWith('#')) continue
    const isSection = whole.startsWith('<') && whole.endsWith('>')
    const section = isSection ? /^(\/?)([\w:]+)(.*)$/s.exec(whole.slice(1, -1)) : null
    if (section?.[1] === '/') close()
    else if (section && open.length === maxDepth) break
    else if (section)
      open.push({name: section[2] ?? '', args: wordsOf(section[3] ?? ''), line, block: []})
    else {
      const [name = '', ...args] = wordsOf(whole)
      put(name, args, null, line)
    }
  }
  // A section that is never closed: Apache refuses it, and what stands in it is still read.
  while (open.length > 0) close()
  return top
}

function logicalLines(text: string): readonly {text: string; line: number}[] {
  const lines: {text: string; line: number}[] = []
  let held = ''
  let begun = 0
  for (const [index, raw] of text.split('\n').entries()) {
    if (held === '') begun = index + 1
    const part = raw.replace(/\r$/, '')
    if (part.endsWith('\\')) held += part.slice(0, -1)
    else {
      lines.push({text: `${held}${part}`.trim(), line: begun})
      held = ''
    }
  }
  if (held !== '') lines.push({text: held.trim(), line: begun})
  return lines
}

/** ap_getword_conf: words between white space, in quotes where they hold some. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g)].map(
    ([, double, single, bare]) => (double ?? single)?.replace(/\\(["'\\])/g, '$1') ?? bare ?? '',
  )
}
