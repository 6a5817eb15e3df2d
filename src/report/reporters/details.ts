import type {CheckReport} from '../report.ts'
import {standingOf} from '../standing.ts'
import {type Painted, under} from './layout.ts'
import {costOf} from './open.ts'
import type {Page} from './page.ts'
import {waiverOf} from './waived.ts'
import {duration, listed, repeats, whySkipped} from './words.ts'

/** Every check with its evidence and how long it took. */
export function detailLines({report, style, width}: Page): readonly string[] {
  return report.checks.flatMap(check => {
    const standing = standingOf(check)
    const title = style.status(standing, `${style.symbol(standing)} ${check.id}`)
    const time = style.faint(`${style.separator}${duration(check.durationMs)}`)
    return under({text: `${title}${time}`}, texts(check, style.faint), width)
  })
}

function texts(check: CheckReport, faint: (text: string) => string): readonly Painted[] {
  const {findings, causedBy, skippedBecause, experiments = []} = check
  const said = findings.map(({message}) => message).join(' ')
  const isExplained = standingOf(check) === 'explained'
  const shown = findings.flatMap(({message, evidence, waived}) => [
    {text: message, ...(isExplained && {paint: faint})},
    ...(waived ? [{text: waiverOf(waived), paint: faint}] : []),
    ...evidence
      .flatMap(entry => entry.split('\n'))
      .filter(line => !repeats(line, said))
      .map(line => ({text: line, bullet: '> ', paint: faint})),
  ])
  return [
    ...shown,
    ...experiments.map(each => ({text: `tried: ${each.outcome} (${costOf(each)})`, paint: faint})),
    ...(causedBy.length > 0 ? [{text: `explained by ${listed(causedBy)}`, paint: faint}] : []),
    ...(skippedBecause.length > 0
      ? [{text: `skipped: ${whySkipped(skippedBecause)}`, paint: faint}]
      : []),
  ]
}
