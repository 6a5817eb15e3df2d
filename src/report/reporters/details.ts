import type {CheckReport} from '../report.ts'
import {beside, type Painted} from './layout.ts'
import type {Page} from './page.ts'
import {waiverOf} from './waived.ts'
import {duration, listed} from './words.ts'

/** Every check with its evidence and how long it took. */
export function detailLines({report, style, width}: Page): readonly string[] {
  const ids = Math.max(0, ...report.checks.map(({id}) => id.length))
  const times = Math.max(0, ...report.checks.map(({durationMs}) => duration(durationMs).length))
  return report.checks.flatMap(check => {
    const time = duration(check.durationMs).padStart(times)
    const text = `${style.symbol(check.status)} ${check.id.padEnd(ids)}  ${time}`
    const label = {text, paint: (plain: string): string => style.status(check.status, plain)}
    return beside(label, text.length + 2, texts(check, style.faint), width)
  })
}

function texts(check: CheckReport, faint: (text: string) => string): readonly Painted[] {
  const {findings, causedBy, skippedBecause} = check
  const shown = findings.flatMap(({message, evidence, waived}) => [
    {text: message},
    ...(waived ? [{text: waiverOf(waived), paint: faint}] : []),
    ...evidence
      .flatMap(entry => entry.split('\n'))
      .map(line => ({text: line, bullet: '> ', paint: faint})),
  ])
  return [
    ...shown,
    ...(causedBy.length > 0 ? [{text: `explained by ${listed(causedBy)}`, paint: faint}] : []),
    ...(skippedBecause.length > 0
      ? [{text: `not judged while ${listed(skippedBecause)} is not well`, paint: faint}]
      : []),
  ]
}
