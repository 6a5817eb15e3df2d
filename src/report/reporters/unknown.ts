import type {CheckReport} from '../report.ts'
import {lookAgain} from '../step.ts'
import {indented, wrap} from './layout.ts'
import {inRecording, type Page} from './page.ts'
import {capitalized, counted, cutAfter} from './words.ts'

/** What could not be looked at, by reason; what root would have seen in one line. */
export function unknownSections(page: Page): readonly (readonly string[])[] {
  const {report, width} = page
  const unknown = report.checks.filter(({status}) => status === 'unknown')
  const forRoot = unknown.filter(check => isForRoot(check, page.privileged))
  const others = unknown.filter(check => !forRoot.includes(check))
  const byReason = Map.groupBy(others, check => cutAfter(longest, reasonOf(check)))
  const reasons = [...byReason].flatMap(([reason, checks]) => [
    ...indented(wrap(reason, width - 2), 2),
    ...idLines(page, checks),
  ])
  const isVerdict = report.status === 'unknown'
  const heading = headingLines(page, isVerdict ? unknown.length : others.length)
  const root = forRoot.length > 0 ? [forRootLines(page, forRoot)] : []
  if (isVerdict) return [[...heading, ...reasons, ...root.flat()]]
  return [...(others.length > 0 ? [[...heading, ...reasons]] : []), ...root]
}

function headingLines(page: Page, count: number): readonly string[] {
  const {style, width} = page
  const [first = '', ...rest] = wrap(summary(page, count), width - 2)
  const paint = (text: string): string => style.status('unknown', style.strong(text))
  return [paint(`${style.symbol('unknown')} ${first}`), ...indented(rest.map(paint), 2)]
}

/** What to type stands beside the sentence where there is room, and is never broken. */
function forRootLines(page: Page, checks: readonly CheckReport[]): readonly string[] {
  const {report, style, width, isRecorded} = page
  const alone = report.status === 'unknown'
  const typed = lookAgain(report.target.unit)
  const need = `${capitalized(counted(checks.length, 'check needs', 'checks need'))} root`
  const sentence = isRecorded ? `${need}, and the recording was made without` : `${need} to look:`
  const symbol = alone ? ' ' : style.status('unknown', style.symbol('unknown'))
  const fits = isRecorded || sentence.length + typed.length + 3 <= width
  return [
    `${symbol} ${sentence}${fits && !isRecorded ? ` ${style.command(typed)}` : ''}`,
    ...(fits ? [] : [`    ${style.command(typed)}`]),
    ...(alone ? idLines(page, checks) : []),
  ]
}

function idLines({style, width}: Page, checks: readonly CheckReport[]): readonly string[] {
  return indented(wrap(checks.map(({id}) => id).join(', '), width - 4), 4).map(style.faint)
}

function summary(page: Page, count: number): string {
  const {report} = page
  const recorded = inRecording(page)
  if (report.status !== 'unknown') return `${capitalized(counted(count, 'check'))} could not look`
  if (report.counts.ok === 0) return `Nothing could be looked at${recorded}`
  return `Nothing is known to be wrong${recorded}, but ${counted(count, 'check')} could not look`
}

/** Characters of a reason: a question that was not recorded can be a page long. */
const longest = 240

/** Why a check could not look. */
export function reasonOf({findings}: CheckReport): string {
  return findings[0]?.message ?? 'no reason is known'
}

/** Whether it was root that was missing. */
export function isForRoot({findings}: CheckReport, privileged: boolean): boolean {
  return !privileged && findings[0]?.code === 'privilege'
}
