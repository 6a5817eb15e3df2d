import type {CheckId, Finding} from '../report/finding.ts'
import type {CheckReport} from '../report/report.ts'
import type {Causes, LayerOf} from './causes.ts'
import type {Outcome} from './outcome.ts'
import {factsId} from './run.ts'

type Unexplained = Pick<CheckReport['findings'][number], 'unexplained'>

/**
 * A finding as it is said where nothing explains it: that comes first, then what was ruled out by
 * checks that passed, the last lines, and what would tell more.
 */
export function whereOpen(
  finding: Finding,
  {check}: Outcome,
  outcomes: readonly Outcome[],
  {roots}: Causes,
  layerOf: LayerOf,
): Finding & Unexplained {
  const {open, because, message} = finding
  if (!open || !roots.includes(check.id)) return finding
  const named = Array.isArray(because) ? because : []
  const matters = (id: CheckId): boolean =>
    id === factsId || named.includes(id) || layerOf(id) < layerOf(check.id)
  const ruledOut = outcomes
    .filter(other => other.status === 'ok' && other.check.id !== check.id)
    .map(other => other.check.id)
    .filter(matters)
  return {
    ...finding,
    message: `no cause is known: ${message}`,
    remedy: open.look,
    unexplained: {ruledOut, lines: [...open.lines]},
  }
}
