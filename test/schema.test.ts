import {readFileSync} from 'node:fs'
import * as v from 'valibot'
import {expect, test} from 'vitest'
import {reportJsonSchema} from '../scripts/schema.ts'
import {failedReport} from '../src/engine/diagnose.ts'
import {reportSchema} from '../src/report/schema.ts'
import {reports} from './reports.ts'
import {invalidities} from './valid.ts'

test('the published schema is the one that the program is written with (npm run schema)', () => {
  expect(readFileSync(new URL('../schema/report.schema.json', import.meta.url), 'utf8')).toBe(
    reportJsonSchema(),
  )
})

test.each(Object.entries(reports))(
  'the report "%s" is as the schema says, and holds nothing else',
  async (_, make) => {
    const report = await make()
    expect(invalidities(report)).toEqual([])
    expect(v.parse(reportSchema, report)).toEqual(report)
  },
)

test('so is the report of a run that never started', () => {
  expect(invalidities(failedReport('no such flag', 'midship'))).toEqual([])
})

test('a report of a later version, with more fields, is valid; one without a field is not', async () => {
  const report = await reports.one()
  expect(invalidities({...report, added: 1})).toEqual([])
  const {rootCauses: _, ...without} = report
  expect(invalidities(without)).toEqual(["must have required property 'rootCauses'"])
})
