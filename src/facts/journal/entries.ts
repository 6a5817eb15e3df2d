import type {Host, JournalEntry, JournalSource} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {redactedEntries} from '../../host/redacted-entries.ts'

/**
 * The last entries of the journal, without the secrets that are known by now: who reads them takes
 * them apart, and of a secret in two pieces none would be recognised. Null where the journal may
 * not be read.
 */
export async function findEntries(
  host: Host,
  sources: readonly JournalSource[],
  count: number,
): Promise<readonly JournalEntry[] | null> {
  const entries = await ifSeen(host.journal(sources, count))
  return entries && redactedEntries(entries, host.secrets)
}
