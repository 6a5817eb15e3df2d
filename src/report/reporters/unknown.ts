import type {CheckReport} from '../report.ts'
import {lookAgain} from '../step.ts'
import {indented, wrap} from './layout.ts'
import {inRecording, type Page} from './page.ts'
import {capitalized, counted} from './words.ts'

/** What could not be looked at, by reason; what root would have seen in one line. */
export function unknownSections(page: Page): readonly (readonly string[])[] {
  const {report, style, width} = page
  const unknown = report.checks.filter(({status}) => status === 'unknown')
  const forRoot = unknown.filter(
    ({findings}) => !page.privileged && findings[0]?.code === 'privilege',
  )
  const others = unknown.filter(check => !forRoot.includes(check))
  const reasons = [...byReason(others)].flatMap(([reason, ids]) => [
    ...indented(wrap(reason, width - 2), 2),
    ...indented(wrap(ids.join(', '), width - 4), 4).map(style.faint),
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
    ...(alone
      ? indented(wrap(checks.map(({id}) => id).join(', '), width - 4), 4).map(style.faint)
      : []),
  ]
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

function byReason(checks: readonly CheckReport[]): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, string[]>()
  for (const {id, findings} of checks) {
    const said = findings[0]?.message ?? 'no reason is known'
    const reason = said.length > longest ? `${said.slice(0, longest)}...` : said
    reasons.set(reason, [...(reasons.get(reason) ?? []), id])
  }
  return reasons
}
