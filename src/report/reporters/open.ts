import type {CheckReport} from '../report.ts'
import type {Painted} from './layout.ts'
import type {Page} from './page.ts'
import {cutAfter, listed, repeats} from './words.ts'

type Finding = CheckReport['findings'][number]

/** Of what nothing explains: what was ruled out, and the last lines that were said. */
export function openTexts({report, style}: Page, findings: readonly Finding[]): readonly Painted[] {
  return findings.flatMap(({unexplained, message}) => {
    if (!unexplained) return []
    const {ruledOut} = unexplained
    const lines = unexplained.lines.filter(line => !repeats(line, message))
    return [
      ...(ruledOut.length > 0
        ? [{text: `ruled out: ${listed(grouped(report, ruledOut))}`, paint: style.faint}]
        : []),
      ...(lines.length > 0 ? [{text: 'what it said last:', paint: style.faint}] : []),
      ...lines.map(line => ({text: quote(line), bullet: '> ', paint: style.faint})),
    ]
  })
}

/** "database/*" where all of a group are there. */
export function grouped({checks}: Page['report'], ids: readonly string[]): readonly string[] {
  const byGroup = Map.groupBy(
    checks.filter(({id}) => ids.includes(id)),
    ({group}) => group,
  )
  return [...byGroup].flatMap(([group, some]) =>
    some.length > 1 && some.length === checks.filter(check => check.group === group).length
      ? [`${group}/*`]
      : some.map(({id}) => id),
  )
}

/** Characters of a quoted line: about two lines of an 80-column terminal. */
const longest = 140

/** A quoted line, as long as it may be. */
export function quote(line: string): string {
  return cutAfter(longest, line)
}
