import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {renderPrometheus} from '../../src/report/reporters/prometheus.ts'
import {installed} from '../programs.ts'
import {reports} from '../reports.ts'

const promtool = installed('promtool')
const file = join(import.meta.dirname, '../../packaging/monitoring/prism-doctor.rules.yml')
const rules = readFileSync(file, 'utf8')
const cases = readFileSync(join(import.meta.dirname, 'rules.yml'), 'utf8')

/** The text of each alert, by its name. */
const alerts = new Map(
  rules
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map(text => [text.slice(0, text.indexOf('\n')), text] as const),
)

describe.skipIf(promtool === null)('the alert rules', () => {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-rules-'))
  afterAll(() => rmSync(directory, {recursive: true}))

  /** What promtool makes of our cases with these rules. */
  function tested(text: string): {readonly passes: boolean; readonly said: string} {
    writeFileSync(join(directory, 'rules'), text)
    writeFileSync(
      join(directory, 'cases'),
      cases.replace(/- \S*prism-doctor\.rules\.yml/, `- ${directory}/rules`),
    )
    const {status, stdout, stderr} = spawnSync(
      promtool ?? '',
      ['test', 'rules', join(directory, 'cases')],
      {encoding: 'utf8'},
    )
    return {passes: status === 0, said: `${stdout}${stderr}`}
  }

  test('are rules to promtool', () => {
    const {status, stdout} = spawnSync(promtool ?? '', ['check', 'rules', file], {encoding: 'utf8'})
    expect([status, stdout]).toEqual([0, expect.stringContaining(`${alerts.size} rules found`)])
  })

  test('alert when they should, and else not', () => {
    expect(tested(rules)).toEqual({passes: true, said: expect.stringContaining('SUCCESS')})
  })

  // Each `for`, each threshold and each exception is there for a case.
  test.each([
    ['critical', '== 1\n        keep', '== 0\n        keep'],
    ['critical is held', 'keep_firing_for: 11m', 'keep_firing_for: 1m'],
    ['a warning waits', 'for: 11m', 'for: 1m'],
    ['stale', '12 * 60', '4 * 60'],
    ['stale late', '12 * 60', '60 * 60'],
    ['stale after it was off', 'for: 8m', 'for: 6m'],
    ['other units', 'unless on (job, instance, unit)', 'unless on (job, instance)'],
    ['other machines', 'unless on (job, instance, unit)', 'unless on (unit)'],
    ['a mended run', '{unit!=""}', ''],
    ['a failed run', 'unless on (job, instance) prism_doctor_run_failed == 1', ''],
    ['a machine that is down', 'and on (job, instance) up == 1', ''],
    ['absent waits', 'for: 30m', 'for: 10m'],
    ['others', 'and on (job, instance) count_over_time', 'or on (job, instance) count_over_time'],
  ])('are held by a case: %s', (_, from, to) => {
    const changed = rules.replace(from, to)
    expect(changed).not.toBe(rules)
    expect(tested(changed).passes).toBe(false)
  })

  test('each have a case that fires, and say what to do', () => {
    for (const [name, text] of alerts) {
      expect(cases).toMatch(new RegExp(`alertname: ${name}\n +exp_alerts:\n`))
      for (const needed of ['severity', 'summary', 'description', 'action'])
        expect([name, text]).toEqual([name, expect.stringContaining(` ${needed}: `)])
    }
  })

  test('ask only for metrics that we write', async () => {
    const written = [await reports.one(), await reports.healthy()].map(renderPrometheus).join('')
    const asked = rules.match(/\bprism_doctor_\w+/g) ?? []
    expect(asked.length).toBeGreaterThan(8)
    for (const name of new Set(asked)) expect(written).toContain(`# TYPE ${name} gauge\n`)
  })
})
