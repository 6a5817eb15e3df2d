import type {CheckReport} from '../report.ts'
import {defaultUnit} from '../step.ts'
import {indented, wrap} from './layout.ts'
import type {Page} from './page.ts'
import {capitalized, counted} from './words.ts'

/** What could not be looked at, by reason; what root would have seen in one line. */
export function unknownSections(page: Page): readonly (readonly string[])[] {
  const {report, style, width} = page
  const unknown = report.checks.filter(({status}) => status === 'unknown')
  if (unknown.length === 0) return []
  const forRoot = unknown.filter(
    ({findings}) => !page.privileged && findings[0]?.code === 'privilege',
  )
  const others = unknown.filter(check => !forRoot.includes(check))
  const verdict = report.status === 'unknown'
  const symbol = style.status('unknown', style.symbol('unknown'))
  const heading = (text: string): readonly string[] => {
    const [first = '', ...rest] = wrap(text, width - 2).map(style.strong)
    return [`${symbol} ${first}`, ...indented(rest, 2)]
  }
  return [
    ...(verdict || others.length > 0 ? [heading(summary(page, verdict ? unknown : others))] : []),
    ...[...byReason(others)].map(([reason, ids]) => [
      ...indented(wrap(reason, width - 2), 2),
      ...indented(wrap(ids.join(', '), width - 4), 4).map(style.faint),
    ]),
    ...(forRoot.length > 0 ? [forRootLines(page, forRoot)] : []),
  ]
}

/** What to type stands beside the sentence where there is room, and is never broken. */
function forRootLines(page: Page, checks: readonly CheckReport[]): readonly string[] {
  const {report, style, width} = page
  const alone = report.status === 'unknown'
  const {unit} = report.target
  const typed = `sudo prism-doctor${unit === null || unit === defaultUnit ? '' : ` --unit ${unit}`}`
  const sentence = `${capitalized(counted(checks.length, 'check needs', 'checks need'))} root to look:`
  const symbol = alone ? ' ' : style.status('unknown', style.symbol('unknown'))
  const fits = sentence.length + typed.length + 3 <= width
  return [
    `${symbol} ${sentence}${fits ? ` ${style.command(typed)}` : ''}`,
    ...(fits ? [] : [`    ${style.command(typed)}`]),
    ...(alone
      ? indented(wrap(checks.map(({id}) => id).join(', '), width - 4), 4).map(style.faint)
      : []),
  ]
}

function summary({report}: Page, unknown: readonly CheckReport[]): string {
  if (report.status !== 'unknown')
    return `${capitalized(counted(unknown.length, 'check'))} could not look`
  if (report.counts.ok === 0) return 'Nothing could be looked at'
  return `Nothing is known to be wrong, but ${counted(unknown.length, 'check')} could not look`
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
