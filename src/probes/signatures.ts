import type {CheckId} from '../check.ts'
import type {JournalLine} from './journal.ts'
import {databaseSignatures} from './signatures/database.ts'
import {gunicornSignatures} from './signatures/gunicorn.ts'
import {pythonSignatures} from './signatures/python.ts'
import {systemdSignatures} from './signatures/systemd.ts'
import type {Unit} from './systemd.ts'

/** A message that is known, and what stands behind it. */
export interface Signature {
  /** Stable: "address-in-use". */
  readonly name: string
  /** Who says it; the same words of another prove nothing. */
  readonly by: JournalLine['by']
  /** Matches from the start of what is said: a line of the access log may hold any words further on. */
  readonly pattern: RegExp
  /** `hint`: tells what went wrong where nothing says why. `noise`: follows from a cause, or does no harm. */
  readonly kind: 'cause' | 'hint' | 'noise'
  /** The checks that find the cause; empty where the message is the cause itself, null where it leaves that open. */
  readonly because: readonly CheckId[] | null
  /** In place of the message's own first line, where that says less or says it worse. */
  readonly meaning?: (match: RegExpExecArray, unit: Unit) => string
  /** The property of the unit that decides, as `systemctl show` names it: its value belongs into what is said. */
  readonly setting?: string
  /** The message as it was really seen. */
  readonly example: string
}

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
