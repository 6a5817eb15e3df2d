import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import {findJournal} from './journal.ts'

/** Whether the service said such words since the boot; false also where nobody may read that. */
export async function hasSaid(host: Host, unit: Unit, words: RegExp): Promise<boolean> {
  const journal = await findJournal(host, unit)
  return (journal ?? []).some(({by, text}) => by === 'service' && words.test(text))
}
