import {expect, test} from 'vitest'
import {remedy} from '../../src/remedies/remedy.ts'
import {visibleReport} from '../../src/report/boundary.ts'
import {type Finding, ok, type Verdict} from '../../src/report/finding.ts'
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
    unexplained: {ruledOut: ['a/server'], lines: ['frobnicator: the moon is full']},
  })
  const text = await renderText(visibleReport(report), {
    terminal: {width: 80, colours: 0, unicode: false, animated: false},
    verbose: false,
    privileged: true,
  })
  const lines = text.split('\n').map(line => line.trim())
  expect(lines.slice(1, 5)).toEqual([
    'no cause is known: x.service failed: it stumbled',
    'ruled out: a/server',
    'what it said last:',
    '> frobnicator: the moon is full',
  ])
  expect(lines).toContain('journalctl -n 100')
  expect(text).not.toContain('Start the service')
})

test('what is explained keeps its own words and remedy', async () => {
  const report = await said(critical('down', 'it is down', again))
  const [finding] = report.checks[1]?.findings ?? []
  expect(report.rootCauses).toEqual(['a/server'])
  expect(finding).toMatchObject({message: 'x.service failed: it stumbled'})
  expect(finding).not.toHaveProperty('unexplained')
})
