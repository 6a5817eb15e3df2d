import type * as v from 'valibot'
import type {Finding, Status, Way} from './finding.ts'
import type {reportSchema} from './schema.ts'

/** The report of the contract, version 1. */
export type Report = v.InferOutput<typeof reportSchema>
export type CheckReport = Report['checks'][number]
export type ReportedTarget = Report['target']
export type OverallStatus = Report['status']
export type FixReport = NonNullable<Report['fix']>
export type HistoryReport = NonNullable<Report['history']>
export type HistoryEvent = HistoryReport['events'][number]
export type Change = HistoryReport['changes'][number]

/** The one table of exit codes, the Monitoring Plugins' own, for every format. */
export const exitCodes = {ok: 0, warning: 1, critical: 2, unknown: 3} as const satisfies Record<
  OverallStatus,
  number
>

const ranks = {skipped: -1, ok: 0, unknown: 1, warning: 2, critical: 3} as const satisfies Record<
  Status,
  number
>

/** How bad a status is; only `skipped` never raises anything. */
export function rank(status: Status): number {
  return ranks[status]
}

/** The worst of several; `ok` for none. */
export function worst<S extends Status>(statuses: readonly S[]): S | 'ok' {
  return statuses.reduce<S | 'ok'>(
    (worstYet, next) => (rank(next) > rank(worstYet) ? next : worstYet),
    'ok',
  )
}

/**
 * A finding as it stands in the report: its `because` and its metrics have been taken up by the
 * check.
 */
export function reportedFinding({
  code,
  status,
  message,
  since,
  evidence,
  remedy,
  unexplained,
}: Finding & Pick<CheckReport['findings'][number], 'unexplained'>): Omit<
  CheckReport['findings'][number],
  'waived'
> {
  return {
    code,
    status: status === 'skipped' ? 'unknown' : status,
    message,
    since,
    evidence: [...evidence],
    remedy: remedy && {...reportedWay(remedy), alternatives: remedy.alternatives.map(reportedWay)},
    ...(unexplained && {unexplained}),
  }
}

function reportedWay({summary, risk, steps, nix, lasting}: Way) {
  const typed = steps.map(({shell, argv}) => ({shell, argv: argv && [...argv]}))
  return {summary, risk, steps: typed, nix, lasting: lasting && {...lasting}}
}
