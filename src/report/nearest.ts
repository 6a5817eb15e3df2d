/**
 * The known names that a mistyped one most likely means, of the whole ones no more than three; empty
 * where none is near. What stands behind the last slash is a name as well: "login" is
 * database/login.
 */
export function nearest(name: string, known: readonly string[]): readonly string[] {
  const typed = name.toLowerCase().replace(/\/\*?$/, '')
  const last = (candidate: string): string => candidate.slice(candidate.lastIndexOf('/') + 1)
  const exact = known.filter(candidate => [candidate, last(candidate)].includes(typed))
  if (exact.length > 0) return exact
  const near = closest(typed, known, candidate => candidate)
  if (near.length > 0) return near.slice(0, 3)
  const begun = known.filter(
    candidate =>
      typed.length >= 3 && [candidate, last(candidate)].some(each => each.startsWith(typed)),
  )
  return begun.length > 0 ? begun : closest(typed, known, last)
}

/** "did you mean state/modes or state/space? ", or nothing; for a sentence that goes on. */
export function didYouMean(names: readonly string[]): string {
  const last = names.at(-1)
  if (last === undefined) return ''
  const others = names.slice(0, -1).join(', ')
  return `did you mean ${others === '' ? last : `${others} or ${last}`}? `
}

/** Those that the fewest edits lead to, if these are few for their length. */
function closest(
  typed: string,
  known: readonly string[],
  spelling: (candidate: string) => string,
): readonly string[] {
  // No name is as long, and comparing takes the product of both lengths.
  if (typed.length > 300) return []
  const measured = known
    .map(candidate => ({candidate, to: spelling(candidate)}))
    .map(({candidate, to}) => ({candidate, to, edits: distance(typed, to)}))
    // Two edits make a word of five letters another one: "start" is not "state".
    .filter(({to, edits}) => edits <= Math.max(Math.min(2, to.length / 3), to.length / 4))
  const fewest = Math.min(...measured.map(({edits}) => edits))
  return measured.filter(({edits}) => edits === fewest).map(({candidate}) => candidate)
}

/**
 * Insertions, deletions, replacements, and two neighbours in the wrong order (the restricted
 * distance of Damerau and Levenshtein).
 */
export function distance(from: string, to: string): number {
  const [one, other] = [[...from], [...to]]
  let above: readonly number[] = []
  let row = Array.from({length: other.length + 1}, (_, index) => index)
  for (const [index, character] of one.entries()) {
    const next = [index + 1]
    for (const [column, wanted] of other.entries()) {
      const replaced = (row[column] ?? 0) + (character === wanted ? 0 : 1)
      const isSwapped = character === other[column - 1] && wanted === one[index - 1]
      const swapped = isSwapped ? (above[column - 1] ?? 0) + 1 : replaced
      next.push(Math.min(replaced, swapped, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    above = row
    row = next
  }
  return row.at(-1) ?? 0
}
