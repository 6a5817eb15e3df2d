import type {Status} from '../finding.ts'
import type {CheckReport, Report} from '../report.ts'
import {merged} from './assignments.ts'
import {causeLines, failing, remedies, sinceOf} from './cause.ts'
import {detailLines} from './details.ts'
import {fixSections, hasActed} from './fix.ts'
import {indented, wrap} from './layout.ts'
import type {Page, RenderOptions} from './page.ts'
import {styleFor} from './style.ts'
import {unknownSections} from './unknown.ts'
import {waivedSections} from './waived.ts'
import {capitalized, counted, duration} from './words.ts'

/** Columns: longer lines are hard to read, however wide the terminal is. */
const widest = 100

/**
 * The verdict: what is wrong, what it explains, what to type, where to read on. A healthy host gets
 * one line.
 * @param report whose strings may be printed as they are (visibleReport).
 */
export async function renderText(report: Report, options: RenderOptions): Promise<string> {
  const style = await styleFor(options.terminal)
  const width = Math.min(widest, options.terminal.width)
  const page: Page = {...options, report, style, width, assignments: merged(nixTexts(report))}
  const details = options.verbose ? [detailLines(page)] : []
  const sections = report.error
    ? failedSections(page, report.error.message)
    : report.status === 'ok'
      ? [...fixSections(page), ...waivedSections(page), healthyLines(page), ...details]
      : [
          headerLines(page),
          ...(hasActed(report.fix) ? fixSections(page) : []),
          ...wrongSections(page),
          ...unknownSections(page),
          ...waivedSections(page),
          // What could be done comes after what was found.
          ...(hasActed(report.fix) ? [] : fixSections(page)),
          ...details,
          footerLines(page),
        ]
  return `${sections.map(lines => lines.join('\n')).join('\n\n')}\n`
}

/** For a file alone: on a terminal the sentence stands on stderr. */
function failedSections(page: Page, message: string): readonly (readonly string[])[] {
  const {report, style, width} = page
  const heading = style.strong('The run failed before anything was looked at')
  return [
    [style.faint(subject(report).join(style.separator))],
    [
      `${style.status('unknown', style.symbol('unknown'))} ${heading}`,
      ...indented(
        message.split('\n').flatMap(line => wrap(line, width - 2)),
        2,
      ),
    ],
  ]
}

function healthyLines({report, style, width}: Page): readonly string[] {
  const parts = [
    'Nothing is wrong',
    ...subject(report),
    counts(report),
    duration(report.durationMs),
  ]
  const [first = '', ...rest] = wrap(parts.join(style.separator), width - 2)
  return [`${style.status('ok', style.symbol('ok'))} ${first}`, ...indented(rest, 2)]
}

function headerLines({report, style, width}: Page): readonly string[] {
  const checks = `${report.checks.length} ${report.checks.length === 1 ? 'check' : 'checks'}`
  return wrap([...subject(report), checks].join(style.separator), width).map(style.faint)
}

function footerLines({report, style, width}: Page): readonly string[] {
  const {status, durationMs} = report
  const [first = '', ...rest] = wrap(
    [status, counts(report), duration(durationMs)].join(style.separator),
    width,
  )
  return [style.status(status, status) + first.slice(status.length), ...rest]
}

function subject({host, target}: Report): readonly string[] {
  return [host, target.unit].filter(part => part !== null && part !== '') as string[]
}

/** "10 ok, 3 critical, 2 skipped": what there is none of is not named. */
function counts({counts}: Report): string {
  const {ok, warning, critical, unknown, skipped} = counts
  const named: readonly (readonly [number, string])[] = [
    [ok, 'ok'],
    [warning, warning === 1 ? 'warning' : 'warnings'],
    [critical, 'critical'],
    [unknown, 'unknown'],
    [skipped, 'skipped'],
  ]
  return named
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(', ')
}

/** Every text of Nix, in the order in which it is printed. */
function nixTexts(report: Report): readonly string[] {
  const printed = printedRoots(report).flatMap(({checks}) =>
    checks.flatMap(check => remedies(failing(check))),
  )
  return printed.flatMap(remedy => [remedy, ...remedy.alternatives]).flatMap(({nix}) => nix ?? [])
}

/** The root causes, the worst first. */
function printedRoots(report: Report) {
  const roots = report.rootCauses
    .map(id => report.checks.find(check => check.id === id))
    .filter(check => check !== undefined)
  return (['critical', 'warning'] as const).map(status => ({
    status,
    checks: roots.filter(check => check.status === status),
  }))
}

function wrongSections(page: Page): readonly (readonly string[])[] {
  return printedRoots(page.report).flatMap(({status, checks}) => {
    return checks.length > 0
      ? [
          headline(page, status, checks),
          ...checks.map(check => causeLines(page, check, checks.length === 1)),
        ]
      : []
  })
}

const sentences = {
  critical: ['thing is wrong', 'things are wrong'],
  warning: ['thing should be looked at', 'things should be looked at'],
} as const

function headline(
  {report, style, width}: Page,
  status: Status & keyof typeof sentences,
  checks: readonly CheckReport[],
): readonly string[] {
  const [one, many] = sentences[status]
  const [only] = checks
  const time = only && checks.length === 1 ? sinceOf(only, report.startedAt) : ''
  const [first = '', ...rest] = wrap(
    `${capitalized(counted(checks.length, one, many))}${time && `, ${time}`}`,
    width - 2,
  ).map(style.strong)
  return [`${style.status(status, style.symbol(status))} ${first}`, ...indented(rest, 2)]
}
