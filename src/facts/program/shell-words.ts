/** One piece of a word of a POSIX shell script, before it is expanded. */
export type Part =
  | {readonly kind: 'text'; readonly text: string; readonly quoted: boolean}
  /** `$NAME`, `${NAME:-operand}`; of `${NAME/pattern/replacement}` the operand is the pattern. */
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly operator: string
      readonly operand: readonly Part[]
      readonly replacement: readonly Part[]
      readonly quoted: boolean
    }
  /** `$(…)`, with its text. */
  | {readonly kind: 'command'; readonly text: string; readonly quoted: boolean}
  /** What is not understood: arithmetic, process substitution, arrays, a quote without its end. */
  | {readonly kind: 'unknown'; readonly quoted: boolean}

export type Token =
  | {readonly kind: 'word'; readonly parts: readonly Part[]}
  /** A newline is `\n`. */
  | {readonly kind: 'operator'; readonly text: string}
  /** `>`, `2>&1`: the word after it is no argument. */
  | {readonly kind: 'redirection'}

const operators = ['&&', '||', ';;&', ';;', ';&', '|&', '&>>', '&>', ';', '&', '|', '(', ')'] as const
const redirections = ['<<<', '<<-', '<<', '<&', '<>', '<', '>>', '>&', '>|', '>'] as const
const parameterOperators = [':-', ':+', ':=', ':?', '##', '%%', '//', '-', '+', '=', '?', '#', '%', '/'] as const

const nameStart = /[A-Za-z_]/
const nameCharacter = /[A-Za-z0-9_]/
const blank = /[ \t\r]/
const special = /[0-9@*#?$!-]/

/** A shell script as words and operators: "Token Recognition" of POSIX (XCU 2.3), with what bash adds to words. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  const hereDocuments: string[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    if (blank.test(character)) at += 1
    else if (text.startsWith('\\\n', at)) at += 2
    else if (character === '#') at = endOf(text, at, '\n')
    else if (character === '\n') {
      tokens.push({kind: 'operator', text: '\n'})
      at += 1
      for (const delimiter of hereDocuments.splice(0)) at = skipHereDocument(text, at, delimiter)
    } else {
      const operator = operators.find(one => text.startsWith(one, at))
      const redirection = redirections.find(one => text.startsWith(one, at))
      const isProcess = redirection !== undefined && /^[<>]\(/.test(text.slice(at, at + 2))
      if (operator === '&>' || operator === '&>>') {
        tokens.push({kind: 'redirection'})
        at += operator.length
      } else if (operator) {
        tokens.push({kind: 'operator', text: operator})
        at += operator.length
      } else if (redirection && !isProcess) {
        tokens.push({kind: 'redirection'})
        at += redirection.length
        if (redirection === '<<' || redirection === '<<-') {
          const word = /^[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;&|<>()]+))/.exec(text.slice(at))
          hereDocuments.push(word?.[1] ?? word?.[2] ?? word?.[3] ?? '')
        }
      } else {
        const word = readWord(text, at)
        at = word.end
        const number = /^[<>]/.test(text[at] ?? '') && word.parts.every(part => isDigits(part))
        if (!number) tokens.push({kind: 'word', parts: word.parts})
      }
    }
  }
  return tokens
}

function isDigits(part: Part): boolean {
  return part.kind === 'text' && !part.quoted && /^\d+$/.test(part.text)
}

function endOf(text: string, from: number, mark: string): number {
  const end = text.indexOf(mark, from)
  return end < 0 ? text.length : end
}

function skipHereDocument(text: string, from: number, delimiter: string): number {
  let at = from
  while (at < text.length) {
    const end = endOf(text, at, '\n')
    const line = text.slice(at, end)
    at = end + 1
    if (line.replace(/^\t+/, '') === delimiter) break
  }
  return Math.min(at, text.length)
}

interface Read {
  readonly parts: readonly Part[]
  readonly end: number
}

function readWord(text: string, from: number): Read {
  const read = readParts(text, from, at => /[\s;&|<>()]/.test(text[at] ?? ''), false)
  if (read.end === from && /[<>]/.test(text[from] ?? '')) {
    // <(…), a process in the place of a file
    return {parts: [{kind: 'unknown', quoted: true}], end: closing(text, from + 1)}
  }
  const [first] = read.parts
  const array = read.parts.length === 1 && first?.kind === 'text' && /^[A-Za-z_]\w*\+?=$/.test(first.text)
  if (array && text[read.end] === '(')
    return {parts: [...read.parts, {kind: 'unknown', quoted: true}], end: closing(text, read.end)}
  return read
}

/** Reads until `stop` says so; inside double quotes blanks and single quotes are nothing special. */
function readParts(text: string, from: number, stop: (at: number) => boolean, quoted: boolean): Read {
  const parts: Part[] = []
  let at = from
  let plain = ''
  const flush = (): void => {
    if (plain !== '') parts.push({kind: 'text', text: plain, quoted})
    plain = ''
  }
  while (at < text.length && !stop(at)) {
    const character = text[at] ?? ''
    if (character === '\\') {
      const next = text[at + 1] ?? ''
      if (next === '\n') at += 2
      else if (quoted && !/["\\$`]/.test(next)) {
        plain += character
        at += 1
      } else {
        flush()
        parts.push({kind: 'text', text: next, quoted: true})
        at += 2
      }
    } else if (character === "'" && !quoted) {
      flush()
      const end = endOf(text, at + 1, "'")
      parts.push(end === text.length ? {kind: 'unknown', quoted: true} : quotedText(text.slice(at + 1, end)))
      at = end + 1
    } else if (character === '"') {
      flush()
      const start = at + 1
      const inner = readParts(text, start, here => text[here] === '"', true)
      parts.push(...(inner.end >= text.length ? [{kind: 'unknown', quoted: true} as const] : inner.parts))
      if (inner.end === start) parts.push(quotedText(''))
      at = inner.end + 1
    } else if (character === '`') {
      flush()
      const end = endOf(text, at + 1, '`')
      parts.push({kind: 'command', text: text.slice(at + 1, end), quoted})
      at = end + 1
    } else if (character === '$') {
      const read = readDollar(text, at, quoted)
      if (read) {
        flush()
        parts.push(...read.parts)
        at = read.end
      } else {
        plain += character
        at += 1
      }
    } else {
      plain += character
      at += 1
    }
  }
  flush()
  return {parts, end: at}
}

function quotedText(text: string): Part {
  return {kind: 'text', text, quoted: true}
}

/** What begins with `$`; null where it is only that character. */
function readDollar(text: string, at: number, quoted: boolean): Read | null {
  const next = text[at + 1] ?? ''
  if (next === '(') {
    const end = closing(text, at + 1)
    const isNumber = text.startsWith('$((', at)
    const inner = text.slice(at + 2, end - 1)
    return {parts: [isNumber ? {kind: 'unknown', quoted} : {kind: 'command', text: inner, quoted}], end}
  }
  if (next === '{') return readBraces(text, at, quoted)
  if (next === "'" && !quoted) {
    const end = endOf(text, at + 2, "'")
    const inner = text.slice(at + 2, end)
    return {parts: [inner.includes('\\') ? {kind: 'unknown', quoted: true} : quotedText(inner)], end: end + 1}
  }
  let end = at + 1
  if (nameStart.test(next)) while (nameCharacter.test(text[end] ?? '')) end += 1
  else if (special.test(next)) end += 1
  else return null
  return {parts: [variable(text.slice(at + 1, end), quoted)], end}
}

function variable(name: string, quoted: boolean): Part {
  return {kind: 'variable', name, operator: '', operand: [], replacement: [], quoted}
}

function readBraces(text: string, at: number, quoted: boolean): Read {
  let end = at + 2
  if (nameStart.test(text[end] ?? '')) while (nameCharacter.test(text[end] ?? '')) end += 1
  else if (special.test(text[end] ?? '')) end += 1
  const name = text.slice(at + 2, end)
  if (text.startsWith('[0]', end)) end += 3
  if (text[end] === '}' && name !== '') return {parts: [variable(name, quoted)], end: end + 1}
  const operator = name === '' ? undefined : parameterOperators.find(one => text.startsWith(one, end))
  if (operator === undefined)
    return {parts: [{kind: 'unknown', quoted}], end: Math.min(endOf(text, end, '}') + 1, text.length)}
  // A pattern has quotes of its own, inside quotes as well; a default has them only outside.
  const inner = quoted && !/[#%/]/.test(operator)
  const replaces = operator.startsWith('/')
  const start = end + operator.length
  const operand = readParts(text, start, here => text[here] === '}' || (replaces && text[here] === '/'), inner)
  const second =
    replaces && text[operand.end] === '/' ? readParts(text, operand.end + 1, here => text[here] === '}', inner) : null
  const parts: Part[] = [
    {kind: 'variable', name, operator, operand: operand.parts, replacement: second?.parts ?? [], quoted},
  ]
  return {parts, end: (second ?? operand).end + 1}
}

/** Where the bracket that opens at a place closes, the place after it; quotes hide brackets. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\') at += 1
    else if (character === "'") at = endOf(text, at + 1, "'")
    else if (character === '"') at = readParts(text, at + 1, here => text[here] === '"', true).end
    else if (character === '(') depth += 1
    else if (character === ')') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return text.length
}
