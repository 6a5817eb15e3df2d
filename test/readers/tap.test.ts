import fc from 'fast-check'
import {Parser} from 'tap-parser'
import {expect, test} from 'vitest'
import type {Report} from '../../src/report/report.ts'
import {anyReport} from '../any-report.ts'
import {knownReports, written} from './reports.ts'

/** What the parser of node-tap reads of it; strict: whatever is no TAP is a failure. */
function read(tap: string) {
  const parser = new Parser({strict: true})
  const points: {ok: boolean; name: string; diag: unknown; skip: unknown; todo: unknown}[] = []
  let version = 0
  parser.on('version', (each: string | number) => {
    version = Number(each)
  })
  parser.on('assert', ({ok, name, diag, skip, todo}) => points.push({ok, name, diag, skip, todo}))
  parser.end(tap)
  if (!parser.results) throw new Error('it came to no end')
  return {version, points, results: parser.results}
}

function holds(report: Report, tap: string): void {
  const {version, points, results} = read(tap)
  expect(version).toBe(14)
  const complaints = results.failures.flatMap(({tapError}) => tapError ?? [])
  if (report.error) {
    expect(results).toMatchObject({ok: false, count: 0, bailout: expect.stringMatching(/\S/)})
    return
  }
  expect(complaints).toEqual([])
  expect(results.bailout).toBe(false)
  expect(points).toHaveLength(report.checks.length)
  for (const [at, {status, waived, findings, id}] of report.checks.entries()) {
    const point = points[at]
    expect(point?.name).toContain(id)
    expect(point?.ok).toBe(status === 'ok' || status === 'skipped')
    expect(Boolean(point?.skip)).toBe(status === 'skipped')
    expect(Boolean(point?.todo)).toBe(status !== 'ok' && status !== 'skipped' && waived !== null)
    if (point?.ok === false)
      expect(point.diag).toMatchObject({status, findings: findings.map(({code}) => ({code}))})
  }
  expect(results.ok).toBe(
    report.checks.every(
      ({status, waived}) => status === 'ok' || status === 'skipped' || waived !== null,
    ),
  )
}

test('every known report is TAP 14', async () => {
  for (const [name, report] of await knownReports())
    for (const verbose of [false, true])
      try {
        holds(report, await written(report, 'tap', verbose))
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, {cause: error})
      }
})

test('so is a report of which every word comes from an enemy', async () => {
  const property = fc.asyncProperty(anyReport, async report =>
    holds(report, await written(report, 'tap', true)),
  )
  await fc.assert(property, {numRuns: 300})
})
