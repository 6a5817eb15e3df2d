import {plain, type Word} from './syntax.ts'
import type {Token} from './tokens.ts'

/** Tokens, read one after the other. */
export interface Reader {
  readonly tokens: readonly Token[]
  at: number
  /** The structure was not understood: what is read from then on counts for nothing. */
  failed: boolean
}

export function peek({tokens, at}: Reader): Token | undefined {
  return tokens[at]
}

export function isAtEnd({tokens, at}: Reader): boolean {
  return at >= tokens.length
}

export function isOperator(reader: Reader, ...texts: readonly string[]): boolean {
  const token = peek(reader)
  return token?.kind === 'operator' && texts.includes(token.text)
}

/** The plain word that is next, or the bracket. */
export function keyword(reader: Reader): string | null {
  const token = peek(reader)
  if (token?.kind === 'operator') return token.text
  return token?.kind === 'word' ? plain(token.parts) : null
}

/** Passes a keyword, where it is next. */
export function accept(reader: Reader, text: string): boolean {
  if (keyword(reader) !== text) return false
  reader.at += 1
  return true
}

export function expect(reader: Reader, text: string): void {
  if (!accept(reader, text)) reader.failed = true
}

export function skipOperators(reader: Reader, ...texts: readonly string[]): void {
  while (isOperator(reader, ...texts)) reader.at += 1
}

export function readWord(reader: Reader): Word {
  const token = peek(reader)
  if (token?.kind === 'word') {
    reader.at += 1
    return token.parts
  }
  reader.failed = true
  return []
}
