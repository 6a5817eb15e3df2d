import type {CheckId, Finding} from '../report/finding.ts'
import {rank} from '../report/report.ts'
import {matches} from './names.ts'
import type {Outcome} from './outcome.ts'

export interface Causes {
  /** Warning and critical checks that nothing explains, worst first. */
  readonly roots: readonly CheckId[]
  /**
   * For each check that something explains: the failing checks that do, directly or through others.
   */
  readonly causedBy: ReadonlyMap<CheckId, readonly CheckId[]>
}

/** Where a check stands, from the ground up. */
export type LayerOf = (id: CheckId) => number

/**
 * Tells causes from consequences. A symptom is a consequence of every check in a lower layer that
 * is at least as bad; a cause is a root, whatever else is wrong. What a finding recognised itself
 * (`because`) overrules both, and so does a check that `explains` others. Nothing explains itself
 * by way of others: an explanation that would close a circle is left out.
 */
export function rootCauses(outcomes: readonly Outcome[], layerOf: LayerOf): Causes {
  const bad = outcomes.filter(({status}) => status === 'warning' || status === 'critical')
  const graph = new Map<CheckId, Set<CheckId>>(bad.map(({check}) => [check.id, new Set()]))
  const draw = (from: Outcome, to: readonly Outcome[]): void => {
    for (const {check} of to)
      if (!reaches(graph, check.id, from.check.id)) graph.get(from.check.id)?.add(check.id)
  }
  const fromBelow = [...bad].sort((a, b) => layerOf(a.check.id) - layerOf(b.check.id))
  // What was recognised counts before what only stands below.
  const open = fromBelow.filter(outcome => {
    const recognised = recognisedCauses(outcome, bad)
    if (recognised) draw(outcome, recognised)
    return !recognised
  })
  for (const outcome of open) {
    if (worstOf(outcome).some(isCause)) continue
    const named = worstOf(outcome).flatMap(({because, explainedBy = []}) =>
      Array.isArray(because) ? because : explainedBy,
    )
    const layer = layerOf(outcome.check.id)
    const lower = ({check}: Outcome): boolean =>
      named.includes(check.id) || layerOf(check.id) < layer
    draw(
      outcome,
      bad.filter(other => lower(other) && isAsBad(other, outcome)),
    )
  }
  const causedBy = new Map(
    bad.flatMap(({check}) => {
      const behind = everythingBehind(graph, check.id)
      return behind.size > 0
        ? [[check.id, bad.map(other => other.check.id).filter(id => behind.has(id))] as const]
        : []
    }),
  )
  const roots = bad
    .filter(({check}) => !causedBy.has(check.id))
    .sort((a, b) => rank(b.status) - rank(a.status))
  return {roots: roots.map(({check}) => check.id), causedBy}
}

function worstOf({findings, status}: Outcome): readonly Finding[] {
  return findings.filter(finding => finding.status === status)
}

function isAsBad(other: Outcome, outcome: Outcome): boolean {
  return rank(other.status) >= rank(outcome.status)
}

/** One such finding makes the check a root, whatever its others are explained by. */
function isCause({kind, because}: Finding): boolean {
  return because === 'itself' || (because === undefined && kind !== 'symptom')
}

/**
 * The checks that an outcome is known to follow from; null where its findings leave that to the
 * layers.
 */
function recognisedCauses(outcome: Outcome, bad: readonly Outcome[]): readonly Outcome[] | null {
  const owner = bad.find(
    other => other !== outcome && isAsBad(other, outcome) && explains(other, outcome.check.id),
  )
  if (owner) return [owner]
  const named = worstOf(outcome).map(({because}) => because)
  if (!named.every(because => Array.isArray(because))) return null
  const ids = named.flat()
  return bad.filter(
    other => other !== outcome && ids.includes(other.check.id) && isAsBad(other, outcome),
  )
}

function explains({findings}: Outcome, id: CheckId): boolean {
  return findings.some(finding => finding.explains?.some(pattern => matches(pattern, id)))
}

type Graph = ReadonlyMap<CheckId, ReadonlySet<CheckId>>

/** Every check that stands behind one, through any number of explanations. */
function everythingBehind(
  graph: Graph,
  id: CheckId,
  found = new Set<CheckId>(),
): ReadonlySet<CheckId> {
  for (const next of graph.get(id) ?? []) {
    if (found.has(next)) continue
    found.add(next)
    everythingBehind(graph, next, found)
  }
  return found
}

function reaches(graph: Graph, from: CheckId, to: CheckId): boolean {
  return from === to || everythingBehind(graph, from).has(to)
}
