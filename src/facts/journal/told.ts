import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import {findJournal, type JournalLine} from './journal.ts'

/** Whether the service said such words since the boot; false also where nobody may read that. */
export async function hasSaid(host: Host, unit: Unit, words: RegExp): Promise<boolean> {
  const journal = await findJournal(host, unit)
  return (journal ?? []).some(({by, text}) => by === 'service' && words.test(text))
}

/** Milliseconds: what was said earlier has been lived with. */
const lately = 3_600_000

/** What the service said within the last hour, and matches; nothing where nobody may read that. */
export async function saidLately(
  host: Host,
  unit: Unit,
  words: RegExp,
): Promise<readonly JournalLine[]> {
  const journal = await findJournal(host, unit)
  return (journal ?? []).filter(
    ({by, text, at}) => by === 'service' && at >= host.now() - lately && words.test(text),
  )
}
