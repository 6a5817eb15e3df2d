/** The known name that a mistyped one most likely means: few edits away for its length, or null. */
export function nearest(name: string, known: readonly string[]): string | null {
  const [best] = known
    .map(candidate => ({candidate, edits: distance(name.toLowerCase(), candidate)}))
    .filter(
      ({candidate, edits}) =>
        edits <= Math.max(2, candidate.length / 4) && edits <= candidate.length / 2,
    )
    .sort((a, b) => a.edits - b.edits)
  return best?.candidate ?? null
}

/** Levenshtein's: insertions, deletions and replacements. */
export function distance(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, index) => index)
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 0; column < to.length; column += 1) {
      const replaced = (row[column] ?? 0) + (character === to[column] ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
