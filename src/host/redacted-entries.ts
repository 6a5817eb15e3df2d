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
  const said = [...byProcess.values()].map(indexes => ({
    indexes,
    lines: indexes.map(index => texts[index] ?? ''),
  }))
  // Whatever is learned makes the next search begin with all secrets anew, so that comes first.
  for (const {lines} of said) secrets.learn(lines.join('\n'))
  for (const {indexes, lines} of said)
    for (const [at, text] of secrets.redactAll(lines).entries()) texts[indexes[at] ?? -1] = text
  return entries.map((entry, index) => ({...entry, text: texts[index] ?? ''}))
}
