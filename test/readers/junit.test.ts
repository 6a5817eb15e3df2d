import {execFileSync, spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, describe, expect, test} from 'vitest'
import type {Report} from '../../src/report/report.ts'
import {installed} from '../programs.ts'
import {enemyReports, knownReports, written} from './reports.ts'

const xmllint = installed('xmllint')
const schema = fileURLToPath(new URL('./junit.xsd', import.meta.url))

describe.skipIf(xmllint === null)('xmllint', () => {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-junit-'))
  afterAll(() => rmSync(directory, {recursive: true, force: true}))

  /** The names of the documents that the schema does not allow. */
  async function refused(reports: ReadonlyMap<string, Report>): Promise<readonly string[]> {
    const names = [...reports.keys()]
    const files = names.map((_, at) => join(directory, `${at}.xml`))
    for (const [at, report] of [...reports.values()].entries())
      writeFileSync(files[at] ?? '', await written(report, 'junit', at % 2 === 0))
    const {stderr} = spawnSync(xmllint ?? '', ['--noout', '--schema', schema, ...files], {
      encoding: 'utf8',
    })
    return names.filter((_, at) => !stderr.includes(`${files[at]} validates\n`))
  }

  /** The value of an XPath expression in a document. */
  function value(document: string, expression: string): string {
    return execFileSync(xmllint ?? '', ['--xpath', expression, '-'], {
      input: document,
      encoding: 'utf8',
    }).replace(/\n$/, '')
  }

  test('accepts every known report', async () => {
    expect(await refused(await knownReports())).toEqual([])
  })

  test('accepts a report of which every word comes from an enemy', async () => {
    expect(await refused(enemyReports(300))).toEqual([])
  })

  test('counts what the report counts', async () => {
    for (const [name, report] of await knownReports()) {
      const document = await written(report, 'junit')
      const {checks} = report
      const of = (...statuses: readonly string[]): number =>
        checks.filter(({status, waived}) => waived === null && statuses.includes(status)).length
      const expected = report.error
        ? {cases: 1, failures: 0, errors: 1, skipped: 0}
        : {
            cases: checks.length,
            failures: of('warning', 'critical'),
            errors: of('unknown'),
            skipped: of('skipped') + checks.filter(({waived}) => waived !== null).length,
          }
      const counted = {
        cases: Number(value(document, 'count(//testcase)')),
        failures: Number(value(document, 'count(//failure)')),
        errors: Number(value(document, 'count(//error)')),
        skipped: Number(value(document, 'count(//skipped)')),
      }
      expect([name, counted]).toEqual([name, expected])
      for (const what of ['failures', 'errors', 'skipped'] as const)
        expect(Number(value(document, `sum(//testsuite/@${what})`))).toBe(expected[what])
    }
  })

  test('reads a message as it was said', async () => {
    const said = '<a href="x">&amp;</a> ]]> \'é\' \t#| end'
    const report = (await knownReports()).get('one')
    if (!report) throw new Error('no such report')
    const checks = report.checks.map(check => ({
      ...check,
      findings: check.findings.map(finding => ({...finding, message: said})),
    }))
    const document = await written({...report, checks}, 'junit')
    // A tab would act on a terminal: it is shown as an escape in every format.
    const shown = said.replace('\t', '\\t')
    expect(value(document, 'string((//failure)[1]/@message)')).toBe(shown)
    expect(value(document, 'string((//failure)[1])')).toContain(shown)
  })
})
