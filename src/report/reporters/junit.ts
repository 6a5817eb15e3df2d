import type {CheckReport, Report} from '../report.ts'
import {costOf, openLines} from './open.ts'
import type {RenderOptions} from './page.ts'
import {changeLines, fixLines, originLines, remedyLines} from './plain.ts'
import {waiverOf} from './waived.ts'
import {listed, whySkipped} from './words.ts'
import {element, escapeXml} from './xml.ts'

/**
 * JUnit XML: a suite for each group, a test case for each check. No schema of it is official; this
 * fits Windy Road's (Apache Ant) and the one of Jenkins' xUnit plugin. A failure is a check that
 * found something, an error one that could not look; skipped is what was not judged, or is waived.
 */
export function renderJunit(
  report: Report,
  {isRecorded}: Pick<RenderOptions, 'isRecorded'>,
): string {
  const groups = Map.groupBy(report.checks, ({group}) => group)
  const about = properties(report, isRecorded)
  const suites =
    report.error === null
      ? [...groups].map(([group, checks], at) =>
          suite(
            report,
            about,
            at,
            group,
            checks.map(check => testCase(report, check)),
          ),
        )
      : [suite(report, about, 0, 'run', [failedRun(report.error.message)])]
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', {}, ['\n', ...suites])}\n`
}

interface TestCase {
  readonly name: string
  readonly milliseconds: number
  readonly outcome: 'passed' | 'skipped' | 'error' | 'failure'
  readonly message: string
  /** How bad a failure is, or what an error is. */
  readonly type: string
  readonly lines: readonly string[]
}

function suite(
  report: Report,
  about: readonly string[],
  id: number,
  group: string,
  cases: readonly TestCase[],
): string {
  const count = (outcome: TestCase['outcome']): number =>
    cases.filter(each => each.outcome === outcome).length
  const total = cases.reduce((sum, {milliseconds}) => sum + milliseconds, 0)
  const passed = cases
    .filter(({outcome}) => outcome === 'passed')
    .map(({name, message}) => `${name}: ${message}\n`)
  const attributes = {
    name: group,
    package: 'prism-doctor',
    id,
    timestamp: report.startedAt.slice(0, 'YYYY-MM-DDThh:mm:ss'.length),
    hostname: report.host.trim() || 'localhost',
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(total),
  }
  const parts = [
    element('properties', {}, about),
    ...cases.map(each => written(group, each)),
    element('system-out', {}, passed.length > 0 ? [escapeXml(passed.join(''))] : []),
    element('system-err', {}),
  ]
  return `${element('testsuite', attributes, ['\n', ...parts.map(part => `${part}\n`)])}\n`
}

function properties(report: Report, isRecorded: boolean | undefined): readonly string[] {
  const {target, status, tool, fix} = report
  const known: readonly (readonly [string, string | null])[] = [
    ['unit', target.unit],
    ['status', status],
    ['version', tool.version],
    ...originLines(report, isRecorded).map(line => ['origin', line] as const),
    ...changeLines(report).map(line => ['change', line] as const),
    ...fixLines(fix).map(line => ['fix', line] as const),
  ]
  return known.flatMap(([name, value]) =>
    value === null ? [] : [element('property', {name, value})],
  )
}

function written(group: string, {name, milliseconds, outcome, message, type, lines}: TestCase) {
  const attributes = {name, classname: `prism-doctor.${group}`, time: seconds(milliseconds)}
  if (outcome === 'passed') return element('testcase', attributes)
  const why = {message, ...(outcome !== 'skipped' && {type})}
  const content = lines.length > 0 ? [escapeXml(lines.join('\n'))] : []
  return element('testcase', attributes, [element(outcome, why, content)])
}

function testCase(report: Report, check: CheckReport): TestCase {
  const {id, status, findings, waived, skippedBecause, durationMs} = check
  const common = {name: id, milliseconds: durationMs, type: status}
  const [worst] = findings
  if (status === 'skipped') {
    const message = whySkipped(skippedBecause)
    return {...common, outcome: 'skipped', message, lines: []}
  }
  const message = worst?.message ?? check.title
  const lines = detailsOf(report, check)
  if (waived) return {...common, outcome: 'skipped', message: waiverOf(waived), lines}
  if (status === 'ok') return {...common, outcome: 'passed', message, lines}
  return {...common, outcome: status === 'unknown' ? 'error' : 'failure', message, lines}
}

/** Everything that was found, what explains it, and what to do. */
function detailsOf(
  report: Report,
  {title, findings, causedBy, experiments = []}: CheckReport,
): readonly string[] {
  return [
    title,
    ...findings.flatMap(finding => {
      const {code, status, message, since, evidence, remedy, waived} = finding
      return [
        '',
        `${status} ${code}: ${message}`,
        ...(waived ? [waiverOf(waived)] : []),
        ...(since === null ? [] : [`since ${since}`]),
        ...openLines(report, finding),
        ...evidence.flatMap(entry => entry.split('\n')).map(line => `> ${line}`),
        ...(remedy ? remedyLines(remedy) : []),
      ]
    }),
    ...(experiments.length > 0
      ? ['', ...experiments.map(each => `Tried: ${each.outcome} (${costOf(each)})`)]
      : []),
    ...(causedBy.length > 0 ? ['', `Explained by ${listed(causedBy)}`] : []),
  ]
}

function failedRun(message: string): TestCase {
  return {name: 'run', milliseconds: 0, outcome: 'error', message, type: 'unknown', lines: []}
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}
