import fc from 'fast-check'
import {expect, test} from 'vitest'
import {type LayerOf, rootCauses} from '../../src/engine/causes.ts'
import type {Outcome} from '../../src/engine/outcome.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import type {CheckId, Finding, Status} from '../../src/report/finding.ts'
import {critical, literalCheck} from '../literal.ts'

const cure = remedy('Do something', 'manual', [])

/** The ground is a/*, then b/*, then c/*. */
const layerOf: LayerOf = id => id.charCodeAt(0)

function outcome(id: CheckId, status: Status, ...findings: readonly Partial<Finding>[]): Outcome {
  const all = findings.map(
    each => ({...critical('code', 'message', cure), status, ...each}) as Finding,
  )
  return {check: literalCheck(id, []), status, findings: all, skippedBecause: [], durationMs: 0}
}

const cause = (id: CheckId, status: Status = 'critical', more: Partial<Finding> = {}): Outcome =>
  outcome(id, status, {kind: 'cause', ...more})
const symptom = (id: CheckId, status: Status = 'critical', more: Partial<Finding> = {}): Outcome =>
  outcome(id, status, {kind: 'symptom', ...more})

function causesOf(...outcomes: readonly Outcome[]) {
  const {roots, causedBy} = rootCauses(outcomes, layerOf)
  return {roots, causedBy: Object.fromEntries(causedBy)}
}

test('a symptom is a consequence of what fails below it', () => {
  expect(causesOf(cause('a/server'), symptom('b/active'))).toEqual({
    roots: ['a/server'],
    causedBy: {'b/active': ['a/server']},
  })
})

test('a symptom below which nothing fails is a root', () => {
  expect(causesOf(symptom('b/active'), cause('c/above')).roots).toEqual(['b/active', 'c/above'])
})

test('neither a check of the same layer nor one above explains a symptom', () => {
  expect(causesOf(symptom('b/one'), cause('b/two'), cause('c/three')).roots).toEqual([
    'b/one',
    'b/two',
    'c/three',
  ])
})

test('a cause is a root, whatever fails below', () => {
  expect(causesOf(cause('a/one'), cause('b/two'), symptom('c/three'))).toEqual({
    roots: ['a/one', 'b/two'],
    causedBy: {'c/three': ['a/one', 'b/two']},
  })
})

test('what stands behind a cause stands behind its consequences', () => {
  const {roots, causedBy} = causesOf(cause('a/one'), symptom('b/two'), symptom('c/three'))
  expect(roots).toEqual(['a/one'])
  expect(causedBy['c/three']).toEqual(['a/one', 'b/two'])
})

test.each<Status>(['ok', 'unknown', 'skipped'])(
  'a check that is %s explains nothing, and is no root',
  status => {
    expect(causesOf(outcome('a/one', status), symptom('b/bad')).roots).toEqual(['b/bad'])
  },
)

test('a warning explains no critical, a critical explains a warning', () => {
  expect(causesOf(cause('a/odd', 'warning'), symptom('b/bad')).roots).toEqual(['b/bad', 'a/odd'])
  expect(causesOf(cause('a/bad'), symptom('b/odd', 'warning')).roots).toEqual(['a/bad'])
})

test('independent faults are several roots, worst first', () => {
  expect(causesOf(cause('a/odd', 'warning'), cause('b/bad'), symptom('c/bad')).roots).toEqual([
    'b/bad',
    'a/odd',
  ])
})

test('what a finding recognised is the only explanation, in whatever layer it is', () => {
  const faults = [cause('a/one'), cause('a/two'), cause('c/above')]
  expect(causesOf(...faults, symptom('b/bad', 'critical', {because: ['a/two']})).causedBy).toEqual({
    'b/bad': ['a/two'],
  })
  expect(causesOf(...faults, cause('b/bad', 'critical', {because: ['c/above']})).causedBy).toEqual({
    'b/bad': ['c/above'],
  })
})

test('a recognised cause that does not fail explains nothing: the check is a root', () => {
  expect(
    causesOf(cause('a/one'), symptom('b/bad', 'critical', {because: ['a/two']})).roots,
  ).toEqual(['a/one', 'b/bad'])
})

test('a symptom that recognised itself as the cause is a root', () => {
  expect(causesOf(cause('a/one'), symptom('b/bad', 'critical', {because: 'itself'})).roots).toEqual(
    ['a/one', 'b/bad'],
  )
})

test('one finding that nothing explains makes the check a root', () => {
  const both = outcome('b/bad', 'critical', {kind: 'cause', because: ['a/one']}, {kind: 'cause'})
  expect(causesOf(cause('a/one'), both).roots).toEqual(['a/one', 'b/bad'])
})

test('of several explanations, what was recognised and what stands below both count', () => {
  const both = outcome(
    'b/bad',
    'critical',
    {kind: 'symptom'},
    {kind: 'symptom', because: ['c/above']},
  )
  expect(causesOf(cause('a/one'), cause('c/above'), both).causedBy).toEqual({
    'b/bad': ['a/one', 'c/above'],
  })
})

test('only the worst findings decide', () => {
  const both = outcome('b/bad', 'critical', {kind: 'symptom'}, {kind: 'cause', status: 'warning'})
  expect(causesOf(cause('a/one'), both).roots).toEqual(['a/one'])
})

test('a finding may explain others that know better', () => {
  const partial = cause('b/settings', 'critical', {explains: ['a/*', 'c/app']})
  expect(causesOf(cause('a/login'), partial, cause('c/app'), cause('c/other')).roots).toEqual([
    'b/settings',
    'c/other',
  ])
})

test('a milder finding explains others no more than a check of a lower layer does', () => {
  const mild = cause('a/settings', 'warning', {explains: ['b/app', 'c/journal']})
  expect(causesOf(mild, cause('b/app'), cause('c/journal', 'warning')).roots).toEqual([
    'b/app',
    'a/settings',
  ])
})

test('of two that explain one another, the one that recognised the other is the consequence', () => {
  const recognised = symptom('a/needed', 'critical', {because: ['b/settings']})
  expect(causesOf(recognised, symptom('b/settings')).roots).toEqual(['b/settings'])
  const each = (id: CheckId, other: CheckId): Outcome => symptom(id, 'critical', {because: [other]})
  expect(causesOf(each('a/one', 'b/two'), each('b/two', 'a/one')).roots).toEqual(['b/two'])
})

test('whatever fails and whatever is recognised: there is a root, and every consequence has one behind it', () => {
  const ids = ['a/1', 'a/2', 'b/1', 'b/2', 'c/1'] as const
  const finding = fc.record(
    {
      kind: fc.constantFrom('cause', 'symptom'),
      because: fc.uniqueArray(fc.constantFrom<CheckId>(...ids)),
    },
    {requiredKeys: ['kind']},
  )
  const status = fc.constantFrom<Status>('ok', 'warning', 'critical', 'unknown')
  const machine = fc.tuple(...ids.map(id => fc.tuple(fc.constant(id), status, finding)))
  fc.assert(
    fc.property(machine, made => {
      const outcomes = made.map(([id, state, said]) => outcome(id, state, said as Partial<Finding>))
      const {roots, causedBy} = rootCauses(outcomes, layerOf)
      const bad = outcomes
        .filter(({status: is}) => is === 'warning' || is === 'critical')
        .map(({check}) => check.id)
      for (const id of bad) {
        const behind = causedBy.get(id) ?? []
        expect(roots.includes(id)).toBe(behind.length === 0)
        if (behind.length > 0) expect(behind.some(each => roots.includes(each))).toBe(true)
        expect(behind).not.toContain(id)
      }
      expect(roots.every(id => bad.includes(id))).toBe(true)
      if (bad.length > 0) expect(roots).not.toEqual([])
    }),
    {numRuns: 2000},
  )
})
