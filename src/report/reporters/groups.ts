import type {Status} from '../finding.ts'
import type {CheckReport, Report} from '../report.ts'
import {type Standing, standingOf, worstStanding} from '../standing.ts'
import type {Page} from './page.ts'
import type {Style} from './style.ts'
import {duration, listed} from './words.ts'

/**
 * What was looked at, a line for each group, as it stays above the verdict; with `verbose` every
 * check below it, with its time.
 */
export function groupLines({
  report,
  style,
  width,
  verbose,
}: Pick<Page, 'report' | 'style' | 'width' | 'verbose'>): readonly string[] {
  const groups = [...Map.groupBy(report.checks, ({group}) => group)]
  const names = groupColumn(groups.map(([group]) => group))
  return groups.flatMap(([group, checks]) => {
    const standing = worstStanding(checks.map(standingOf))
    const mark = `${style.status(standing, style.symbol(standing))} ${group.padEnd(names)}  `
    const said = tallies(checks, report).find(text => names + 4 + text.length <= width) ?? ''
    return [mark + said, ...(verbose ? checks.map(check => checkLine(check, style, width)) : [])]
  })
}

/** Columns of the longest name. */
export function groupColumn(groups: readonly string[]): number {
  return Math.max(0, ...groups.map(group => group.length))
}

/** "5 of 7 ok": the same while it runs and when it is over. */
export function tally(statuses: readonly (Status | null)[]): string {
  return `${statuses.filter(status => status === 'ok').length} of ${statuses.length} ok`
}

/** What is said of a group, the longest text first. */
function tallies(checks: readonly CheckReport[], report: Report): readonly string[] {
  const standings = Map.groupBy(checks, standingOf)
  const count = (standing: Standing): number => standings.get(standing)?.length ?? 0
  const explained = standings.get('explained') ?? []
  const roots = report.rootCauses.filter(id =>
    explained.some(({causedBy}) => causedBy.includes(id)),
  )
  const few = [
    tally(checks.map(check => check.status)),
    ...named(count('critical'), 'critical'),
    ...named(count('warning'), count('warning') === 1 ? 'warning' : 'warnings'),
    ...named(count('unknown'), 'unknown'),
  ]
  const rest = [...named(count('skipped'), 'skipped'), ...named(count('waived'), 'waived')]
  const follow = count('explained') === 1 ? 'follows' : 'follow'
  const texts = [` from ${listed(roots)}`, ''].map(why =>
    [...few, ...named(explained.length, `${follow}${why}`), ...rest].join(', '),
  )
  return [...texts, ...few.slice(0, 1)]
}

function named(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what}`]
}

function checkLine(check: CheckReport, style: Style, width: number): string {
  const standing = standingOf(check)
  const time = style.separator + duration(check.durationMs)
  const title = cut(check.title, width - 4 - time.length, style)
  return `  ${style.status(standing, style.symbol(standing))} ${title}${style.faint(time)}`
}

/** One line of at most `columns`. */
export function cut(text: string, columns: number, {isUnicode}: Pick<Style, 'isUnicode'>): string {
  if (text.length <= columns) return text
  const dots = isUnicode ? '…' : '...'
  return `${text.slice(0, Math.max(0, columns - dots.length))}${dots}`
}
