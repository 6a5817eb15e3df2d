import type {Report} from '../report.ts'
import type {Terminal} from '../terminal.ts'
import type {Style} from './style.ts'
import {dated} from './words.ts'

/** What every part of the text is written from. */
export interface Page extends RenderOptions {
  /** Already escaped: whatever is taken from it may be printed. */
  readonly report: Report
  readonly style: Style
  readonly width: number
  /** What is printed for the lines of Nix of a remedy: see {@link merged}. */
  readonly assignments: ReadonlyMap<string, string>
}

export interface RenderOptions {
  readonly verbose: boolean
  /** True when root looked. */
  readonly privileged: boolean
  /** True where a recorded machine was looked at, at the time of the recording. */
  readonly isRecorded?: boolean | undefined
  /** True where the same terminal shows the plan of `--fix`. */
  readonly isPlanShown?: boolean | undefined
  /** Where the text will be read. */
  readonly terminal: Terminal
}

/** A recording tells of its own machine and time: nobody shall take it for this one, or for now. */
export function inRecording({report, isRecorded}: Page): string {
  return isRecorded ? ` in this recording of ${dated(report.startedAt)}` : ''
}
