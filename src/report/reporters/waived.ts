import type {CheckReport} from '../report.ts'
import {under} from './layout.ts'
import type {Page} from './page.ts'

/** What is wrong and lived with: shown, not hidden. */
export function waivedSections({report, style, width}: Page): readonly (readonly string[])[] {
  const waived = report.checks.flatMap(check => {
    const bad = check.findings.filter(({status}) => status === 'warning' || status === 'critical')
    // What only a waived cause explains has no waiver of its own.
    const shown = check.waived ? bad.slice(0, 1) : bad.filter(finding => finding.waived !== null)
    return shown.flatMap(finding => {
      const waiver = check.waived ?? finding.waived
      return waiver ? [{check, waiver, bad: finding}] : []
    })
  })
  if (waived.length === 0) return []
  const lines = waived.flatMap(({check, waiver, bad}) => {
    const texts = [{text: bad.message}, {text: waiverOf(waiver), paint: style.faint}]
    return under({text: `  ${check.id}`, paint: style.strong}, texts, width)
  })
  return [[`${style.symbol('skipped')} Waived`, '', ...lines]]
}

export function waiverOf({reason, until}: NonNullable<CheckReport['waived']>): string {
  return `waived${until === null ? '' : ` until ${until}`}: ${reason}`
}
