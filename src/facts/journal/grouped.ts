import type {Statement} from './journal.ts'
import {type Recognised, recognise} from './signatures.ts'

/** A statement, with what is known of it. */
export interface Said extends Statement {
  readonly recognised: Recognised | null
}

/** Statements that say the same. */
export interface Group {
  readonly last: Said
  readonly count: number
}

/**
 * What tells of a fault: messages that are known as causes, by their signature, and exceptions that
 * nobody described.
 */
export function faultsIn(statements: readonly Statement[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const statement of statements) {
    const recognised = recognise(statement)
    const isFault = recognised ? recognised.signature.kind === 'cause' : statement.exception
    if (!isFault) continue
    const key = recognised ? recognised.signature.name : `exception ${statement.text}`
    groups.set(key, {last: {...statement, recognised}, count: (groups.get(key)?.count ?? 0) + 1})
  }
  return [...groups.values()]
}
