import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import type {Report} from '../../src/report/report.ts'
import {enemyReports, knownReports, written} from './reports.ts'

const reader = fileURLToPath(new URL('./perfdata.pl', import.meta.url))
const hasReader = spawnSync('perl', ['-MMonitoring::Plugin', '-e1']).status === 0
if (!hasReader && process.env.CI) throw new Error('CI has no Monitoring::Plugin: see .ci/run')

interface Datum {
  readonly label: string
  readonly value: number
  readonly uom: string
  readonly max: string | null
  /** Whether it alerts far below and far above; null where there is no threshold. */
  readonly warning: readonly [boolean, boolean] | null
  readonly critical: readonly [boolean, boolean] | null
}

/** What the library of Debian's plugins reads of each line of performance data. */
function readAll(lines: readonly string[]): readonly (readonly Datum[])[] {
  const {stdout, stderr} = spawnSync('perl', [reader], {
    input: lines.map(line => `${line}\n`).join(''),
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

/** The guidelines of the Monitoring Plugins; the performance data of a run that measured. */
function performance(report: Report, output: string): string {
  const [first = '', ...more] = output.trimEnd().split('\n')
  expect(output).toMatch(/^[\x20-\x7e\n]+\n$/)
  expect(output.length).toBeLessThanOrEqual(8192)
  expect(first).toMatch(new RegExp(`^DOCTOR ${report.status.toUpperCase()}: \\S`))
  expect(more.join('\n')).not.toContain('|')
  const [text = '', data, ...others] = first.split(' | ')
  expect(text.length).toBeLessThan(80)
  expect([text.includes('|'), others]).toEqual([false, []])
  expect(data === undefined).toBe(report.error !== null)
  return data ?? ''
}

const measured = (report: Report) => report.checks.flatMap(({metrics}) => metrics)
const own = ['time', 'critical', 'warning', 'unknown', 'skipped', 'ok']

describe.each([
  ['known', knownReports],
  ['enemies', () => enemyReports(300)],
])('%s', (_, make) => {
  test('every report is what a plugin may say', async () => {
    for (const [name, report] of await make())
      for (const verbose of [false, true]) {
        const output = await written(report, 'nagios', verbose)
        expect(() => performance(report, output), name).not.toThrow()
      }
  })

  test.skipIf(!hasReader)('its performance data are read by Monitoring::Plugin', async () => {
    const made = [...(await make())].filter(([, {error}]) => error === null)
    const lines = await Promise.all(
      made.map(async ([, report]) => performance(report, await written(report, 'nagios'))),
    )
    const read = readAll(lines)
    expect(read).toHaveLength(made.length)
    for (const [at, [name, report]] of made.entries()) {
      const data = read[at] ?? []
      const labels = data.map(({label}) => label)
      expect([name, data.length]).toEqual([name, own.length + measured(report).length])
      expect([name, labels.slice(0, own.length)]).toEqual([name, own])
      expect([name, new Set(labels.map(label => label.slice(0, 19))).size]).toEqual([
        name,
        labels.length,
      ])
    }
  })
})

test.skipIf(!hasReader)('thresholds alert on the side that is bad', async () => {
  const known = [...(await knownReports()).values()].filter(({error}) => error === null)
  const lines = await Promise.all(
    known.map(async report => performance(report, await written(report, 'nagios'))),
  )
  let thresholds = 0
  for (const [at, data] of readAll(lines).entries()) {
    const metrics = known[at] ? measured(known[at]) : []
    for (const [index, metric] of metrics.entries()) {
      const {value, direction, unit, max} = metric
      const datum = data[own.length + index]
      const sides = direction === 'above' ? [false, true] : [true, false]
      expect(datum).toMatchObject({
        value,
        uom: unit === 'bytes' ? 'B' : unit === 'seconds' ? 's' : '',
        max: max === undefined ? null : String(max),
        warning: metric.warning === undefined ? null : sides,
        critical: metric.critical === undefined ? null : sides,
      })
      if (datum?.warning ?? datum?.critical) thresholds += 1
    }
  }
  expect(thresholds).toBeGreaterThan(20)
})

test('a report with more causes than Nagios reads ends at a whole line, and says where it goes on', async () => {
  const report = (await knownReports()).get('two')
  if (!report) throw new Error('no such report')
  const [cause] = report.checks.filter(({id}) => report.rootCauses.includes(id))
  const many = Array.from({length: 200}, (_, at) => ({...cause, id: `many/check-${at}`}))
  const output = await written(
    {...report, checks: many as Report['checks'], rootCauses: many.map(({id}) => id)},
    'nagios',
  )
  performance(report, output)
  expect(output.length).toBeGreaterThan(7000)
  expect(output).toMatch(/\n\.\.\. and more; see all of it with: sudo prism-doctor\n$/)
})
