import type {Launch, ScriptWorld} from './start.ts'
import {type State, spend} from './state.ts'
import type {Command} from './syntax.ts'

/**
 * How a command ended; `likely` is a program that is assumed to do its work, null a condition that
 * nobody can decide.
 */
export type Outcome = 'true' | 'false' | 'likely' | null

/** How a part of a script is being run. */
export interface Run {
  readonly launches: Launch[]
  readonly world: ScriptWorld
  readonly certain: boolean
  readonly depth: number
  /** Runs a command: what expands words and what is built in run others. */
  readonly evaluate: (command: Command, state: State, run: Run) => Promise<Result>
}

export interface Result {
  readonly outcome: Outcome
  /** `exec` or `exit`: nothing of the script comes after it. */
  readonly ended: boolean
}

export const fine: Result = {outcome: 'true', ended: false}
/** A condition that nobody can decide. */
export const open: Result = {outcome: null, ended: false}
/** A program, which is assumed to do its work. */
export const likely: Result = {outcome: 'likely', ended: false}

/** Notes a program that is run. @param own Variables that it alone is given. */
export function launch(
  argv: readonly string[],
  state: State,
  run: Run,
  own: readonly (readonly [string, string])[] = [],
): void {
  spend(state, state.variables.size)
  const environment = new Map([...state.variables].filter(([name]) => state.exported.has(name)))
  for (const [name, value] of own) environment.set(name, value)
  run.launches.push({argv, environment, directory: state.directory, certain: run.certain})
}
