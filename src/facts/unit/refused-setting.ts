import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import {findJournal} from '../journal/journal.ts'

/**
 * The setting for which systemd refused to load the unit, with file and line, in systemd's own
 * words: LoadError= has neither. Null where the journal does not tell.
 */
export async function refusedSetting(host: Host, unit: Unit): Promise<string | null> {
  const lines = (await findJournal(host, unit)) ?? []
  // What systemd only ignores is not the reason, and may quote the value of a variable.
  const refused = /^\/\S+:\d+: (?!.*\bignoring\b)|\bRefusing\.$/i
  return lines.findLast(({by, text}) => by === 'systemd' && refused.test(text))?.text ?? null
}
