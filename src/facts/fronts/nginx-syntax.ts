/** Where something is written. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** One directive of a configuration, with its block where it has one. */
export interface Directive extends Place {
  readonly name: string
  readonly args: readonly string[]
  readonly block: readonly Directive[] | null
}

/**
 * Blocks within blocks: no server has a use for as many, and what reads them goes as deep. What
 * comes after them is not read.
 */
export const maxDepth = 100

interface Open extends Place {
  readonly words: readonly string[]
  readonly block: Directive[]
}

/** `/etc/nginx/sites-enabled/prism:14`. */
export function shownPlace({file, line}: Place): string {
  return `${file}:${line}`
}

/** nginx's own grammar (src/core/ngx_conf_file.c): words, quotes, comments, ";" and blocks. */
export function parseNginx(text: string, file = ''): readonly Directive[] {
  const top: Directive[] = []
  const open: Open[] = []
  let words: string[] = []
  let line = 1
  let begun = 1
  let counted = 0
  const put = (
    [name, ...args]: readonly string[],
    block: readonly Directive[] | null,
    at: number,
  ): void => {
    if (name !== undefined) (open.at(-1)?.block ?? top).push({name, args, block, file, line: at})
  }
  const token =
    /\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([;{}])|((?:\\.|\$\{[^\s;{}\\]*\}?|[^\s;{}\\])+)|\\/gsy
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [, double, single, mark, word] = match
    const value = double ?? single ?? word
    for (; counted < match.index; counted += 1) if (text[counted] === '\n') line += 1
    if (value !== undefined) {
      if (words.length === 0) begun = line
      words.push(value.replace(/\\(["'\\ ])/g, '$1'))
    } else if (mark !== undefined) {
      if (mark === ';') put(words, null, begun)
      else if (mark === '{' && open.length === maxDepth) break
      else if (mark === '{') open.push({words, block: [], file, line: begun})
      else {
        const ended = open.pop()
        if (ended) put(ended.words, ended.block, ended.line)
      }
      words = []
    }
  }
  // A block that is never closed: nginx refuses it, and what stands in it is still read.
  for (let ended = open.pop(); ended; ended = open.pop()) put(ended.words, ended.block, ended.line)
  return top
}

/** Directives, and after each block what is in it. */
export function flattened(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap(directive => [directive, ...flattened(directive.block ?? [])])
}
