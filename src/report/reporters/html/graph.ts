import type {CheckReport, Report} from '../../report.ts'

/** A check that fails or was skipped because of the one above it. */
export interface Consequence {
  readonly check: CheckReport
  readonly consequences: readonly Consequence[]
  /** Ids of the other root causes that explain it as well. */
  readonly also: readonly string[]
}

/**
 * What follows from each root cause, as a tree: `causedBy` names every cause of a check, near and
 * far, so that each stands below the nearest, which is the one that itself is farthest from the
 * root. What several root causes explain stands below each of them. What needed something of the
 * tree and was skipped for it belongs to it too.
 * @returns by the id of the root cause, in the order of the report; what fails comes first.
 */
export function consequencesOf({
  rootCauses,
  checks,
}: Pick<Report, 'rootCauses' | 'checks'>): ReadonlyMap<string, readonly Consequence[]> {
  const belows = new Map(rootCauses.map(root => [root, below(root, checks)] as const))
  const alsoOf = (id: string, root: string): readonly string[] =>
    rootCauses.filter(other => other !== root && belows.get(other)?.has(id))
  return new Map(
    [...belows].map(([root, parents]) => {
      const under = (parent: string): readonly Consequence[] =>
        checks
          .filter(({id}) => parents.get(id) === parent)
          .sort((a, b) => Number(isSkipped(a)) - Number(isSkipped(b)))
          .map(check => ({check, consequences: under(check.id), also: alsoOf(check.id, root)}))
      return [root, under(root)]
    }),
  )
}

/** How many fail, and how many were skipped. */
export function countOf(consequences: readonly Consequence[]): {
  readonly failing: number
  readonly skipped: number
} {
  const all = consequences.flatMap(function flat(each): readonly CheckReport[] {
    return [each.check, ...each.consequences.flatMap(flat)]
  })
  const skipped = all.filter(isSkipped).length
  return {failing: all.length - skipped, skipped}
}

function isSkipped({status}: CheckReport): boolean {
  return status === 'skipped'
}

/** The nearest reason of everything that follows from a root cause, by id. */
function below(root: string, checks: readonly CheckReport[]): ReadonlyMap<string, string> {
  const reasons = reasonsBelow(root, checks)
  const depths = new Map([[root, 0]])
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    // Whoever comes back here is in a circle, which the engine never makes: it ends.
    depths.set(id, 0)
    const depth = 1 + Math.max(0, ...(reasons.get(id) ?? []).map(depthOf))
    depths.set(id, depth)
    return depth
  }
  return new Map(
    [...reasons].map(([id, above]) => {
      const nearest = above.reduce((best, next) => (depthOf(next) > depthOf(best) ? next : best))
      return [id, nearest]
    }),
  )
}

/** Their ids, and those of all that was skipped because of one of them, near and far. */
export function withSkipped(
  some: readonly CheckReport[],
  checks: readonly CheckReport[],
): ReadonlySet<string> {
  const members = new Set(some.map(({id}) => id))
  const isNew = ({id, skippedBecause}: CheckReport): boolean =>
    !members.has(id) && skippedBecause.some(need => members.has(need))
  // A check may need one that stands further down.
  for (let found = checks.filter(isNew); found.length > 0; found = checks.filter(isNew))
    for (const {id} of found) members.add(id)
  return members
}

/** What follows from a root cause, and every reason for it that does so too. */
function reasonsBelow(
  root: string,
  checks: readonly CheckReport[],
): ReadonlyMap<string, readonly string[]> {
  const caused = checks.filter(({id, causedBy}) => id === root || causedBy.includes(root))
  const members = withSkipped(caused, checks)
  return new Map(
    checks
      .filter(({id}) => id !== root && members.has(id))
      .map(({id, causedBy, skippedBecause}) => [
        id,
        [...causedBy, ...skippedBecause].filter(reason => members.has(reason) && reason !== id),
      ]),
  )
}
