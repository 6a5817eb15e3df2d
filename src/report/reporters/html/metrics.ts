import type {CheckReport} from '../../report.ts'
import {bareName} from '../bare-name.ts'
import {checkLink} from './links.ts'
import {type Content, type Html, html} from './markup.ts'
import type {Page} from './page.ts'

type Metric = CheckReport['metrics'][number]

/** Every number with its thresholds, and where it stands between them. */
export function metricSection({report}: Page): Content {
  const rows = report.checks.flatMap(({id, metrics}) => metrics.map(metric => ({id, metric})))
  if (rows.length === 0) return null
  return html`
    <section class="card" id="measurements" aria-labelledby="measurements/title">
    <h2 id="measurements/title">Measurements</h2>
    <table>
    <thead>
    <tr><th scope="col">What</th><th scope="col">Value</th><th scope="col">Limits</th></tr>
    </thead>
    <tbody>
    ${rows.map(
      ({id, metric}) => html`
        <tr>
        <th scope="row">${bareName(metric).replaceAll('_', ' ')} ${checkLink(id)}</th>
        <td>${quantity(metric)}${bar(metric)}</td>
        <td>${limits(metric)}</td>
        </tr>`,
    )}
    </tbody>
    </table>
    </section>`
}

/** "12 of 200". */
function quantity(metric: Metric): string {
  const {value, max} = metric
  return `${amount(metric, value)}${max === undefined ? '' : ` of ${amount(metric, max)}`}`
}

function limits(metric: Metric): string {
  const {direction, warning, critical} = metric
  const parts = [
    ...(warning === undefined ? [] : [`warning ${direction} ${amount(metric, warning)}`]),
    ...(critical === undefined ? [] : [`critical ${direction} ${amount(metric, critical)}`]),
  ]
  return parts.length === 0 ? 'none' : parts.join(', ')
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** A value as a person reads it: "3.0 GiB", "1.5 s", "3 084 990". */
function amount({unit}: Metric, value: number): string {
  if (unit === 'bytes') {
    const power = Math.min(binary.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10))
    const scaled = value / 1024 ** power
    return `${power === 0 ? scaled : scaled.toFixed(1)} ${binary[power]}`
  }
  const plain = grouped(Math.round(value * 1000) / 1000)
  return unit === 'seconds' ? `${plain} s` : unit === '' ? plain : `${plain} ${unit}`
}

/** Thousands are set apart by a narrow space that does not break. */
function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.')
  const spaced = whole.replace(/\B(?=(?:\d{3})+$)/g, '\u202f')
  return fraction === undefined ? spaced : `${spaced}.${fraction}`
}

/** Of the width of a bar, in percent. */
const tick = 0.8

/** How much of the maximum that is, with a tick at each threshold; the numbers say the same. */
function bar({value, warning, critical, max}: Metric): Html | null {
  if (max === undefined || max <= 0) return null
  const at = (amount: number): number =>
    Math.round(Math.min(1, Math.max(0, amount / max)) * 1000) / 10
  const ticks = [warning, critical].flatMap(threshold =>
    threshold === undefined ? [] : [Math.min(at(threshold), 100 - tick)],
  )
  return html`
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="whole" width="100" height="8"/>
    <rect class="part" width="${at(value)}" height="8"/>
    ${ticks.map(x => html`<rect class="tick" x="${x}" width="${tick}" height="8"/>`)}
    </svg>`
}
