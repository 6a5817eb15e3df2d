import type {JournalEntry} from './host.ts'
import type {Secrets} from './secrets.ts'

/**
 * What each process said is one text: journald makes an entry of each line, and of each 48 KiB
 * (LineMax= in journald.conf(5)).
 */
export function redactedEntries(
  entries: readonly JournalEntry[],
  secrets: Secrets,
): readonly JournalEntry[] {
  const byProcess = Map.groupBy(entries.keys(), index => entries[index]?.pid)
  const texts = entries.map(({text}) => text)
  for (const indexes of byProcess.values()) {
    const said = indexes.map(index => texts[index] ?? '')
    secrets.learn(said.join('\n'))
    for (const [at, text] of secrets.redactAll(said).entries()) texts[indexes[at] ?? -1] = text
  }
  return entries.map((entry, index) => ({...entry, text: texts[index] ?? ''}))
}
