import type {Part} from './syntax.ts'

/** The parts, and the place after them. */
export interface Read {
  readonly parts: readonly Part[]
  readonly end: number
}

/** Where a mark stands, or the end of the text. */
export function endOf(text: string, from: number, mark: string): number {
  const end = text.indexOf(mark, from)
  return end < 0 ? text.length : end
}

/** `\\x`; null where the backslash stands for itself. */
export function readEscape(text: string, at: number, quoted: boolean): Read | null {
  const next = text[at + 1] ?? ''
  if (next === '\n') return {parts: [], end: at + 2}
  if (quoted && !/["\\$`]/.test(next)) return null
  return {parts: [quotedText(next)], end: at + 2}
}

export function readSingleQuotes(text: string, at: number): Read {
  const end = endOf(text, at + 1, "'")
  return {
    parts: [
      end === text.length ? {kind: 'unknown', quoted: true} : quotedText(text.slice(at + 1, end)),
    ],
    end: end + 1,
  }
}

export function readBackquotes(text: string, at: number, quoted: boolean): Read {
  const end = endOf(text, at + 1, '`')
  return {parts: [{kind: 'command', text: text.slice(at + 1, end), quoted}], end: end + 1}
}

/** `$'…'`, where a backslash means what is not understood here. */
export function readDollarQuotes(text: string, at: number): Read {
  const end = endOf(text, at + 2, "'")
  const inner = text.slice(at + 2, end)
  return {
    parts: [inner.includes('\\') ? {kind: 'unknown', quoted: true} : quotedText(inner)],
    end: end + 1,
  }
}

export function quotedText(text: string): Part {
  return {kind: 'text', text, quoted: true}
}
