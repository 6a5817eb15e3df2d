import {posix} from 'node:path'
import {inDirectory} from './directories.ts'
import {parseScript} from './parse.ts'
import {likely, open, type Result, type Run} from './run.ts'
import {untold} from './start.ts'
import {cloud, lookedUp, type State, spend} from './state.ts'

/** `. FILE`: what cannot be read may set anything. */
export async function source(
  [, file = '']: readonly string[],
  state: State,
  run: Run,
): Promise<Result> {
  const path = inDirectory(state.directory, file)
  if (path.includes(untold)) {
    cloud(state)
    return likely
  }
  if (path.endsWith('/bin/activate')) return activate(path, state)
  const text = await run.world.read(path)
  if (text !== null) return evaluateText(text, state, run)
  cloud(state)
  return likely
}

/**
 * venv's own script, of which only this reaches a program (CPython,
 * Lib/venv/scripts/common/activate).
 */
function activate(path: string, state: State): Result {
  const environment = posix.dirname(posix.dirname(path))
  state.variables.set('VIRTUAL_ENV', environment)
  state.variables.set('PATH', `${environment}/bin:${lookedUp('PATH', state)}`)
  state.variables.delete('PYTHONHOME')
  for (const name of ['VIRTUAL_ENV', 'PATH']) state.exported.add(name)
  return likely
}

/** The text of a script within another one. */
export async function evaluateText(text: string, state: State, run: Run): Promise<Result> {
  // Also where the same file is sourced again and again.
  spend(state, text.length)
  const script = text.includes(untold) ? null : parseScript(text)
  if (script) {
    const {ended, outcome} = await run.evaluate(script, state, {...run, depth: run.depth + 1})
    return {ended: ended && outcome !== null, outcome: outcome ?? 'likely'}
  }
  cloud(state)
  return open
}
