import {closing, readParts} from './parts.ts'
import {endOf, type Read} from './quotes.ts'
import type {Part} from './syntax.ts'

export type Token =
  | {readonly kind: 'word'; readonly parts: readonly Part[]}
  /** A newline is `\n`. */
  | {readonly kind: 'operator'; readonly text: string}
  /** `>`, `2>&1`: the word after it does not belong to the arguments. */
  | {readonly kind: 'redirection'}

const operators = [
  '&&',
  '||',
  ';;&',
  ';;',
  ';&',
  '|&',
  '&>>',
  '&>',
  ';',
  '&',
  '|',
  '(',
  ')',
] as const
const redirections = ['<<<', '<<-', '<<', '<&', '<>', '<', '>>', '>&', '>|', '>'] as const

const blank = /[ \t\r]/

/** What ends a word: other white space, as a form feed or a no-break space, is a part of it. */
const ending = /[ \t\r\n;&|<>()]/

/**
 * A shell script as words and operators: "Token Recognition" of POSIX (XCU 2.3), with what bash
 * adds to words.
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  /** The delimiters of here-documents that begin after this line. */
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
      const read = readSymbol(text, at) ?? readWord(text, at)
      at = read.end
      if (read.token) tokens.push(read.token)
      if (read.delimiter !== undefined) hereDocuments.push(read.delimiter)
    }
  }
  return tokens
}

interface ReadToken {
  /** Null for the number in front of a redirection. */
  readonly token: Token | null
  readonly end: number
  /** Of a here-document that begins after this line. */
  readonly delimiter?: string
}

/** An operator or a redirection; null where a word begins. */
function readSymbol(text: string, at: number): ReadToken | null {
  const operator = operators.find(one => text.startsWith(one, at))
  if (operator === '&>' || operator === '&>>')
    return {token: {kind: 'redirection'}, end: at + operator.length}
  if (operator) return {token: {kind: 'operator', text: operator}, end: at + operator.length}
  const redirection = redirections.find(one => text.startsWith(one, at))
  const isProcess = /^[<>]\(/.test(text.slice(at, at + 2))
  if (!redirection || isProcess) return null
  const end = at + redirection.length
  if (redirection !== '<<' && redirection !== '<<-') return {token: {kind: 'redirection'}, end}
  const word = /^[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;&|<>()]+))/.exec(text.slice(end))
  return {token: {kind: 'redirection'}, end, delimiter: word?.[1] ?? word?.[2] ?? word?.[3] ?? ''}
}

function readWord(text: string, at: number): ReadToken {
  const {parts, end} = readWordParts(text, at)
  const isNumber = /^[<>]/.test(text[end] ?? '') && parts.every(isDigits)
  return {token: isNumber ? null : {kind: 'word', parts}, end}
}

function isDigits(part: Part): boolean {
  return part.kind === 'text' && !part.quoted && /^\d+$/.test(part.text)
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

function readWordParts(text: string, from: number): Read {
  const read = readParts(text, from, at => ending.test(text[at] ?? ''), false)
  if (read.end === from && /[<>]/.test(text[from] ?? '')) {
    // <(…), a process in the place of a file
    return {parts: [{kind: 'unknown', quoted: true}], end: closing(text, from + 1)}
  }
  const [first] = read.parts
  const array =
    read.parts.length === 1 && first?.kind === 'text' && /^[A-Za-z_]\w*\+?=$/.test(first.text)
  if (array && text[read.end] === '(')
    return {parts: [...read.parts, {kind: 'unknown', quoted: true}], end: closing(text, read.end)}
  return read
}
