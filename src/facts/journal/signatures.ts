import type {Because, CheckId} from '../../report/finding.ts'
import type {JournalLine} from './journal.ts'
import {databaseSignatures} from './signatures/database.ts'
import {gunicornSignatures} from './signatures/gunicorn.ts'
import {pythonSignatures} from './signatures/python.ts'
import type {Signature} from './signatures/signature.ts'
import {systemdSignatures} from './signatures/systemd.ts'

/** The first that matches counts: what tells more comes first. */
export const signatures = [
  ...systemdSignatures,
  ...databaseSignatures,
  ...pythonSignatures,
  ...gunicornSignatures,
] as const

export type SignatureName = (typeof signatures)[number]['name']

export interface Recognised {
  readonly signature: Signature<SignatureName>
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

/**
 * The checks that explain what was said, app/settings among them: where the application itself is
 * at fault, Django was asked, and says so in its own words.
 */
export function explainersOf(because: Because): readonly CheckId[] {
  return [...(because === 'itself' ? [] : because), 'app/settings']
}
