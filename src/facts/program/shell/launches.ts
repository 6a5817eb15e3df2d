import {evaluate} from './evaluate.ts'
import {parseScript} from './parse.ts'
import type {Launch, ScriptWorld, Start} from './start.ts'
import {type Budget, firstState, newBudget, spend, TooMuch} from './state.ts'

/**
 * The programs that a POSIX shell script would run, in their order, each with its words,
 * environment and directory; null for what does not parse as a script, or has no end.
 * @param budget Shared by scripts that run one another.
 */
export async function launchesOf(
  text: string,
  start: Start,
  world: ScriptWorld,
  budget: Budget = newBudget(),
): Promise<readonly Launch[] | null> {
  const launches: Launch[] = []
  try {
    const state = firstState(start, budget)
    spend(state, text.length)
    const script = parseScript(text)
    if (!script) return null
    await evaluate(script, state, {launches, world, certain: true, depth: 0, evaluate})
    return launches
  } catch (error) {
    // Nobody nests a start script deeper than our own stack.
    if (error instanceof TooMuch || error instanceof RangeError) return null
    throw error
  }
}
