import {untold} from './start.ts'
import {isKnownSet, lookedUp, type State, spend} from './state.ts'
import type {Part, Word} from './syntax.ts'

/** A word as one string, without splitting and without what only the machine could tell. */
export function textOf(word: Word, state: State): string {
  return word.map(part => partText(part, state)).join('')
}

/** What a part stands for; `untold` for a substitution. */
export function partText(part: Part, state: State): string {
  if (part.kind === 'text') return part.text
  if (part.kind !== 'variable') return untold
  const {name, operator} = part
  const isSet = isKnownSet(name, state)
  const value = lookedUp(name, state)
  const operand = (): string => textOf(part.operand, state)
  const isGiven = operator.startsWith(':')
    ? isSet === null || value.includes(untold)
      ? null
      : isSet && value !== ''
    : isSet
  switch (operator) {
    case '':
    case ':?':
    case '?':
      return value
    case ':-':
    case '-':
      return isGiven === null ? untold : isGiven ? value : operand()
    case ':=':
    case '=':
      if (isGiven === null) return untold
      if (!isGiven) state.variables.set(name, operand())
      return lookedUp(name, state)
    case ':+':
    case '+':
      return isGiven === null ? untold : isGiven ? operand() : ''
    default:
      return trimmed(part, value, state)
  }
}

/**
 * `${NAME#pattern}` and its kin, for patterns without special characters, `%/*` and `##` with a
 * slash.
 */
function trimmed(part: Part & {kind: 'variable'}, value: string, state: State): string {
  const {operator} = part
  const pattern = textOf(part.operand, state)
  if (`${value}${pattern}`.includes(untold)) return untold
  if (hasGlob(part.operand)) {
    if (operator === '%' && pattern === '/*')
      return value.includes('/') ? value.slice(0, value.lastIndexOf('/')) : value
    if (operator === '##' && pattern === '*/') return value.slice(value.lastIndexOf('/') + 1)
    return untold
  }
  if (pattern === '') return value
  if (operator.startsWith('#'))
    return value.startsWith(pattern) ? value.slice(pattern.length) : value
  if (operator.startsWith('%'))
    return value.endsWith(pattern) ? value.slice(0, -pattern.length) : value
  const replacement = textOf(part.replacement, state)
  const pieces = value.split(pattern)
  spend(state, pieces.length * replacement.length)
  if (operator === '//') return pieces.join(replacement)
  const at = value.indexOf(pattern)
  return at < 0 ? value : `${value.slice(0, at)}${replacement}${value.slice(at + pattern.length)}`
}

/**
 * Null where it cannot be told: only `*` and patterns without special characters are understood.
 */
export function matchesPattern(pattern: Word, subject: string, state: State): boolean | null {
  if (
    pattern.length === 1 &&
    pattern[0]?.kind === 'text' &&
    !pattern[0].quoted &&
    pattern[0].text === '*'
  )
    return true
  if (hasGlob(pattern)) return null
  const text = textOf(pattern, state)
  return text.includes(untold) || subject.includes(untold) ? null : text === subject
}

function hasGlob(word: Word): boolean {
  return word.some(part => !part.quoted && (part.kind !== 'text' || /[*?[\]]/.test(part.text)))
}
