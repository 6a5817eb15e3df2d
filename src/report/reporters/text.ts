import type {CheckReport, Report} from '../report.ts'
import {merged} from './assignments.ts'
import {causeLines, failing, remedies, rootsOf, sinceOf} from './cause.ts'
import {changeSections} from './changes.ts'
import {detailLines} from './details.ts'
import {fixSections, hasActed} from './fix.ts'
import {indented, wrap, wrapParts} from './layout.ts'
import {inRecording, type Page, type RenderOptions} from './page.ts'
import {styleFor} from './style.ts'
import {unknownSections} from './unknown.ts'
import {waivedSections} from './waived.ts'
import {capitalized, counted, countsOf, duration, failedVerdict} from './words.ts'

/** Columns: longer lines are hard to read, however wide the terminal is. */
const widest = 100

/**
 * The verdict: what is wrong, what it explains, what to type, where to read on. A healthy host gets
 * one line. The first line is the verdict, whatever follows.
 * @param report whose strings may be printed as they are (visibleReport).
 */
export async function renderText(report: Report, options: RenderOptions): Promise<string> {
  const style = await styleFor(options.terminal)
  const width = Math.min(widest, options.terminal.width)
  const page: Page = {...options, report, style, width, assignments: merged(nixTexts(report))}
  const isWell = report.status === 'ok'
  const sections = report.error
    ? failedSections(page, report.error.message)
    : [
        ...(isWell ? [healthyLines(page)] : [...wrongSections(page), ...unknownSections(page)]),
        ...changeSections(page),
        ...waivedSections(page),
        ...fixSections(page),
        ...(options.verbose ? [detailLines(page)] : []),
        ...(isWell ? [] : [footerLines(page)]),
      ]
  return `${sections.map(lines => lines.join('\n')).join('\n\n')}\n`
}

/** For a file alone: on a terminal the sentence stands on stderr. */
function failedSections(page: Page, message: string): readonly (readonly string[])[] {
  const {report, style, width} = page
  const heading = style.strong(capitalized(failedVerdict))
  return [
    [
      `${style.status('unknown', style.symbol('unknown'))} ${heading}`,
      ...indented(
        message.split('\n').flatMap(line => wrap(line, width - 2)),
        2,
      ),
    ],
    [style.faint(subject(report).join(style.separator))],
  ]
}

function healthyLines(page: Page): readonly string[] {
  const {report, style, width} = page
  const again = report.fix && report.fix.before.status !== 'ok' ? ' any more' : ''
  const said = `Nothing is wrong${again}${inRecording(page)}`
  const parts = [said, ...summary(report), duration(report.durationMs)]
  const [first = '', ...rest] = wrapParts(parts, style.separator, width - 2)
  return [`${style.status('ok', style.symbol('ok'))} ${first}`, ...indented(rest, 2)]
}

function footerLines({report, style, width, verbose}: Page): readonly string[] {
  const parts = [...summary(report), ...(verbose ? [duration(report.durationMs)] : [])]
  return wrapParts(parts, style.separator, width).map(style.faint)
}

function subject({host, target}: Report): readonly string[] {
  return [host, target.unit ?? ''].filter(part => part !== '')
}

/** What was looked at, and how it came out. */
function summary(report: Report): readonly string[] {
  return [...subject(report), countsOf(report.checks)]
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
  const roots = rootsOf(report)
  return (['critical', 'warning'] as const).map(status => ({
    status,
    checks: roots.filter(check => check.status === status),
  }))
}

function wrongSections(page: Page): readonly (readonly string[])[] {
  return printedRoots(page.report).flatMap(({status, checks}) => {
    const [only, ...others] = checks
    if (!only) return []
    const head = headline(page, status, checks)
    if (others.length === 0) return [[...head, ...causeLines(page, only)]]
    return [head, ...checks.map((check, index) => causeLines(page, check, index + 1))]
  })
}

const sentences = {
  critical: (count: number, still: string) =>
    counted(count, `thing is${still} wrong`, `things are${still} wrong`),
  warning: (count: number) => counted(count, 'warning'),
} as const

function headline(
  page: Page,
  status: keyof typeof sentences,
  checks: readonly CheckReport[],
): readonly string[] {
  const {report, style, width} = page
  const [only] = checks
  const time = only && checks.length === 1 ? sinceOf(page, only) : ''
  const before = report.fix?.before.rootCauses
  const isOld = checks.every(({id}) => before?.includes(id))
  const still = isOld && hasActed(report.fix) ? ' still' : ''
  const said = `${capitalized(sentences[status](checks.length, still))}${inRecording(page)}`
  const [first = '', ...rest] = wrap(`${said}${time && `, ${time}`}`, width - 2)
  const paint = (text: string): string => style.status(status, style.strong(text))
  return [paint(`${style.symbol(status)} ${first}`), ...indented(rest.map(paint), 2)]
}
