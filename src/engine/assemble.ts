import {type CheckId, type Experiment, groupOf, type Status} from '../report/finding.ts'
import {type CheckReport, type Report, rank, reportedFinding, worst} from '../report/report.ts'
import {toolVersion} from '../report/version.ts'
import {type Causes, type LayerOf, rootCauses} from './causes.ts'
import type {Outcome} from './outcome.ts'
import {whereOpen} from './unexplained.ts'
import {judgeWaivers, keyOf, type Waiver, type Waivers} from './waivers.ts'
import {configWaivers, unusedVerdict} from './waivers-check.ts'

export interface Assembly
  extends Pick<Report, 'host' | 'startedAt' | 'durationMs' | 'platform' | 'target'> {
  readonly outcomes: readonly Outcome[]
  readonly waivers: readonly Waiver[]
  readonly layerOf: LayerOf
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Makes the report of what every check said. */
export function assemble({outcomes, waivers, layerOf, now, ...run}: Assembly): Report {
  const causes = rootCauses(outcomes, layerOf)
  const judged = judgeWaivers(outcomes, causes, waivers, now)
  const left = outcomes.map(outcome => ({
    ...outcome,
    status: judged.left.get(outcome.check.id) ?? outcome.status,
  }))
  const done = waivers.length === 0 ? outcomes : [...left, waiversOutcome(judged.unused)]
  const counting = done.filter(({check}) => !judged.waived.has(check.id))
  const idsOf = (status: Status): CheckId[] =>
    counting.filter(outcome => outcome.status === status).map(({check}) => check.id)
  return {
    schemaVersion: 1,
    tool: {name: 'prism-doctor', version: toolVersion},
    ...run,
    durationMs: rounded(run.durationMs),
    error: null,
    status: worst(counting.map(({status}) => status).filter(status => status !== 'skipped')),
    counts: {
      ok: idsOf('ok').length,
      warning: idsOf('warning').length,
      critical: idsOf('critical').length,
      unknown: idsOf('unknown').length,
      skipped: idsOf('skipped').length,
    },
    rootCauses: [
      ...causes.roots.filter(id => !judged.waived.has(id)),
      ...(judged.unused.length > 0 ? [configWaivers.id] : []),
    ],
    notLookedAt: idsOf('unknown'),
    checks: done.map(outcome => {
      const said = outcome.findings.map(each => whereOpen(each, outcome, outcomes, causes, layerOf))
      return checkReport({...outcome, findings: said}, causes, judged)
    }),
  }
}

function checkReport(outcome: Outcome, {causedBy}: Causes, judged: Waivers): CheckReport {
  const {check, status, findings, skippedBecause, durationMs} = outcome
  const tried = findings.flatMap(({experiments = []}) => experiments)
  return {
    id: check.id,
    group: groupOf(check.id),
    title: check.title,
    status,
    durationMs: rounded(durationMs),
    causedBy: [...(causedBy.get(check.id) ?? [])],
    skippedBecause: [...skippedBecause],
    waived: judged.waived.get(check.id) ?? null,
    findings: findings.map(each => findingReport(check.id, each, judged)).sort(openFirst),
    metrics: findings.flatMap(({metrics = []}) => [...metrics]),
    ...(tried.length > 0 && {experiments: tried.map(reportedExperiment)}),
  }
}

function reportedExperiment({durationMs, ...told}: Experiment): Experiment {
  return {...told, durationMs: rounded(durationMs)}
}

type FindingReport = CheckReport['findings'][number]

function findingReport(
  id: CheckId,
  finding: Parameters<typeof reportedFinding>[0],
  {findings, lifted}: Waivers,
): FindingReport {
  const key = keyOf(id, finding.code)
  const note = lifted.get(key)
  const evidence = note === undefined ? finding.evidence : [...finding.evidence, note]
  return {...reportedFinding({...finding, evidence}), waived: findings.get(key) ?? null}
}

/** What is waived comes last, and of the rest the worst first. */
function openFirst(a: FindingReport, b: FindingReport): number {
  return Number(a.waived !== null) - Number(b.waived !== null) || rank(b.status) - rank(a.status)
}

/** The waivers are judged by what all other checks said. */
function waiversOutcome(unused: readonly Waiver[]): Outcome {
  const finding = unusedVerdict(unused)
  return {
    check: configWaivers,
    status: finding.status,
    findings: [finding],
    skippedBecause: [],
    durationMs: 0,
  }
}

/** Tenths of a millisecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
