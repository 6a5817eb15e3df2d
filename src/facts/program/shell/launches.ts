import {evaluate} from './evaluate.ts'
import {parseScript} from './parse.ts'
import type {Launch, ScriptWorld, Start} from './start.ts'
import {firstState, TooMuch} from './state.ts'

/**
 * The programs that a POSIX shell script would run, in their order, each with its words,
 * environment and directory; null for what does not parse as a script, or has no end.
 */
export async function launchesOf(
  text: string,
  start: Start,
  world: ScriptWorld,
): Promise<readonly Launch[] | null> {
  const launches: Launch[] = []
  try {
    const script = parseScript(text)
    if (!script) return null
    await evaluate(script, firstState(start), {launches, world, certain: true, depth: 0, evaluate})
    return launches
  } catch (error) {
    // Nobody nests a start script deeper than our own stack.
    if (error instanceof TooMuch || error instanceof RangeError) return null
    throw error
  }
}
