import type {Status} from './finding.ts'
import type {CheckReport} from './report.ts'

/**
 * What a reader is to make of a check: its status, but `explained` where another failing check is
 * the reason, and `waived` where somebody lives with it.
 */
export type Standing = Status | 'explained' | 'waived'

export function standingOf({status, waived, causedBy}: CheckReport): Standing {
  if (waived !== null) return 'waived'
  const isBad = status === 'critical' || status === 'warning'
  return isBad && causedBy.length > 0 ? 'explained' : status
}

const order = ['critical', 'warning', 'unknown', 'explained', 'waived', 'skipped'] as const

/** What stands for several at once: first what calls for somebody, `ok` only where all are. */
export function worstStanding(standings: readonly Standing[]): Standing {
  return order.find(each => standings.includes(each)) ?? 'ok'
}
