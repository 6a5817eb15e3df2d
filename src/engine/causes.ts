import type {CheckId} from '../report/finding.ts'
import {rank} from '../report/report.ts'
import {matches} from './names.ts'
import type {Outcome} from './outcome.ts'

export interface Causes {
  /** Warning and critical checks that nothing explains, worst first. */
  readonly roots: readonly CheckId[]
  /** For each check that something explains: the failing checks that do, directly or through others. */
  readonly causedBy: ReadonlyMap<CheckId, readonly CheckId[]>
}

/**
 * Tells causes from consequences. A failing check is a consequence while a check that may explain it is at least as bad
 * (unknown explains only unknown). What a finding recognised itself (`because`) overrules the general graph.
 */
export function rootCauses(outcomes: readonly Outcome[]): Causes {
  const bad = outcomes.filter(({status}) => rank(status) >= rank('unknown'))
  const direct = new Map(bad.map(outcome => [outcome.check.id, explanations(outcome, bad)]))
  const causedBy = new Map<CheckId, readonly CheckId[]>()
  for (const {check, status} of bad) {
    if (status !== 'unknown') breakCycle(check.id, direct, bad)
  }
  for (const {check} of bad) {
    const causes = closure(check.id, direct)
    if (causes.size > 0)
      causedBy.set(
        check.id,
        bad.map(outcome => outcome.check.id).filter(id => causes.has(id)),
      )
  }
  const roots = bad
    .filter(({check, status}) => status !== 'unknown' && !causedBy.has(check.id))
    .sort((a, b) => rank(b.status) - rank(a.status))
  return {roots: roots.map(({check}) => check.id), causedBy}
}

/** Settings that went on without a part of themselves say what nobody meant: what is judged by them is a consequence. */
const judgedBySettings: readonly string[] = ['secrets/keys', 'static/*', 'database/*', 'http/proxy', 'app/*']

function explanations(outcome: Outcome, bad: readonly Outcome[]): Set<CheckId> {
  const partial = bad.find(({findings}) => findings.some(({code}) => code === 'import-swallowed'))
  if (partial && partial !== outcome && judgedBySettings.some(pattern => matches(pattern, outcome.check.id)))
    return new Set([partial.check.id])
  const worstFindings = outcome.findings.filter(({status}) => status === outcome.status)
  // One bad finding that nothing explains makes the check a root, whatever the others recognised.
  const recognised = worstFindings.map(({because}) => because)
  if (recognised.some(because => because?.length === 0)) return new Set()
  const patterns = recognised.flatMap(because => because ?? outcome.check.explainedBy ?? [])
  const explaining = bad.filter(other => {
    if (other === outcome || !patterns.some(pattern => matches(pattern, other.check.id))) return false
    if (other.status === 'unknown' || outcome.status === 'unknown') return other.status === outcome.status
    return rank(other.status) >= rank(outcome.status)
  })
  return new Set(explaining.map(({check}) => check.id))
}

/** Everything that stands behind a check, through any number of explanations; never the check itself. */
function closure(id: CheckId, direct: ReadonlyMap<CheckId, ReadonlySet<CheckId>>): Set<CheckId> {
  const found = new Set<CheckId>()
  const follow = (next: CheckId): void => {
    for (const cause of direct.get(next) ?? []) {
      if (found.has(cause)) continue
      found.add(cause)
      follow(cause)
    }
  }
  follow(id)
  found.delete(id)
  return found
}

/**
 * Checks that explain one another in a circle that nothing outside explains would leave no root at all. The member with
 * the fewest possible explanations is the most specific: it is taken as the cause of the others. One that itself
 * recognised another member as its cause is not.
 */
function breakCycle(id: CheckId, direct: Map<CheckId, Set<CheckId>>, bad: readonly Outcome[]): void {
  const behind = closure(id, direct)
  const circle = [id, ...behind].filter(member => closure(member, direct).has(id) || member === id)
  if (circle.length < 2 || [...behind].some(cause => !circle.includes(cause))) return
  const breadth = (member: CheckId): number => {
    const outcome = bad.find(({check}) => check.id === member)
    const named = outcome?.findings.some(({because}) => because?.some(each => each !== member && circle.includes(each)))
    const patterns = outcome?.check.explainedBy ?? []
    return patterns.reduce((sum, pattern) => sum + (pattern.endsWith('/*') ? 10 : 1), named ? 1000 : 0)
  }
  const [specific] = circle.sort((a, b) => breadth(a) - breadth(b))
  if (specific) direct.set(specific, new Set())
}
