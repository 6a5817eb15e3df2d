import type {Metric} from '../finding.ts'
import type {CheckReport, Report} from '../report.ts'
import {bareName} from './bare-name.ts'
import {failing} from './cause.ts'
import {exposition, type Family, type Sample} from './prometheus-text.ts'

const overall = ['ok', 'warning', 'critical', 'unknown'] as const
const each = [...overall, 'skipped'] as const

/**
 * For node_exporter's textfile collector, and whoever else reads Prometheus's text format. Every
 * series has the label `unit`, so that the files of two deployments stand beside each other; it is
 * empty where a run failed before it knew the unit. Messages are no labels: their number has no
 * bound.
 */
export function renderPrometheus(report: Report): string {
  const unit = report.target.unit ?? ''
  return exposition([
    ...ofRun(report, unit),
    ...ofHistory(report, unit),
    ...ofChecks(report, unit),
    ...measured(report, unit),
  ])
}

function ofRun(report: Report, unit: string): readonly Family[] {
  const {tool, status, counts, startedAt, durationMs, error} = report
  const ended = Date.parse(startedAt) + durationMs
  return [
    {
      name: 'prism_doctor_build_info',
      help: 'The version of prism-doctor that looked; always 1.',
      samples: [{labels: {unit, version: tool.version}, value: 1}],
    },
    {
      name: 'prism_doctor_run_failed',
      help: 'Whether the run ended before it could diagnose anything.',
      samples: [{labels: {unit}, value: error === null ? 0 : 1}],
    },
    {
      name: 'prism_doctor_status',
      help: 'The status of the deployment: 1 for the one that it has, 0 for the others.',
      samples: stateSet(overall, status, {unit}),
    },
    {
      name: 'prism_doctor_checks',
      help: 'How many checks ended with each status.',
      samples: each.map(status => ({labels: {unit, status}, value: counts[status]})),
    },
    {
      name: 'prism_doctor_last_run_timestamp_seconds',
      help: 'When the last run ended, also one that failed.',
      samples: [{labels: {unit}, value: inSeconds(ended)}],
    },
    {
      name: 'prism_doctor_run_duration_seconds',
      help: 'How long the last run took.',
      samples: [{labels: {unit}, value: inSeconds(durationMs)}],
    },
  ]
}

/** Where a history is kept. */
function ofHistory({history}: Report, unit: string): readonly Family[] {
  if (!history) return []
  const {lastHealthy, comparedWith, changes, more} = history
  return [
    {
      name: 'prism_doctor_last_healthy_timestamp_seconds',
      help: 'When a run last found nothing wrong.',
      samples:
        lastHealthy === null ? [] : [{labels: {unit}, value: inSeconds(Date.parse(lastHealthy))}],
    },
    {
      name: 'prism_doctor_changes',
      help: 'How many facts are not as they were when all was well; only while it is not.',
      samples: comparedWith === null ? [] : [{labels: {unit}, value: changes.length + more}],
    },
  ]
}

function ofChecks({checks, rootCauses}: Report, unit: string): readonly Family[] {
  const ofEach = (sample: (check: CheckReport) => readonly Sample[]): readonly Sample[] =>
    checks.flatMap(sample)
  return [
    {
      name: 'prism_doctor_check_status',
      help: 'The status of each check: 1 for the one that it has, 0 for the others.',
      samples: ofEach(({id, status}) => stateSet(each, status, {unit, check: id})),
    },
    {
      name: 'prism_doctor_root_cause',
      help: 'The failing checks that no other one explains; always 1.',
      samples: ofEach(({id, status}) =>
        rootCauses.includes(id) ? [{labels: {unit, check: id, status}, value: 1}] : [],
      ),
    },
    {
      name: 'prism_doctor_check_waived',
      help: 'The failing checks that the owner lives with; always 1.',
      samples: ofEach(({id, waived}) =>
        waived === null ? [] : [{labels: {unit, check: id}, value: 1}],
      ),
    },
    {
      name: 'prism_doctor_check_duration_seconds',
      help: 'How long each check took in the last run.',
      samples: ofEach(({id, durationMs}) => [
        {labels: {unit, check: id}, value: inSeconds(durationMs)},
      ]),
    },
    {
      name: 'prism_doctor_finding_since_timestamp_seconds',
      help: 'Since when something is wrong, where systemd or the file system knows it.',
      samples: ofEach(check => sinceSamples(check, unit)),
    },
  ]
}

/** Of several findings of one code, the one that began first. */
function sinceSamples(check: CheckReport, unit: string): readonly Sample[] {
  return failing(check)
    .flatMap(({code, since}) => (since === null ? [] : [{code, since}]))
    .sort((a, b) => a.since.localeCompare(b.since))
    .map(({code, since}) => ({
      labels: {unit, check: check.id, code},
      value: inSeconds(Date.parse(since)),
    }))
}

/**
 * What the checks measured, with what they hold it against. The help says nothing that may differ
 * between two files: node_exporter refuses both then.
 */
function measured({checks}: Report, unit: string): readonly Family[] {
  return checks.flatMap(({id, metrics}) =>
    metrics.flatMap(metric => {
      const {value, warning, critical, max} = metric
      const labels = {unit, check: id}
      const family = (what: string, help: string, number: number | undefined): readonly Family[] =>
        number === undefined
          ? []
          : [{name: nameOf(id, metric, what), help, samples: [{labels, value: number}]}]
      const bad = `when ${metric.name} is ${metric.direction} this`
      return [
        ...family('', `Measured by ${id}.`, value),
        ...family('_warning_threshold', `${id} may warn ${bad}.`, warning),
        ...family('_critical_threshold', `${id} is critical ${bad}.`, critical),
        ...family('_max', `The most that ${metric.name} can be.`, max),
      ]
    }),
  )
}

/** The base unit ends the name, and stands in it once. */
function nameOf(id: string, metric: Metric, what: string): string {
  const suffix = metric.unit === '' ? '' : `_${metric.unit}`
  return `prism_doctor_${`${id}/${bareName(metric)}`.replace(/[^a-z0-9]+/g, '_')}${what}${suffix}`
}

function stateSet(
  states: readonly string[],
  status: string,
  labels: Readonly<Record<string, string>>,
): readonly Sample[] {
  return states.map(state => ({
    labels: {...labels, status: state},
    value: state === status ? 1 : 0,
  }))
}

/** Milliseconds in Prometheus's base unit. */
function inSeconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000
}
