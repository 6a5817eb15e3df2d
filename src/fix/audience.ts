import type {DiagnoseOptions} from '../engine/diagnose.ts'
import type {CheckId} from '../report/finding.ts'
import type {Report} from '../report/report.ts'
import type {PlannedStep} from './plan.ts'

/** Who watches a run. What they see says what goes on; it decides nothing. */
export interface Audience {
  /** The machine is looked at. */
  look(): LookView
  /** What was found, before anybody is asked what may be done about it; else it is the answer. */
  verdict(report: Report): Promise<void>
  /** These steps are carried out, one after the other. */
  steps(steps: readonly PlannedStep[]): StepsView
}

export interface LookView {
  readonly watch: NonNullable<DiagnoseOptions['watch']>
  /** @param report null where there is none. */
  done(report: Report | null): Promise<void>
}

export interface StepsView {
  /** Before a step: these are asked whether an earlier one has made it needless. */
  ask(step: PlannedStep, checks: readonly CheckId[]): void
  begin(step: PlannedStep): void
  /** After a step, whatever became of it: these are asked whether what was done so far helped. */
  verify(step: PlannedStep, checks: readonly CheckId[]): void
  /** @param end `passed`: an earlier step made it needless, or kept it from being done. */
  end(step: PlannedStep, end: 'done' | 'passed' | {readonly reason: string}): void
  done(): Promise<void>
}
