import type {CheckReport, Report} from '../report.ts'
import {costOf, openLines} from './open.ts'
import type {RenderOptions} from './page.ts'
import {changeLines, fixLines, originLines, remedyLines} from './plain.ts'
import {waiverOf} from './waived.ts'
import {whySkipped} from './words.ts'

/**
 * TAP version 14: one test point for each check. What is waived is TODO, of which a failure is
 * none; what was not judged is SKIP; what could not be looked at is not ok.
 */
export function renderTap(
  report: Report,
  {verbose, isRecorded}: Pick<RenderOptions, 'verbose' | 'isRecorded'>,
): string {
  const {checks, error, fix} = report
  const lines = [
    'TAP version 14',
    ...comments([
      subject(report),
      ...originLines(report, isRecorded),
      ...changeLines(report),
      ...fixLines(fix),
    ]),
    ...(error === null
      ? [
          `1..${checks.length}`,
          ...checks.flatMap((check, at) => point(report, check, at + 1, verbose)),
        ]
      : [`Bail out! ${oneLine(error.message)}`]),
  ]
  return lines.map(line => `${line}\n`).join('')
}

function subject({host, target, status}: Report): string {
  return [host, target.unit, status].filter(Boolean).join(' ')
}

function comments(texts: readonly string[]): readonly string[] {
  return texts.map(text => `# ${oneLine(text)}`)
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}

function point(
  report: Report,
  check: CheckReport,
  number: number,
  verbose: boolean,
): readonly string[] {
  const {id, title, status, findings} = check
  const isOk = status === 'ok' || status === 'skipped'
  const line = `${isOk ? 'ok' : 'not ok'} ${number} - ${escapeTap(`${id} - ${title}`)}`
  const says = !isOk || verbose || findings.some(({waived}) => waived !== null)
  return [
    `${line}${directive(check)}`,
    ...(says && findings.length > 0 ? diagnostics(report, check) : []),
  ]
}

function directive({status, waived, skippedBecause}: CheckReport): string {
  if (status === 'skipped') return ` # SKIP ${escapeTap(whySkipped(skippedBecause))}`
  return waived && status !== 'ok' ? ` # TODO ${escapeTap(waiverOf(waived))}` : ''
}

/** In a description and in the reason of a directive. */
function escapeTap(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&')
}

/** A block of YAML, whose values are written as JSON: that is YAML, too. */
function diagnostics(report: Report, check: CheckReport): readonly string[] {
  const {status, causedBy, findings, experiments = []} = check
  return [
    '---',
    `status: ${status}`,
    ...(causedBy.length > 0 ? [`causedBy: ${JSON.stringify(causedBy)}`] : []),
    'findings:',
    ...findings.flatMap(finding => {
      const {code, status, message, since, evidence, remedy, waived} = finding
      return [
        `  - code: ${code}`,
        `    status: ${status}`,
        `    message: ${JSON.stringify(message)}`,
        ...(since === null ? [] : [`    since: ${JSON.stringify(since)}`]),
        ...list('    open', openLines(report, finding)),
        ...list('    evidence', evidence),
        ...list('    remedy', remedy ? remedyLines(remedy) : []),
        ...(waived ? [`    waived: ${JSON.stringify(waiverOf(waived))}`] : []),
      ]
    }),
    ...list(
      'experiments',
      experiments.map(each => `${each.outcome} (${costOf(each)})`),
    ),
    '...',
  ].map(line => `  ${line}`)
}

function list(key: string, items: readonly string[]): readonly string[] {
  return items.length === 0
    ? []
    : [`${key}:`, ...items.map(item => `      - ${JSON.stringify(item)}`)]
}
