import {findCommand, findPlaces} from '../facts/program/command.ts'
import {showUnit} from '../facts/unit/systemd.ts'
import type {Hands} from '../host/hands.ts'
import {CannotLook, type ExecAnswer, type Host} from '../host/host.ts'
import type {AsUnit} from '../host/local/as-unit.ts'
import {patience} from '../host/local/hands.ts'
import {commandOf} from '../report/step.ts'

/**
 * Hands that run a step of `prism-doctor run` as that would, but within this process, and keep what
 * it prints.
 */
export function withUnitCommands(hands: Hands, host: Host, asUnit: AsUnit): Hands {
  return {
    ...hands,
    run(argv) {
      const command = commandOf(argv)
      return command ? runCommand(command.unit, command.words) : hands.run(argv)
    },
  }

  /**
   * With the unit's own bounds: a migration that is killed for its memory is worse than one that
   * takes it.
   */
  async function runCommand(unit: string, words: readonly string[]): Promise<ExecAnswer> {
    const places = await findPlaces(host, await showUnit(host, unit))
    const argv = await findCommand(host, words, places)
    if (argv === null)
      throw new CannotLook(`there is no command ${words[0]} beside the program of ${unit}`)
    const as = places.runsAs && {as: places.runsAs}
    const answer = await asUnit(unit, argv, {timeout: patience, limit, unbounded: true, ...as})
    return answer.notStarted === undefined
      ? answer
      : {...answer, stderr: `${answer.notStarted}: ${answer.stderr}`}
  }
}

/** Bytes of what a command may print. */
const limit = 64 * 1024 * 1024
