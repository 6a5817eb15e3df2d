import fc from 'fast-check'
import {expect, test} from 'vitest'
import {rootCauses} from '../../src/engine/causes.ts'
import type {Outcome} from '../../src/engine/outcome.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {type CheckId, critical, type Finding, type Status, warning} from '../../src/report/finding.ts'
import {literalCheck} from '../literal.ts'

const cure = remedy('Do something', 'manual', [])

function outcome(
  id: CheckId,
  status: Status,
  explainedBy: readonly CheckId[] = [],
  because?: readonly CheckId[],
): Outcome {
  const finding: Finding = {...critical('code', 'message', cure), status, ...(because && {because})}
  return {check: literalCheck(id, [], {explainedBy}), status, findings: [finding], skippedBecause: [], durationMs: 0}
}

function causesOf(...outcomes: readonly Outcome[]): {
  roots: readonly string[]
  causedBy: Record<string, readonly string[]>
} {
  const {roots, causedBy} = rootCauses(outcomes)
  return {roots, causedBy: Object.fromEntries(causedBy)}
}

test('a failing check explains what names it', () => {
  expect(
    causesOf(outcome('database/server', 'critical'), outcome('service/active', 'critical', ['database/server'])),
  ).toEqual({
    roots: ['database/server'],
    causedBy: {'service/active': ['database/server']},
  })
})

test('explanations are transitive, and a group is every check in it', () => {
  const found = causesOf(
    outcome('database/server', 'critical'),
    outcome('service/active', 'critical', ['database/*']),
    outcome('http/app', 'critical', ['service/active']),
  )
  expect(found.roots).toEqual(['database/server'])
  expect(found.causedBy['http/app']).toEqual(['database/server', 'service/active'])
})

test('a check that is ok or skipped explains nothing', () => {
  expect(
    causesOf(outcome('a/ok', 'ok'), outcome('a/skipped', 'skipped'), outcome('b/bad', 'critical', ['a/*'])).roots,
  ).toEqual(['b/bad'])
})

test('a warning explains no critical, a critical explains a warning', () => {
  expect(causesOf(outcome('a/odd', 'warning'), outcome('b/bad', 'critical', ['a/odd'])).roots).toEqual([
    'b/bad',
    'a/odd',
  ])
  expect(causesOf(outcome('a/bad', 'critical'), outcome('b/odd', 'warning', ['a/bad'])).roots).toEqual(['a/bad'])
})

test('unknown explains only unknown, and is never a root cause', () => {
  const found = causesOf(
    outcome('a/unknown', 'unknown'),
    outcome('b/bad', 'critical', ['a/unknown']),
    outcome('b/odd', 'warning', ['a/unknown']),
    outcome('b/unknown', 'unknown', ['a/unknown', 'b/bad']),
  )
  expect(found).toEqual({roots: ['b/bad', 'b/odd'], causedBy: {'b/unknown': ['a/unknown']}})
})

test('two independent faults are two root causes, worst first', () => {
  const found = causesOf(
    outcome('a/odd', 'warning'),
    outcome('b/bad', 'critical'),
    outcome('c/bad', 'critical', ['b/bad']),
  )
  expect(found.roots).toEqual(['b/bad', 'a/odd'])
})

test('two faults may explain one check', () => {
  const found = causesOf(
    outcome('a/one', 'critical'),
    outcome('a/two', 'critical'),
    outcome('b/bad', 'critical', ['a/*']),
  )
  expect(found).toEqual({roots: ['a/one', 'a/two'], causedBy: {'b/bad': ['a/one', 'a/two']}})
})

test('what a finding recognised overrules the graph', () => {
  const faults = [outcome('a/one', 'critical'), outcome('a/two', 'critical')]
  const recognised = causesOf(...faults, outcome('b/bad', 'critical', ['a/*'], ['a/two']))
  expect(recognised.causedBy).toEqual({'b/bad': ['a/two']})
  const itself = causesOf(...faults, outcome('b/bad', 'critical', ['a/*'], []))
  expect(itself.roots).toEqual(['a/one', 'a/two', 'b/bad'])
})

test('a recognised cause that does not fail explains nothing: the check stays a root cause', () => {
  expect(
    causesOf(outcome('a/two', 'ok'), outcome('a/one', 'critical'), outcome('b/bad', 'critical', ['a/*'], ['a/two']))
      .roots,
  ).toEqual(['a/one', 'b/bad'])
})

test('one finding that nothing explains makes the check a root cause', () => {
  const explained = critical('explained', 'm', cure, {because: ['a/one']})
  const own = critical('own', 'm', cure, {because: []})
  const both: Outcome = {...outcome('b/bad', 'critical', ['a/*']), findings: [explained, own]}
  expect(causesOf(outcome('a/one', 'critical'), both).roots).toEqual(['a/one', 'b/bad'])
})

test('only the worst findings decide', () => {
  const explained = critical('explained', 'm', cure, {because: ['a/one']})
  const aside = warning('aside', 'm', cure, {because: []})
  const both: Outcome = {...outcome('b/bad', 'critical', ['a/*']), findings: [explained, aside]}
  expect(causesOf(outcome('a/one', 'critical'), both).roots).toEqual(['a/one'])
})

test('checks that explain one another still leave a root cause: the more specific one', () => {
  expect(
    causesOf(
      outcome('service/active', 'critical', ['database/*', 'static/fresh']),
      outcome('static/fresh', 'critical', ['service/active']),
    ),
  ).toEqual({roots: ['static/fresh'], causedBy: {'service/active': ['static/fresh']}})
})

test('a circle that something outside explains has its root cause there', () => {
  const found = causesOf(
    outcome('service/active', 'critical', ['static/fresh', 'secrets/file']),
    outcome('static/fresh', 'critical', ['service/active']),
    outcome('secrets/file', 'critical'),
  )
  expect(found.roots).toEqual(['secrets/file'])
})

test('whatever fails and explains what: there is a root cause, and every consequence has one behind it', () => {
  const ids = ['a/1', 'a/2', 'b/1', 'b/2', 'c/1'] as const
  const status = fc.constantFrom<Status>('ok', 'warning', 'critical', 'unknown')
  const patterns = fc.uniqueArray(fc.constantFrom<CheckId>(...ids, 'a/*', 'b/*'), {maxLength: 4})
  const machine = fc.tuple(...ids.map(id => fc.tuple(fc.constant(id), status, patterns)))
  fc.assert(
    fc.property(machine, made => {
      const outcomes = made.map(([id, state, explainedBy]) => outcome(id, state, explainedBy))
      const {roots, causedBy} = rootCauses(outcomes)
      const bad = outcomes
        .filter(each => each.status === 'warning' || each.status === 'critical')
        .map(({check}) => check.id)
      for (const id of bad) {
        const behind = causedBy.get(id) ?? []
        expect(roots.includes(id)).toBe(behind.length === 0)
        if (behind.length > 0) expect(behind.some(cause => roots.includes(cause))).toBe(true)
        expect(behind).not.toContain(id)
      }
      expect(roots.every(id => bad.includes(id))).toBe(true)
    }),
    {numRuns: 2000},
  )
})

test('settings that went on without a part explain what is judged by them, though it knows better', () => {
  const settings = outcome('app/settings', 'critical', ['database/*'], [])
  const partial = {...settings, findings: settings.findings.map(each => ({...each, code: 'import-swallowed'}))}
  const others = [outcome('database/login', 'critical', [], []), outcome('state/space', 'critical')]
  expect(causesOf(partial, ...others).roots).toEqual(['app/settings', 'state/space'])
  expect(causesOf(settings, ...others).roots).toEqual(['app/settings', 'database/login', 'state/space'])
})

test('of two that explain one another, the one that recognised the other is the consequence', () => {
  const recognised = outcome('service/dependencies', 'critical', ['state/space'], ['app/settings'])
  const general = outcome('app/settings', 'critical', ['service/dependencies', 'database/*'])
  expect(causesOf(recognised, general).roots).toEqual(['app/settings'])
})
