import {type Alteration, type Hands, Refused, readable, type Survey} from '../host/hands.ts'
import type {Change} from '../report/finding.ts'

/** What the steps of this run have altered so far: of each path the last. */
export type Past = Map<string, Alteration>

/** Notes what a step has altered. */
export function remember(past: Past, {entries}: Survey, untouched: readonly string[]): void {
  const kept = new Set(untouched)
  for (const entry of entries) if (!kept.has(entry.path)) past.set(entry.path, entry)
}

/**
 * Looks at what a step is about to alter just before it does, and holds that against what was
 * shown. What the run's own earlier steps did is no difference; what anybody else changed is
 * refused, and what was not shown is left out. What is as it should be by now, or gone, needs
 * nothing.
 * @throws Refused where a guard says no to all of it.
 */
export async function surveyAgain(
  hands: Hands,
  change: Change,
  shown: Survey,
  past: Past,
): Promise<Survey> {
  const found = await surveyed(hands, change, shown, past)
  const known = new Map(shown.entries.map(entry => [entry.path, entry]))
  const refused = [...found.refused]
  const entries = found.entries.filter(entry => {
    const before = known.get(entry.path)
    const why = before ? differenceOf(before, entry, past.get(entry.path)) : null
    if (why !== null) refused.push({path: entry.path, why})
    return before && why === null
  })
  return {...found, entries, refused}
}

async function surveyed(hands: Hands, change: Change, shown: Survey, past: Past): Promise<Survey> {
  try {
    return await hands.survey(change, [readable(shown.bound)])
  } catch (error) {
    // An earlier step moved or removed it.
    const last = past.get(shown.change.path)
    if (error instanceof Refused && last?.to === null) return {...shown, entries: [], refused: []}
    throw error
  }
}

function differenceOf(
  before: Alteration,
  now: Alteration,
  last: Alteration | undefined,
): string | null {
  if (now.ino !== before.ino) return 'it was replaced meanwhile'
  // What is moved or removed may have any owner and mode by then.
  if (now.to === null) return null
  const expected = last?.ino === now.ino && last.to !== null ? last.to : before.was
  const isSame =
    now.was?.uid === expected?.uid &&
    now.was?.gid === expected?.gid &&
    now.was?.mode === expected?.mode
  return isSame ? null : 'it was changed meanwhile'
}
