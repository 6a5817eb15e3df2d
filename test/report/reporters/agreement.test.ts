import {describe, expect, test} from 'vitest'
import {remedy} from '../../../src/remedies/remedy.ts'
import {ok} from '../../../src/report/finding.ts'
import type {Report} from '../../../src/report/report.ts'
import {type Format, formats, render} from '../../../src/report/reporters/index.ts'
import type {RenderOptions} from '../../../src/report/reporters/page.ts'
import {byHand} from '../../../src/report/step.ts'
import {plainTerminal} from '../../../src/report/terminal.ts'
import {diagnosed, literalCheck, warning} from '../../literal.ts'
import {monitored} from '../../monitored.ts'
import {reports} from '../../reports.ts'

process.env.TZ = 'UTC'

const written = (
  report: Report,
  format: Format,
  options: Partial<RenderOptions> = {},
): Promise<string> =>
  render(report, format, {verbose: false, privileged: true, terminal: plainTerminal, ...options})

/** For people and for monitors; JSON is the report itself, Prometheus has numbers only. */
const spoken = formats.filter(format => format !== 'json' && format !== 'prometheus')

describe.each(spoken)('%s', format => {
  test('says of a recording that it is one, and of its time no "ago"', async () => {
    const report = await reports.one()
    const live = await written(report, format)
    const replayed = await written(report, format, {isRecorded: true})
    expect(live).not.toMatch(/\brecord(?:ed|ing)\b/i)
    expect(replayed).toMatch(/\brecord(?:ed|ing)\b/i)
    expect(replayed).not.toMatch(/\d \w+ ago\)|just now/)
  })

  test('says why a run failed, and nothing of health', async () => {
    const output = await written(await monitored.failed(), format)
    expect(output).toContain('there are several Django services here:')
    expect(output).not.toMatch(/nothing is wrong|passed|^ok /im)
  })

  test('shows a waived finding of a check that fails all the same', async () => {
    const report = await partlyWaived()
    expect(report.rootCauses).toEqual(['state/ownership'])
    const output = await written(report, format)
    expect(output).toContain('b belongs to root')
    expect(output).toContain('a cache')
  })
})

const chown = remedy('Hand it over', 'manual', [byHand('chown', 'prism', 'a')])

/** One finding is lived with, and began first. */
const partlyWaived = (): Promise<Report> =>
  diagnosed(
    [
      literalCheck('service/unit', ok('loaded')),
      literalCheck('state/ownership', [
        warning('cache', 'b belongs to root', chown, {since: '2026-11-20T06:00:00Z'}),
        warning('owner', 'a belongs to root', chown, {since: '2026-11-23T07:00:00Z'}),
      ]),
    ],
    {
      waivers: [
        {
          check: 'state/ownership',
          finding: 'cache',
          status: 'warning',
          reason: 'a cache',
          until: '2026-12-31',
        },
      ],
    },
  )

test('what is waived does not say since when the rest is wrong', async () => {
  const report = await partlyWaived()
  for (const format of ['text', 'nagios'] as const)
    expect(await written(report, format)).toContain('since 07:00')
  expect(await written(report, 'html')).toContain('since <time datetime="2026-11-23T07:00:00Z">')
})

test('text and page count the same, also what is waived', async () => {
  for (const [name, make] of Object.entries({...reports, ...monitored})) {
    const report = await make()
    if (report.error) continue
    const [, counts = ''] = /<p class="counts">(.*)<\/p>/.exec(await written(report, 'html')) ?? []
    expect(counts, name).not.toBe('')
    expect((await written(report, 'text')).replace(/\s+/g, ' '), name).toContain(` ${counts}`)
  }
  expect(await written(await monitored.waived(), 'text')).toContain('1 skipped, 2 waived')
})

test('the name of a unit is quoted where it is typed', async () => {
  const unit = 'a\\x2db@c.service'
  const report = await reports.unprivileged()
  const other = {...report, target: {...report.target, unit}}
  const options = {privileged: false}
  expect(await written(other, 'text', options)).toContain(`sudo prism-doctor --unit '${unit}'`)
  expect(await written(other, 'html', options)).toContain(
    `sudo prism-doctor --unit &#39;${unit}&#39;`,
  )
  const measured = await monitored.measured()
  expect(await written({...measured, target: {...measured.target, unit}}, 'nagios')).toContain(
    `see the commands with: sudo prism-doctor --unit '${unit}' state/space`,
  )
})
