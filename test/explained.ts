import type {Check} from '../src/checks/check.ts'
import {checks} from '../src/checks/index.ts'
import type {Finding} from '../src/report/finding.ts'
import type {Report} from '../src/report/report.ts'

/** The codes of bad findings that the check's explanation does not have. */
export function unexplained(
  {explanation}: Pick<Check, 'explanation'>,
  findings: readonly Pick<Finding, 'code' | 'status'>[],
): readonly string[] {
  return findings
    .filter(({status}) => status === 'warning' || status === 'critical')
    .map(({code}) => code)
    .filter(code => !Object.hasOwn(explanation.findings, code))
}

/** The same of a whole report: `group/name: code`. */
export function unexplainedIn(report: Report): readonly string[] {
  return report.checks.flatMap(({id, findings}) => {
    const check = checks.find(each => each.id === id)
    return check ? unexplained(check, findings).map(code => `${id}: ${code}`) : []
  })
}
