import {type Start, untold} from './start.ts'
import type {Command} from './syntax.ts'

/** What a script has set so far. */
export interface State {
  readonly variables: Map<string, string>
  readonly exported: Set<string>
  readonly functions: Map<string, Command>
  arguments: readonly string[]
  directory: string
  /** `set -a` */
  exportsAll: boolean
  /** Something ran that may have set anything: a name that nobody sets afterwards is not known. */
  clouded: boolean
  /** One and the same for all copies of a state. */
  readonly budget: Budget
}

/** What is left to be done, in commands and characters. */
export interface Budget {
  left: number
}

/**
 * Commands and characters: a script whose functions call one another, or that doubles a word, would
 * have no end.
 */
const maxWork = 2_000_000

export function newBudget(): Budget {
  return {left: maxWork}
}

/** The script has no end, or none that we wait for. */
export class TooMuch extends Error {}

export function spend({budget}: Pick<State, 'budget'>, work: number): void {
  budget.left -= work
  if (budget.left < 0) throw new TooMuch()
}

export function firstState(start: Start, budget: Budget): State {
  return {
    variables: new Map(start.environment),
    exported: new Set(start.environment.keys()),
    functions: new Map(),
    arguments: start.argv,
    directory: start.directory,
    exportsAll: false,
    clouded: false,
    budget,
  }
}

/** For what may happen or not, or happens in a process of its own. */
export function cloneOf(state: State): State {
  spend(state, state.variables.size)
  return {
    ...state,
    variables: new Map(state.variables),
    exported: new Set(state.exported),
    functions: new Map(state.functions),
  }
}

/** From here on no name is known that is not set again. */
export function cloud(state: State): void {
  for (const name of state.variables.keys()) state.variables.set(name, untold)
  state.clouded = true
}

export function assign(state: State, name: string, value: string): void {
  state.variables.set(name, value)
  if (state.exportsAll) state.exported.add(name)
}

/** Whether a name is set; null where nobody can tell. */
export function isKnownSet(name: string, state: State): boolean | null {
  if (/^\d$/.test(name)) return state.arguments[Number(name)] !== undefined
  if (name === '@' || name === '*') return state.arguments.length > 1
  const value = state.variables.get(name)
  if (value === untold) return null
  return value !== undefined ? true : state.clouded ? null : false
}

/** What a name stands for; it holds `untold` where that is not known. */
export function lookedUp(name: string, state: State): string {
  const found = knownOf(name, state)
  spend(state, found.length)
  return found
}

function knownOf(name: string, state: State): string {
  if (/^\d$/.test(name)) return state.arguments[Number(name)] ?? ''
  if (name === '@' || name === '*') return state.arguments.slice(1).join(' ')
  if (name === '#') return String(state.arguments.length - 1)
  if (name === 'PWD') return state.directory
  if (name === 'BASH_SOURCE') return state.arguments[0] ?? ''
  if (/^[?$!-]$/.test(name) || name === 'RANDOM' || name === 'HOSTNAME') return untold
  return state.variables.get(name) ?? (state.clouded ? untold : '')
}
