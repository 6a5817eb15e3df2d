import type {CheckReport} from '../report.ts'
import {under} from './layout.ts'
import type {Page} from './page.ts'

/** What is wrong and lived with: shown, not hidden. */
export function waivedSections({report, style, width}: Page): readonly (readonly string[])[] {
  const waived = report.checks.flatMap(waivedOf)
  if (waived.length === 0) return []
  const lines = waived.flatMap(({check, finding, waiver}) => {
    const texts = [{text: finding.message}, {text: waiverOf(waiver), paint: style.faint}]
    return under({text: `  ${check.id}`, paint: style.strong}, texts, width)
  })
  return [[`${style.symbol('waived')} Waived`, ...lines]]
}

type Finding = CheckReport['findings'][number]
type Waiver = NonNullable<CheckReport['waived']>

interface WaivedFinding {
  readonly check: CheckReport
  readonly finding: Finding
  readonly waiver: Waiver
}

/**
 * What of a check is wrong and lived with. What only a waived cause explains has no waiver of its
 * own: its worst finding stands for it.
 */
export function waivedOf(check: CheckReport): readonly WaivedFinding[] {
  const bad = check.findings.filter(({status}) => status === 'warning' || status === 'critical')
  return (check.waived ? bad.slice(0, 1) : bad).flatMap(finding => {
    const waiver = check.waived ?? finding.waived
    return waiver ? [{check, finding, waiver}] : []
  })
}

export function waiverOf({reason, until}: Waiver): string {
  return `waived${until === null ? '' : ` until ${until}`}: ${reason}`
}
