import {
  endOf,
  quotedText,
  type Read,
  readBackquotes,
  readDollarQuotes,
  readEscape,
  readSingleQuotes,
} from './quotes.ts'
import type {Part} from './syntax.ts'

const parameterOperators = [
  ':-',
  ':+',
  ':=',
  ':?',
  '##',
  '%%',
  '//',
  '-',
  '+',
  '=',
  '?',
  '#',
  '%',
  '/',
] as const

const nameStart = /[A-Za-z_]/
const nameCharacter = /[A-Za-z0-9_]/
const special = /[0-9@*#?$!-]/

/**
 * Reads until `stop` says so; inside double quotes blanks and single quotes are nothing special.
 */
export function readParts(
  text: string,
  from: number,
  stop: (at: number) => boolean,
  quoted: boolean,
): Read {
  const parts: Part[] = []
  let at = from
  let plain = ''
  const flush = (): void => {
    if (plain !== '') parts.push({kind: 'text', text: plain, quoted})
    plain = ''
  }
  while (at < text.length && !stop(at)) {
    const read = readSpecial(text, at, quoted)
    if (read) {
      // A line that goes on with the next adds nothing, and ends nothing.
      if (read.parts.length > 0) flush()
      parts.push(...read.parts)
      at = read.end
    } else {
      plain += text[at] ?? ''
      at += 1
    }
  }
  flush()
  return {parts, end: at}
}

/** What begins with a character that means more than itself; null where it does not. */
function readSpecial(text: string, at: number, quoted: boolean): Read | null {
  switch (text[at]) {
    case '\\':
      return readEscape(text, at, quoted)
    case "'":
      return quoted ? null : readSingleQuotes(text, at)
    case '"':
      return readDoubleQuotes(text, at)
    case '`':
      return readBackquotes(text, at, quoted)
    case '$':
      return readDollar(text, at, quoted)
    default:
      return null
  }
}

function readDoubleQuotes(text: string, at: number): Read {
  const start = at + 1
  const {parts, end} = readParts(text, start, here => text[here] === '"', true)
  const read: readonly Part[] = end >= text.length ? [{kind: 'unknown', quoted: true}] : parts
  return {parts: end === start ? [...read, quotedText('')] : read, end: end + 1}
}

/** What begins with `$`; null where it is only that character. */
function readDollar(text: string, at: number, quoted: boolean): Read | null {
  const next = text[at + 1] ?? ''
  if (next === '(') {
    const end = closing(text, at + 1)
    const isNumber = text.startsWith('$((', at)
    const inner = text.slice(at + 2, end - 1)
    return {
      parts: [isNumber ? {kind: 'unknown', quoted} : {kind: 'command', text: inner, quoted}],
      end,
    }
  }
  if (next === '{') return readBraces(text, at, quoted)
  if (next === "'" && !quoted) return readDollarQuotes(text, at)
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
  const operator =
    name === '' ? undefined : parameterOperators.find(one => text.startsWith(one, end))
  if (operator === undefined)
    return {
      parts: [{kind: 'unknown', quoted}],
      end: Math.min(endOf(text, end, '}') + 1, text.length),
    }
  // A pattern has quotes of its own, inside quotes as well; a default has them only outside.
  const inner = quoted && !/[#%/]/.test(operator)
  const replaces = operator.startsWith('/')
  const start = end + operator.length
  const operand = readParts(
    text,
    start,
    here => text[here] === '}' || (replaces && text[here] === '/'),
    inner,
  )
  const second =
    replaces && text[operand.end] === '/'
      ? readParts(text, operand.end + 1, here => text[here] === '}', inner)
      : null
  const parts: Part[] = [
    {
      kind: 'variable',
      name,
      operator,
      operand: operand.parts,
      replacement: second?.parts ?? [],
      quoted,
    },
  ]
  return {parts, end: (second ?? operand).end + 1}
}

/** Where the bracket that opens at a place closes, the place after it; quotes hide brackets. */
export function closing(text: string, open: number): number {
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
