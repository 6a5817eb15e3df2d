import {matchesPattern, textOf} from './parameters.ts'
import {fine, open, type Result, type Run} from './run.ts'
import {untold} from './start.ts'
import {cloneOf, type State} from './state.ts'
import type {Command} from './syntax.ts'

/** Runs what may or may not be run: where the ways differ, what they leave is not known. */
export async function perhaps(
  bodies: readonly Command[],
  state: State,
  run: Run,
  isWhole = false,
): Promise<Result> {
  const ways = isWhole ? [] : [cloneOf(state)]
  for (const body of bodies) {
    const way = cloneOf(state)
    const {ended} = await run.evaluate(body, way, {...run, certain: false})
    if (!ended) ways.push(way)
  }
  if (ways.length === 0) return {outcome: null, ended: true}
  join(state, ways)
  return open
}

/** The state after any of these ways. */
function join(state: State, ways: readonly State[]): void {
  for (const name of new Set(ways.flatMap(way => [...way.variables.keys()]))) {
    state.variables.set(name, inCommon(ways.map(way => way.variables.get(name))) ?? untold)
    if (ways.some(way => way.exported.has(name))) state.exported.add(name)
  }
  state.directory = inCommon(ways.map(way => way.directory)) ?? untold
  state.clouded ||= ways.some(way => way.clouded)
  for (const way of ways) for (const [name, body] of way.functions) state.functions.set(name, body)
}

function inCommon<T>([first, ...others]: readonly T[]): T | undefined {
  return others.every(other => other === first) ? first : undefined
}

/** `if … elif … else … fi` */
export async function conditional(
  command: Command & {kind: 'if'},
  state: State,
  run: Run,
): Promise<Result> {
  const open: Command[] = []
  for (const {condition, body} of command.branches) {
    const {outcome, ended} = await run.evaluate(
      condition,
      state,
      open.length > 0 ? {...run, certain: false} : run,
    )
    if (ended) return {outcome, ended}
    if (outcome === 'false') continue
    open.push(body)
    if (outcome === 'true')
      return open.length === 1 ? run.evaluate(body, state, run) : perhaps(open, state, run, true)
  }
  if (open.length === 0)
    return command.otherwise ? run.evaluate(command.otherwise, state, run) : fine
  return command.otherwise
    ? perhaps([...open, command.otherwise], state, run, true)
    : perhaps(open, state, run)
}

/** `case … esac` */
export async function cases(
  command: Command & {kind: 'case'},
  state: State,
  run: Run,
): Promise<Result> {
  const subject = textOf(command.subject, state)
  const open: Command[] = []
  for (const {patterns, body} of command.clauses) {
    const matched = patterns.map(pattern => matchesPattern(pattern, subject, state))
    if (matched.includes(true))
      return open.length === 0
        ? run.evaluate(body, state, run)
        : perhaps([...open, body], state, run, true)
    if (matched.includes(null)) open.push(body)
  }
  return open.length === 0 ? fine : perhaps(open, state, run)
}
