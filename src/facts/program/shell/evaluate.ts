import {cases, conditional, perhaps} from './branches.ts'
import {builtins} from './builtins.ts'
import {expanded, wordsOf} from './expansion.ts'
import {fine, launch, likely, open, type Result, type Run} from './run.ts'
import {untold} from './start.ts'
import {assign, cloneOf, cloud, lookedUp, type State, spend} from './state.ts'
import type {Command} from './syntax.ts'

/** Deeper than any real script sources or calls. */
const maxDepth = 8

/** Runs a command as far as that can be told, and notes the programs that it runs. */
export async function evaluate(command: Command, state: State, run: Run): Promise<Result> {
  spend(state, 20)
  if (run.depth > maxDepth) {
    cloud(state)
    return open
  }
  switch (command.kind) {
    case 'simple':
      return simple(command, state, run)
    case 'sequence':
      return sequence(command.commands, state, run)
    case 'not':
      return negated(await evaluate(command.command, state, run))
    case 'and':
    case 'or':
      return andOr(command, state, run)
    case 'if':
      return conditional(command, state, run)
    case 'case':
      return cases(command, state, run)
    case 'loop':
      if (command.variable !== null) state.variables.set(command.variable, untold)
      return perhaps([command.body], state, run)
    case 'apart':
      for (const each of command.commands) await evaluate(each, cloneOf(state), run)
      return likely
    case 'function':
      state.functions.set(command.name, command.body)
      return fine
  }
}

async function sequence(commands: readonly Command[], state: State, run: Run): Promise<Result> {
  let last = fine
  for (const each of commands) {
    last = await evaluate(each, state, run)
    if (last.ended) break
  }
  return last
}

function negated({outcome, ended}: Result): Result {
  return {outcome: outcome === 'true' ? 'false' : outcome === 'false' ? 'true' : null, ended}
}

async function andOr(
  command: Command & {kind: 'and' | 'or'},
  state: State,
  run: Run,
): Promise<Result> {
  const left = await evaluate(command.left, state, run)
  if (left.ended) return left
  if (left.outcome === null) return perhaps([command.right], state, run)
  const hasSucceeded = left.outcome !== 'false'
  return hasSucceeded === (command.kind === 'and') ? evaluate(command.right, state, run) : left
}

async function simple(
  command: Command & {kind: 'simple'},
  state: State,
  run: Run,
): Promise<Result> {
  const words = await wordsOf(command.words, state, run)
  const [name] = words
  const values = await Promise.all(
    command.assignments.map(async ({name, value, append}) => {
      const text = await expanded(value, state, run)
      return [name, append ? `${lookedUp(name, state)}${text}` : text] as const
    }),
  )
  if (name === undefined) {
    for (const [key, value] of values) assign(state, key, value)
    return fine
  }
  const body = state.functions.get(name)
  if (body) return call(body, words, state, run)
  const own = builtins.get(name)
  if (!own) {
    launch(words, state, run, values)
    return likely
  }
  const before = cloneOf(state)
  for (const [key, value] of values) assign(state, key, value)
  if (name === 'exec') for (const [key] of values) state.exported.add(key)
  const result = await own(words, state, run, command.words)
  for (const [key] of values)
    if (before.variables.has(key)) state.variables.set(key, lookedUp(key, before))
  return result
}

/** A function of the script, with arguments of its own. */
async function call(
  body: Command,
  words: readonly string[],
  state: State,
  run: Run,
): Promise<Result> {
  const callers = state.arguments
  state.arguments = [callers[0] ?? '', ...words.slice(1)]
  const result = await evaluate(body, state, {...run, depth: run.depth + 1})
  state.arguments = callers
  return result
}
