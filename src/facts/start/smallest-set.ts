/** What a search has found. */
export type Search =
  /** None of them can be spared, and together they are enough: both were tried. */
  | {readonly kind: 'found'; readonly set: readonly string[]}
  /** An answer failed to come: these are enough together, and fewer may be. */
  | {readonly kind: 'open'; readonly among: readonly string[]}

/**
 * Whether these are enough: true, false, or null where that could not be told (no time was left).
 */
export type IsEnough = (some: readonly string[]) => Promise<boolean | null>

/**
 * The smallest set that is enough, by halves: about log2(n) questions for each member. All together
 * are known to be enough, and none at all not to be. Where more is not always enough (one of them
 * needs another), what comes out was still tried: it is enough, and no member can be spared.
 */
export async function smallestSet(all: readonly string[], isEnough: IsEnough): Promise<Search> {
  const known = new Map<string, boolean>([
    [keyOf(all), true],
    [keyOf([]), false],
  ])
  const ask: IsEnough = async some => {
    const before = known.get(keyOf(some))
    if (before !== undefined) return before
    const answer = await isEnough(some)
    if (answer !== null) known.set(keyOf(some), answer)
    return answer
  }
  let needed: readonly string[] = []
  let candidates = all
  for (;;) {
    const count = await fewest(candidates, some => ask([...needed, ...some]))
    if (typeof count !== 'number') return {kind: 'open', among: [...needed, ...count.among]}
    needed = [...needed, ...candidates.slice(count - 1, count)]
    candidates = candidates.slice(0, count - 1)
    const enough = await ask(needed)
    if (enough === null) return {kind: 'open', among: [...needed, ...candidates]}
    if (enough) return withoutSpare(needed, ask)
  }
}

/** How many of the first are needed, where all are enough and none is not. */
async function fewest(
  candidates: readonly string[],
  isEnough: IsEnough,
): Promise<number | {readonly among: readonly string[]}> {
  let tooFew = 0
  let enough = candidates.length
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2)
    const answer = await isEnough(candidates.slice(0, middle))
    if (answer === null) return {among: candidates.slice(0, enough)}
    if (answer) enough = middle
    else tooFew = middle
  }
  return enough
}

/** Tries each whether it can be spared. */
async function withoutSpare(set: readonly string[], isEnough: IsEnough): Promise<Search> {
  let left = set
  for (const each of set) {
    const fewer = left.filter(other => other !== each)
    const enough = await isEnough(fewer)
    if (enough === null) return {kind: 'open', among: left}
    if (enough) left = fewer
  }
  return {kind: 'found', set: left}
}

function keyOf(some: readonly string[]): string {
  return [...some].sort().join('\n')
}
