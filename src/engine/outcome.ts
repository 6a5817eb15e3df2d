import type {Check} from '../checks/check.ts'
import type {CheckId, Finding, Status} from '../report/finding.ts'

/** One check's end, as the engine keeps it. */
export interface Outcome {
  readonly check: Check
  readonly status: Status
  readonly findings: readonly Finding[]
  readonly skippedBecause: readonly CheckId[]
  /** Milliseconds. */
  readonly durationMs: number
  /** What it hands on to whoever needs it. */
  readonly result?: unknown
  /**
   * Unknown only since a recording lacks an answer, and not wrong by all that it holds: what needs
   * it is judged.
   */
  readonly mayPass?: boolean
}
