import type {JournalLine} from './journal.ts'
import {databaseSignatures} from './signatures/database.ts'
import {gunicornSignatures} from './signatures/gunicorn.ts'
import {pythonSignatures} from './signatures/python.ts'
import type {Signature} from './signatures/signature.ts'
import {systemdSignatures} from './signatures/systemd.ts'

/** The first that matches counts: what tells more comes first. */
export const signatures: readonly Signature[] = [
  ...systemdSignatures,
  ...databaseSignatures,
  ...pythonSignatures,
  ...gunicornSignatures,
]

export interface Recognised {
  readonly signature: Signature
  readonly match: RegExpExecArray
}

/** What is known of a message; null for one that nobody has described. */
export function recognise({by, text}: Pick<JournalLine, 'by' | 'text'>): Recognised | null {
  for (const signature of signatures) {
    const match = signature.by === by ? signature.pattern.exec(text) : null
    if (match) return {signature, match}
  }
  return null
}
