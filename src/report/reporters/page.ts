import type {Report} from '../report.ts'
import type {Terminal} from '../terminal.ts'
import type {Style} from './style.ts'
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
  /** Where the text will be read. */
  readonly terminal: Terminal
}
