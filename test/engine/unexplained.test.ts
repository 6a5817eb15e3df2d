import {expect, test} from 'vitest'
import {remedy} from '../../src/remedies/remedy.ts'
import {visibleReport} from '../../src/report/boundary.ts'
import {type Experiment, type Finding, ok, type Verdict} from '../../src/report/finding.ts'
import {render} from '../../src/report/reporters/index.ts'
import {renderText} from '../../src/report/reporters/text.ts'
import {critical, diagnosed, literalCheck} from '../literal.ts'

const again = remedy('Start the service', 'disruptive', [])
const look = remedy('See all that it said', 'manual', [{shell: 'journalctl -n 100', argv: null}])
const layerOf = (id: string): number => id.charCodeAt(0)

/** A symptom that named its cause, and is open where that one passes. */
const fails: Finding<'critical'> = {
  ...critical('failed', 'x.service failed: it stumbled', again),
  kind: 'symptom',
  because: ['a/server'],
  open: {lines: ['frobnicator: the moon is full'], look},
}

const said = (below: Verdict, ...others: readonly Verdict[]) =>
  diagnosed(
    [
      literalCheck('a/server', below),
      literalCheck('b/active', fails),
      ...others.map((each, at) => literalCheck(`c/${'xyz'.charAt(at)}`, each)),
    ],
    {layerOf},
  )

test('what a passed check owns explains nothing, and the screen says so first', async () => {
  const report = await said(ok('well'), ok('stands above'))
  expect(report.rootCauses).toEqual(['b/active'])
  const [finding] = report.checks[1]?.findings ?? []
  expect(finding).toMatchObject({
    message: 'no cause is known: x.service failed: it stumbled',
    remedy: {summary: 'See all that it said'},
    unexplained: {
      ruledOut: ['a/server'],
      experiments: [],
      lines: ['frobnicator: the moon is full'],
    },
  })
  const text = await renderText(visibleReport(report), {
    terminal: {width: 80, colours: 0, unicode: false, animated: false},
    verbose: false,
    privileged: true,
  })
  const lines = text.split('\n').map(line => line.trim())
  expect(lines.slice(1, 5)).toEqual([
    'no cause is known: x.service failed: it stumbled',
    'ruled out: a/server, which passes',
    'what it said last:',
    '> frobnicator: the moon is full',
  ])
  expect(lines).toContain('journalctl -n 100')
  expect(text).not.toContain('Start the service')
})

/** As app/settings hands on what it tried. */
const tried: Experiment = {
  outcome: 'the start fails in the same way without it',
  rulesOut: 'the sandbox of x.service',
  runs: 3,
  durationMs: 1240.04,
}
const found: Experiment = {
  outcome: 'it starts without a lamp',
  rulesOut: null,
  runs: 1,
  durationMs: 2,
}

test('an experiment rules out what it was made for, whichever check made it, and has its price', async () => {
  const report = await said(ok('well'), ok('above', {experiments: [tried, found]}))
  expect(report.checks[1]?.findings[0]?.unexplained?.experiments).toEqual([
    {check: 'c/x', rulesOut: tried.rulesOut, outcome: tried.outcome},
  ])
  expect(report.checks[2]?.experiments).toEqual([{...tried, durationMs: 1240}, found])
  expect(report.checks[0]).not.toHaveProperty('experiments')
})

test('what names its cause keeps its words where that passes, and says so', async () => {
  const {open: _, ...quoting} = fails
  const report = await diagnosed(
    [
      literalCheck('a/server', ok('well')),
      literalCheck('b/active', {...quoting, because: ['a/server', 'd/absent']}),
    ],
    {layerOf},
  )
  const [finding] = report.checks[1]?.findings ?? []
  expect(report.rootCauses).toEqual(['b/active'])
  expect(finding).toMatchObject({
    message: 'x.service failed: it stumbled',
    remedy: {summary: 'Start the service'},
    unexplained: {ruledOut: ['a/server'], experiments: [], lines: []},
  })
})

test.each(['text', 'nagios', 'junit', 'tap', 'html', 'json'] as const)(
  'as %s that no cause is known comes first, then what was ruled out, and the last lines',
  async format => {
    const report = await said(ok('well'), ok('above', {experiments: [tried]}))
    const options = {
      terminal: {width: 200, colours: 0, unicode: false, animated: false},
      verbose: true,
      privileged: true,
    } as const
    const text = await render(report, format, options)
    const told = [
      'no cause is known: x.service failed',
      'the sandbox of x.service',
      'the start fails in the same way without it',
      'frobnicator: the moon is full',
      'journalctl -n 100',
    ]
    const places = told.map(each => text.indexOf(each))
    expect(places.every(place => place >= 0)).toBe(true)
    // JSON has its members in the order of the schema.
    if (format !== 'json') expect(places).toEqual([...places].sort((a, b) => a - b))
    // A case of JUnit's that passed has no text.
    if (!/^j/.test(format)) expect(text).toMatch(/3 runs, 1[.,]2/)
  },
)

test('what is explained keeps its own words and remedy', async () => {
  const report = await said(critical('down', 'it is down', again))
  const [finding] = report.checks[1]?.findings ?? []
  expect(report.rootCauses).toEqual(['a/server'])
  expect(finding).toMatchObject({message: 'x.service failed: it stumbled'})
  expect(finding).not.toHaveProperty('unexplained')
})
