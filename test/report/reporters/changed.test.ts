import {describe, expect, test} from 'vitest'
import type {Change, HistoryEvent, HistoryReport, Report} from '../../../src/report/report.ts'
import {
  alikeText,
  changedAt,
  changeText,
  contrast,
  toldChanges,
} from '../../../src/report/reporters/changed.ts'
import {reports} from '../../reports.ts'

function change(name: string, old: string | null, now: string | null, more: Partial<Change> = {}) {
  const kind = old === null ? 'added' : now === null ? 'removed' : 'changed'
  const common = {source: 'a test', secret: false, at: null, checks: ['database/server']}
  return {...common, name, kind, old, new: now, ...more} as Change
}

async function withHistory(history: Partial<HistoryReport>): Promise<Report> {
  const report = await reports.changed()
  if (!report.history) throw new Error('it has no history')
  const near = (history.changes ?? []).slice(0, 1)
  return {
    ...report,
    checks: report.checks.map(check =>
      check.id === 'database/server' ? {...check, changes: near} : check,
    ),
    history: {...report.history, changes: [], more: 0, events: [], ...history},
  }
}

const names = (report: Report): readonly string[] =>
  (toldChanges(report)?.first ?? []).map(alikeText)

describe('one change', () => {
  test.each([
    [change('unit/MemoryMax', '512M', '64M'), 'unit/MemoryMax: 512M → 64M'],
    [change('unit/MemoryMax', '', '64M'), 'unit/MemoryMax: not set → 64M'],
    [change('distribution/six', null, '1.16'), 'distribution/six: new, 1.16'],
    [change('distribution/six', '1.16', null), 'distribution/six: gone, was 1.16'],
    [
      {...change('environment/KEY', '', ''), old: null, new: null, secret: true},
      'environment/KEY: changed',
    ],
    [
      change('environment/KEY', '', null, {old: null, kind: 'removed', secret: true}),
      'environment/KEY: gone',
    ],
  ])('%j', (one, text) => {
    expect(changeText(one)).toBe(text)
  })

  const long = 'gunicorn shop.wsgi:application --bind 127.0.0.1:8000 --timeout 30 --workers'

  test.each([
    [`${long} 2`, `${long} 64`, ['…--workers 2', '…--workers 64']],
    [
      `${long} 2 --log-level info`,
      `${long} 64 --log-level info`,
      ['…--workers 2…', '…--workers 64…'],
    ],
    [long, `${long} 4`, ['…30 --workers', '…30 --workers 4']],
    [`python ${long}`, long, ['python gunicorn…', 'gunicorn…']],
    ['a'.repeat(100), 'b'.repeat(100), [`${'a'.repeat(60)}…`, `${'b'.repeat(60)}…`]],
    ['short', 'other', ['short', 'other']],
  ])('of long values only what differs is shown: %s', (old, now, expected) => {
    expect(contrast(old, now)).toEqual(expected)
  })
})

describe('what is told', () => {
  test('at least three, and as many as touch a root cause, up to five', async () => {
    const all = [...'abcdefgh'].map(name => change(`x/${name}`, '1', '2'))
    const three = await withHistory({changes: all, more: 4})
    expect(names(three)).toEqual(['x/a: 1 → 2', 'x/b: 1 → 2', 'x/c: 1 → 2'])
    expect(toldChanges(three)?.more).toBe(9)
    const near = three.checks.map(check => ({...check, changes: all.slice(0, 7)}))
    expect(names({...three, checks: near})).toHaveLength(5)
    expect(toldChanges(three, {all: true})?.first).toHaveLength(8)
  })

  test('what came or went with one thing is one line, but for the first', async () => {
    const gone = [...'abcde'].map(name => change(`pg_database/shop/${name}`, '1', null))
    expect(names(await withHistory({changes: gone}))).toEqual([
      'pg_database/shop/a: gone, was 1',
      'pg_database/shop/*: 4 gone (b, c, d, …)',
    ])
  })

  test('a change that the cause names, with both values, is not repeated', async () => {
    const report = await withHistory({
      changes: [
        change('unit/ActiveState', 'dead', 'inactive'),
        change('unit/Port', '5433', '5432'),
        {...change('environment/localhost', '', ''), old: null, new: null, secret: true},
      ],
    })
    // "localhost:5432 refuses connections; postgresql.service is inactive (dead)", which names no
    // ActiveState, but a name of a variable: that it changed is news.
    expect(names(report)).toEqual([
      'unit/ActiveState: dead → inactive',
      'unit/Port: 5433 → 5432',
      'environment/localhost: changed',
    ])
    const named = await withHistory({changes: [change('unit/postgresql', 'inactive', 'dead')]})
    expect(names(named)).toEqual([])
  })

  test('nothing where all is well, or there is nothing to compare with', async () => {
    const report = await withHistory({changes: [change('a', '1', '2')]})
    expect(toldChanges({...report, status: 'ok'})).toBeNull()
    expect(toldChanges(await withHistory({comparedWith: null}))).toBeNull()
    expect(toldChanges(await reports.one())).toBeNull()
  })
})

describe('where nothing that touches the failure has changed', () => {
  const well = (at: string, changes: readonly Change[]): HistoryEvent => ({
    at,
    status: 'ok',
    rootCauses: [],
    changes: [...changes],
    more: 0,
  })
  const before = async (...events: readonly HistoryEvent[]) =>
    toldChanges(await withHistory({events: [...events]}))?.before.map(
      ({at, change}) => `${at.slice(0, 16)} ${changeText(change)}`,
    )

  test('what had changed before is told, as one change of each', async () => {
    expect(
      await before(
        well('2026-11-22T22:00:00.000Z', [change('a', '2', '3')]),
        well('2026-11-22T21:00:00.000Z', [change('a', '1', '2'), change('b', '1', '2')]),
        well('2026-11-14T21:00:00.000Z', [change('long ago', '1', '2')]),
      ),
    ).toEqual(['2026-11-22T22:00 a: 1 → 3', '2026-11-22T21:00 b: 1 → 2'])
  })

  test('what was changed back is not', async () => {
    expect(
      await before(
        well('2026-11-22T22:00:00.000Z', [change('a', '2', '1')]),
        well('2026-11-22T21:00:00.000Z', [change('a', '1', '2')]),
      ),
    ).toEqual([])
  })

  test('a time that lies before the look before it is not believed', async () => {
    const at = '2020-01-01T00:00:00.000Z'
    expect(
      await before(
        well('2026-11-22T22:00:00.000Z', [change('a', '1', '2', {at})]),
        well('2026-11-22T21:00:00.000Z', []),
      ),
    ).toEqual(['2026-11-22T22:00 a: 1 → 2'])
  })
})

test('a time is told only where it can be when it changed', async () => {
  const {history, startedAt} = await reports.changed()
  if (!history) throw new Error('it has no history')
  const told = (at: string) => changedAt(change('a', '1', '2', {at}), history, startedAt)
  expect(told('2026-11-23T07:00:00.000Z')).toBe('2026-11-23T07:00:00.000Z')
  expect(told('2026-11-23T06:00:00.000Z')).toBeNull()
  expect(told('2026-11-23T09:00:00.000Z')).toBeNull()
})
