import {createHash} from 'node:crypto'
import type {Metric} from '../finding.ts'
import type {Report} from '../report.ts'

/**
 * Performance data of the Monitoring Plugins: `label=value[unit];[warning];[critical];[min];[max]`.
 * Thresholds are ranges: `~:10` is bad above 10, `10:` below it.
 */
export function perfdata({durationMs, counts, checks}: Report): string {
  const time = datum('time', {
    value: Math.round(durationMs) / 1000,
    unit: 'seconds',
    direction: 'above',
  })
  const numbers = (['critical', 'warning', 'unknown', 'skipped', 'ok'] as const).map(status =>
    datum(status, {value: counts[status], unit: '', direction: 'above'}),
  )
  const taken = new Set(['time', 'critical', 'warning', 'unknown', 'skipped', 'ok'])
  const measured = checks.flatMap(({id, metrics}) =>
    metrics.map(metric => datum(labelOf(id, metric.name, taken), metric)),
  )
  return [time, ...numbers, ...measured].join(' ')
}

/** Characters by which labels must differ: round-robin databases keep no more of them. */
const kept = 19

/** The name of a metric; where another one begins alike, a part of it and of a hash. */
function labelOf(id: string, name: string, taken: Set<string>): string {
  let label = name
  for (let turn = 0; taken.has(label.slice(0, kept)); turn += 1) {
    const hash = createHash('sha256').update(`${id} ${name} ${turn}`).digest('hex')
    label = `${name.slice(0, 12)}_${hash.slice(0, 6)}`
  }
  taken.add(label.slice(0, kept))
  return label
}

const units: Readonly<Record<string, string>> = {seconds: 's', bytes: 'B'}

function datum(label: string, metric: Omit<Metric, 'name'>): string {
  const {value, unit, direction, warning, critical, max} = metric
  const range = (bound: number | undefined): string =>
    bound === undefined ? '' : direction === 'above' ? `~:${decimal(bound)}` : `${decimal(bound)}:`
  const written = decimal(value)
  const fields = [
    `${label}=${written}${written === 'U' ? '' : (units[unit] ?? '')}`,
    range(warning),
    range(critical),
    '',
    max === undefined ? '' : decimal(max),
  ]
  return fields.join(';').replace(/;+$/, '')
}

/** Without an exponent; `U` is "undetermined". */
function decimal(value: number): string {
  if (!Number.isFinite(value)) return 'U'
  const shortest = String(value)
  if (!shortest.includes('e')) return shortest
  return Math.abs(value) >= 1 ? String(BigInt(value)) : value.toFixed(20).replace(/\.?0+$/, '')
}
