import type {CheckReport, Report} from '../../report.ts'
import type {Consequence} from './graph.ts'

/** What every part of the page is written from. */
export interface Page {
  readonly report: Report
  /** True when root looked. */
  readonly privileged: boolean
  /** True where a recorded machine was looked at, at the time of the recording. */
  readonly isRecorded: boolean
  /** The root causes, the worst first. */
  readonly causes: readonly CheckReport[]
  readonly consequences: ReadonlyMap<string, readonly Consequence[]>
  /** What is shown for the lines of Nix of a remedy: see merged(). */
  readonly assignments: ReadonlyMap<string, string>
}
