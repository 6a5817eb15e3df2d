import type {Change} from '../report/finding.ts'
import type {ExecAnswer} from './host.ts'

/** The machine as one who changes it sees it: what `--fix` and `undo` do, and nothing else can. */
export interface Hands {
  /**
   * Runs a step's program as root, without a shell, as Host.exec does; the time is for what
   * restarts and collects.
   */
  run(argv: readonly string[]): Promise<ExecAnswer>
  /**
   * What a change would alter, and what a guard keeps it from.
   * @throws Refused where a guard says no to all of it.
   */
  survey(change: Change, bounds: readonly string[]): Promise<Survey>
  /** Makes what was surveyed, entry by entry, each only if it is still as surveyed. */
  alter(survey: Survey): Altered
  /** Puts back what a run altered, each entry only if it is still as the run left it. */
  restore(survey: Survey): Altered
}

/** A guard said no: nothing was touched. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** Paths of a survey are bytes, read as latin1: what a name says in UTF-8. */
export function readable(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** What lies below a bound and what is to become of it. Paths are bytes, read as latin1. */
export interface Survey {
  readonly change: Change
  /** The directory of the unit or the configuration that the change stays in. */
  readonly bound: string
  readonly entries: readonly Alteration[]
  readonly refused: readonly {readonly path: string; readonly why: string}[]
}

export interface Attributes {
  readonly uid: number
  readonly gid: number
  /** Permission bits. */
  readonly mode: number
}

/** One entry: `was` is null for one that is made, `to` for one that is removed. */
export interface Alteration {
  /** Absolute. */
  readonly path: string
  /** 0 for one that is not there yet. */
  readonly ino: number
  readonly was: Attributes | null
  readonly to: Attributes | null
}

export interface Altered {
  readonly done: number
  /** What was no longer as it should be, or could not be altered. */
  readonly left: readonly {readonly path: string; readonly why: string}[]
  /**
   * Paths to which nothing was done: of what is left, unless a call failed half way, and what was
   * as it should become already.
   */
  readonly untouched: readonly string[]
}
