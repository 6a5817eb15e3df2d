import type {CheckId, Finding} from '../report/finding.ts'
import type {CheckReport} from '../report/report.ts'
import type {Causes, LayerOf} from './causes.ts'
import {matches} from './names.ts'
import type {Outcome} from './outcome.ts'
import {factsId} from './run.ts'

type Told = Finding & Pick<CheckReport['findings'][number], 'unexplained'>

/**
 * A finding as it is said where nothing explains it: that comes first, then what was ruled out by
 * checks that passed and by experiments, the last lines, and what would tell more. Where it only
 * names checks as its cause, and they pass, its words stay: they say what was seen.
 */
export function whereOpen(
  finding: Finding,
  outcome: Outcome,
  outcomes: readonly Outcome[],
  {roots}: Causes,
  layerOf: LayerOf,
): Told {
  const {open, because, message, status} = finding
  const {id} = outcome.check
  if (!roots.includes(id)) return finding
  const named = Array.isArray(because) ? because : []
  const isNamed = (other: CheckId): boolean => named.some(pattern => matches(pattern, other))
  const matters = (other: CheckId): boolean =>
    isNamed(other) || (open !== undefined && (other === factsId || layerOf(other) < layerOf(id)))
  const passed = outcomes
    .filter(other => other.status === 'ok' && other.check.id !== id && matters(other.check.id))
    .map(other => other.check.id)
  if (!open) {
    const owners = outcomes.filter(other => isNamed(other.check.id))
    const isRuledOut = owners.length > 0 && owners.every(other => other.status === 'ok')
    // By a milder finding nobody asks what explains the check.
    if (!isRuledOut || status !== outcome.status) return finding
    return {...finding, unexplained: {ruledOut: passed, experiments: [], lines: []}}
  }
  return {
    ...finding,
    message: `no cause is known: ${message}`,
    remedy: open.look,
    unexplained: {ruledOut: passed, experiments: ruledOutByTrial(outcomes), lines: [...open.lines]},
  }
}

type Tried = NonNullable<Told['unexplained']>['experiments']

/** Whatever check made them: an experiment is made only where something is wrong. */
function ruledOutByTrial(outcomes: readonly Outcome[]): Tried {
  return outcomes.flatMap(({check, findings}) =>
    findings
      .flatMap(({experiments = []}) => experiments)
      .flatMap(({outcome, rulesOut}) =>
        rulesOut === null ? [] : [{check: check.id, rulesOut, outcome}],
      ),
  )
}
