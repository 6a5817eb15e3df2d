import fc from 'fast-check'
import {afterEach, describe, expect, test} from 'vitest'
import {exitCodes, type Report} from '../../../src/report/report.ts'
import {renderHtml} from '../../../src/report/reporters/html.ts'
import {render} from '../../../src/report/reporters/index.ts'
import {plainTerminal} from '../../../src/report/terminal.ts'
import {pages, saying} from '../../pages.ts'
import {still} from '../../reports.ts'

process.env.TZ = 'UTC'

const options = {verbose: false, privileged: false, terminal: plainTerminal}

const written = async (report: Report): Promise<string> => render(still(report), 'html', options)

test.each(['many', 'fixed', 'planned', 'error', 'known', 'changed', 'unchanged'] as const)(
  '%s',
  async name => {
    const report = await pages[name]()
    await expect(await written(report)).toMatchFileSnapshot(
      `../snapshots/${name}.${exitCodes[report.status]}.html`,
    )
  },
)

test.each([
  ['healthy', 'OK: nothing is wrong · midship · prism-django.service'],
  ['one', 'Critical: one thing is wrong · midship · prism-django.service'],
  ['many', 'Critical: three things are wrong · midship · prism-django.service'],
  ['warning', 'Warning: one thing should be looked at · midship · prism-django.service'],
  [
    'unprivileged',
    'Unknown: nothing is known to be wrong, but two checks could not look · midship',
  ],
  ['unknown', 'Unknown: nothing could be looked at · midship · prism-django.service'],
  ['error', 'Unknown: the run failed before anything was looked at · midship'],
] as const)('the title of the tab of %s says the verdict', async (name, title) => {
  expect(await written(await pages[name]())).toContain(`<title>${title}`)
})

test('a verdict that no root cause is as bad as still says so', async () => {
  const report = await pages.warning()
  const page = renderHtml({...report, status: 'critical'}, {privileged: true})
  expect(page).toContain('<title>Critical: something is wrong')
})

test('the icon of the tab differs with the status', async () => {
  const icons = await Promise.all(
    (['healthy', 'one', 'warning', 'unknown'] as const).map(async name => {
      const [, icon] =
        /rel="icon" href="(data:[^"]+)"/.exec(await written(await pages[name]())) ?? []
      return icon
    }),
  )
  expect(new Set(icons).size).toBe(4)
})

test('what root must look at is said to whoever is not root', async () => {
  const report = await pages.unprivileged()
  expect(renderHtml(report, {privileged: false})).toContain('<code>sudo prism-doctor</code>')
  expect(renderHtml(report, {privileged: true})).not.toContain('sudo prism-doctor')
  const unit = 'shop.service'
  expect(renderHtml({...report, target: {...report.target, unit}}, {privileged: false})).toContain(
    '<code>sudo prism-doctor --unit shop.service</code>',
  )
})

test('a recording is no news of this machine, and nobody is sent to look again', async () => {
  const page = renderHtml(await pages.unprivileged(), {privileged: false, isRecorded: true})
  expect(page).toContain(' · recording</title>')
  expect(page).toContain('Recorded at <time')
  expect(page).not.toMatch(/sudo prism-doctor|<p class="old"/)
})

test('no text of a report changes the markup of the page', async () => {
  const shape = (page: string): Readonly<Record<string, number>> =>
    Object.fromEntries(['<', '>', '"', "'"].map(sign => [sign, page.split(sign).length]))
  const pageOf = async (text: string): Promise<string> =>
    renderHtml(await saying(text), {privileged: false})
  const expected = shape(await pageOf('plain'))
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({unit: 'grapheme', minLength: 1}),
        fc.string({
          unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '-', '!', 'x', '='),
          minLength: 1,
        }),
      ),
      async text => {
        fc.pre(text.trim() !== '')
        expect(shape(await pageOf(`x${text}x`))).toEqual(expected)
      },
    ),
    {numRuns: 50},
  )
})

describe('a time', () => {
  afterEach(() => {
    process.env.TZ = 'UTC'
  })

  test.each([
    ['UTC', '23 Nov 2026, 08:00 UTC<', 'since 03:12 UTC<'],
    ['Europe/Berlin', '23 Nov 2026, 09:00 UTC+01:00<', 'since 04:12 UTC+01:00<'],
    ['America/St_Johns', '23 Nov 2026, 04:30 UTC-03:30<', 'since 22 Nov 2026, 23:42 UTC-03:30<'],
  ])('in %s names its zone', async (zone, lookedAt, since) => {
    process.env.TZ = zone
    const page = await written(await pages.one())
    expect(page).toContain(`>${lookedAt}`)
    expect(page.replaceAll(/<time [^>]+>/g, '')).toContain(since)
  })
})
