import type {Unit} from '../../../host/unit.ts'
import type {CheckId} from '../../../report/finding.ts'
import type {JournalLine} from '../journal.ts'
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
