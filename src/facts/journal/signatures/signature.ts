import type {Unit} from '../../../host/unit.ts'
import type {Because} from '../../../report/finding.ts'
import type {JournalLine} from '../journal.ts'

/** A message that is known, and what stands behind it. */
export interface Signature<N extends string = string> extends Described<N> {
  /** Who says it; the same words from another prove nothing. */
  readonly by: JournalLine['by']
  /**
   * `hint`: tells what went wrong where nothing says why. `noise`: follows from a cause, or does no
   * harm.
   */
  readonly kind: 'cause' | 'hint' | 'noise'
}

/** What a table says of a message; without a kind it is a cause. */
export interface Described<N extends string = string> {
  /** Stable: "address-in-use". */
  readonly name: N
  /**
   * Matches from the start of what is said: a line of the access log may hold any words further on.
   */
  readonly pattern: RegExp
  readonly kind?: Signature['kind']
  /**
   * The checks that find the cause; `itself` where the message tells the cause, null where it
   * leaves that open.
   */
  readonly because: Because | null
  /** In place of the message's own first line, where that says less or says it worse. */
  readonly meaning?: (match: RegExpExecArray, unit: Unit) => string
  /**
   * The property of the unit that decides, as `systemctl show` names it: its value belongs in what
   * is said.
   */
  readonly setting?: string
  /** The message as it was really seen. */
  readonly example: string
}

/** A table of what one speaker says. */
export function signaturesOf<N extends string>(
  by: JournalLine['by'],
  described: readonly Described<N>[],
): readonly Signature<N>[] {
  return described.map(each => ({kind: 'cause', by, ...each}))
}
