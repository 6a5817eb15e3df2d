import {findCommand, findPlaces} from '../facts/program/command.ts'
import {nearestServices} from '../facts/program/services.ts'
import {findEnvironments} from '../facts/target/environment.ts'
import {showUnit} from '../facts/unit/systemd.ts'
import {CannotLook, type Host} from '../host/host.ts'
import {didYouMean} from '../report/nearest.ts'
import {UsageError} from '../report/usage-error.ts'
import {say} from './failure.ts'
import {withProgress} from './progress.ts'

/**
 * `prism-doctor run`: what is printed is the command's own, but for a sentence where it could not
 * be started.
 * @returns the exit code.
 * @throws UsageError where it cannot be run as the unit at all.
 */
export async function runCommand(
  host: Host,
  unit: string,
  words: readonly string[],
): Promise<number> {
  const [name] = words
  if (name === undefined || name === '')
    throw new UsageError('run needs a command, as in: sudo prism-doctor run -- manage check')
  if (host.uid !== 0)
    throw new UsageError(
      'run needs root, since only root can become what the unit is; use sudo prism-doctor run',
    )
  try {
    // What the command draws itself comes after this is gone.
    const found = await withProgress(
      `looking how ${unit} runs its programs`,
      findProgram(host, unit, words),
    )
    if (found === null) {
      say(`there is no command ${name}: not beside the program of ${unit}, and not in its PATH`)
      return 127
    }
    const {argv, runsAs} = found
    const {runAsUnit} = await import('../host/local/run-as-unit.ts')
    const {exitCode, notStarted} = await runAsUnit(unit, argv, runsAs ? {as: runsAs} : {})
    if (notStarted === null) return exitCode
    say(`systemd could not start ${argv[0]} as ${unit} would: ${notStarted}`)
    return notStarted.startsWith('203/') ? 127 : exitCode
  } catch (error) {
    if (error instanceof CannotLook)
      throw new UsageError(`${name} cannot be run as ${unit} would: ${error.message}`)
    throw error
  }
}

/**
 * The command as it is started, and the user whom the unit's program becomes; null where there is no
 * such command.
 * @throws UsageError for a unit that there is not.
 */
async function findProgram(host: Host, unit: string, words: readonly string[]) {
  const shown = await showUnit(host, unit)
  const state = shown.get('LoadState')
  if (state !== 'loaded') {
    const meant = didYouMean(await nearestServices(host, unit))
    throw new UsageError(
      `systemd has no unit ${unit} to run as (${state}); ${meant}name one with --unit`,
    )
  }
  // What systemd says of a failure may quote the environment.
  await findEnvironments(host, shown)
  const places = await findPlaces(host, shown)
  const argv = await findCommand(host, words, places)
  return argv && {argv, runsAs: places.runsAs}
}
