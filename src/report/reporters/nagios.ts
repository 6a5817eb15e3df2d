import type {CheckReport, Report} from '../report.ts'
import {lookAgain} from '../step.ts'
import {ascii} from './ascii.ts'
import {failing, remedies, rootsOf, sinceOf} from './cause.ts'
import {costOf, openLines} from './open.ts'
import type {Page, RenderOptions} from './page.ts'
import {perfdata} from './perfdata.ts'
import {changeLines, fixLines, originLines} from './plain.ts'
import {isForRoot} from './unknown.ts'
import {waivedOf, waiverOf} from './waived.ts'
import {listed} from './words.ts'

/** Characters of the first line: pagers and lists of services show no more. */
const longest = 79

/** Nagios reads 8192 bytes of a plugin (MAX_PLUGIN_OUTPUT_LENGTH), and NUL ends them. */
const ceiling = 8000

/**
 * What the Monitoring Plugins say: `DOCTOR STATUS: text | performance data`, then a line for each
 * cause and what to type. ASCII, and no "|" but the one before the performance data.
 */
export function renderNagios(
  report: Report,
  {verbose, privileged, isRecorded}: Pick<RenderOptions, 'verbose' | 'privileged' | 'isRecorded'>,
): string {
  const label = `DOCTOR ${report.status.toUpperCase()}: `
  const first = `${label}${headline(report, privileged, longest - label.length)}`
  if (report.error) return fitting(report, first, failedLines(report.error.message, first))
  const more = [
    ...originLines(report, isRecorded),
    ...rootsOf(report).flatMap(check => causeLines({report, isRecorded}, check)),
    ...changeLines(report),
    ...unseen(report),
    ...waived(report),
    ...fixLines(report.fix).map(line => `fix ${line}`),
    ...(verbose ? report.checks.flatMap(checkLines) : []),
  ].map(medium)
  return fitting(report, `${first} | ${perfdata(report)}`, more)
}

/** Text as it may stand in one line there. */
function medium(text: string): string {
  return ascii(text)
    .replaceAll('|', '\\u007c')
    .replace(/\s*\n\s*/g, ' ')
}

/** The whole sentence, where the first line does not hold it; a failed run has counted nothing. */
function failedLines(message: string, first: string): readonly string[] {
  return first.endsWith(medium(message)) ? [] : message.split('\n').map(medium)
}

function headline(report: Report, privileged: boolean, room: number): string {
  const {status, error, counts, checks, notLookedAt} = report
  if (error !== null) return shortened(medium(error.message), room)
  const [first, ...others] = rootsOf(report)
  if (first) {
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    const [worst] = failing(first)
    return `${shortened(medium(worst?.message ?? first.title), room - more.length)}${more}`
  }
  if (status === 'ok') {
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    const on = report.target.unit === null ? '' : ` on ${report.target.unit}`
    return shortened(
      medium(`${counts.ok} ${counts.ok === 1 ? 'check' : 'checks'} passed${skipped}${on}`),
      room,
    )
  }
  const unknown = checks.filter(({id}) => notLookedAt.includes(id))
  const forRoot = unknown.every(check => isForRoot(check, privileged))
  const reason = forRoot ? 'they need root' : (unknown[0]?.findings[0]?.message ?? '')
  const could = `${counts.unknown} of ${checks.length} checks could not look`
  return shortened(medium(`${could}: ${reason}`), room)
}

/** Cut at the end of a word where that leaves more than half of it. */
function shortened(text: string, room: number): string {
  if (text.length <= room) return text
  const whole = text.slice(0, room - 3)
  const word = whole.replace(/\s+\S*$/, '')
  return `${(word.length > room / 2 ? word : whole).replace(/[,;:]$/, '')}...`
}

function causeLines(
  page: Pick<Page, 'report' | 'isRecorded'>,
  check: CheckReport,
): readonly string[] {
  const {report} = page
  const bad = failing(check)
  const explained = report.checks.filter(({causedBy}) => causedBy.includes(check.id))
  const since = sinceOf(page, check)
  return [
    ...bad.flatMap(finding => [
      `${finding.status} ${check.id}: ${finding.message}`,
      ...openLines(report, finding).map(line => `  ${line}`),
    ]),
    ...(since === '' ? [] : [`  ${since}`]),
    ...(explained.length > 0 ? [`  this explains ${listed(explained.map(({id}) => id))}`] : []),
    ...remedies(bad).flatMap(({summary, steps}) => [
      `  ${summary}`,
      ...typed(
        steps.map(({shell}) => shell),
        lookAgain(report.target.unit, check.id),
      ),
    ]),
  ]
}

/** A command stands as it is to be typed, or not at all. */
function typed(commands: readonly string[], instead: string): readonly string[] {
  const lines = commands.flatMap(command => command.split('\n'))
  return lines.every(line => medium(line) === line)
    ? lines.map(line => `    ${line}`)
    : [`    see the commands with: ${instead}`]
}

function unseen({status, checks, notLookedAt}: Report): readonly string[] {
  const unknown = checks.filter(({id}) => notLookedAt.includes(id))
  if (status === 'unknown')
    return unknown.map(({id, findings}) => `unknown ${id}: ${findings[0]?.message ?? ''}`)
  return unknown.length > 0 ? [`could not look: ${listed(notLookedAt)}`] : []
}

function waived({checks}: Report): readonly string[] {
  return checks
    .flatMap(waivedOf)
    .map(({check, finding, waiver}) => `${check.id}: ${finding.message}, ${waiverOf(waiver)}`)
}

function checkLines({id, status, findings, experiments = []}: CheckReport): readonly string[] {
  const [worst] = findings
  return [
    `${status} ${id}${worst ? `: ${worst.message}` : ''}`,
    ...experiments.map(each => `  tried: ${each.outcome} (${costOf(each)})`),
  ]
}

/** Whole lines, as many as Nagios reads. */
function fitting({target}: Report, first: string, more: readonly string[]): string {
  const rest = medium(`... and more; see all of it with: ${lookAgain(target.unit)}`)
  let length = first.length + 1
  const lines = more.filter(line => {
    length += line.length + 1
    return length + rest.length < ceiling
  })
  const all = lines.length === more.length ? lines : [...lines, rest]
  return [first, ...all].map(line => `${line}\n`).join('')
}
