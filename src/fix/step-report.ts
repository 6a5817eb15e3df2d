import type {FixReport} from '../report/report.ts'
import {type Prospect, riskOf} from './survey.ts'

export type StepReport = FixReport['steps'][number]

/** What the report says of a step. */
export function reported(
  {planned}: Prospect,
  outcome: StepReport['outcome'],
  reason: string | null = null,
): StepReport {
  const {step, remedies} = planned
  return {
    check: remedies[0]?.checks[0] ?? '',
    shell: step.shell,
    risk: riskOf(planned),
    outcome,
    reason,
  }
}

/** Of a step that nobody carried out; where a guard refused it, the report says that. */
export function notCarriedOut(prospect: Prospect, outcome: 'planned' | 'declined'): StepReport {
  return prospect.refused === null
    ? reported(prospect, outcome)
    : reported(prospect, 'refused', prospect.refused)
}
