import {randomBytes} from 'node:crypto'
import {lstatSync} from 'node:fs'
import {type AsUnitOptions, CannotLook} from '../host.ts'
import {accepted, lastLine} from './accepted.ts'
import {findCredentials} from './credentials.ts'
import {exec, findProgram} from './exec.ts'
import {addedTo, assertHarmless, assertNotRoot} from './experiment.ts'
import {handOverFor} from './hand-over.ts'
import {hold} from './running-units.ts'
import {parseShown, type Setting, type Shown} from './shown.ts'
import {type Bounds, handedOver, limitsOf} from './transient-settings.ts'
import {translate} from './unit-properties.ts'

/** A program that is about to be run as a unit would run it. */
export interface Transient {
  /** The transient unit: `prism-doctor-4711-1f2e3d4c5b6a.service`. */
  readonly name: string
  /**
   * The arguments of systemd-run; `how` says how the program is connected, `extra` settings come
   * last.
   */
  command(how: '--pipe' | '--pty', extra?: readonly Setting[]): readonly string[]
  /** Removes what was handed over in files. */
  forget(): void
  /** The unit has ended. */
  release(): void
}

/** Makes transient units; what systemd says of a unit is asked once. */
export type Prepare = (
  unit: string,
  argv: readonly string[],
  options: AsUnitOptions,
  bounds: Bounds,
) => Promise<Transient>

/** Prepares programs; everything but the program itself is checked before. */
export function createPrepare(): Prepare {
  const shown = new Map<string, Promise<readonly [Shown, Shown]>>()
  const show = (unit: string): Promise<readonly [Shown, Shown]> => {
    const known = shown.get(unit) ?? showUnit(unit)
    shown.set(unit, known)
    return known
  }
  return async (unit, argv, options, bounds) => {
    if (process.geteuid?.() !== 0)
      throw new CannotLook(`only root can run a program as ${unit} would`, {privilege: true})
    findProgram('systemd-run')
    const name = `prism-doctor-${process.pid}-${randomBytes(6).toString('hex')}.service`
    const handOver = handOverFor(name)
    const [of, defaults] = await show(unit)
    assertHarmless(of, unit, options)
    await assertNotRoot(of, unit, options)
    const translation = translate(of, defaults, isMapped)
    const given = {translation, credentials: await findCredentials(unit, of), options, bounds}
    const settings = [
      ...handedOver(handOver, given),
      ...limitsOf(of, bounds, options.without),
      ...addedTo(options),
    ]
    return {
      name,
      command: (how, extra = []) => systemdRun(name, how, [...settings, ...extra], argv),
      forget: handOver.forget,
      release: hold(name, handOver.forget),
    }
  }
}

/**
 * What systemd says of a unit, and of one that does not exist.
 * @throws CannotLook where it is not loaded.
 */
export async function showUnit(unit: string): Promise<readonly [Shown, Shown]> {
  const none = `prism-doctor-${randomBytes(6).toString('hex')}.service`
  const answer = await exec(['systemctl', 'show', '--all', '--no-pager', '--', unit, none])
  const [of, defaults] = parseShown(answer.stdout)
  if (answer.exitCode !== 0 || !of || !defaults)
    throw new CannotLook(
      `systemctl cannot ask systemd: ${lastLine(answer.stderr) || `exit code ${answer.exitCode}`}`,
    )
  const state = of.get('LoadState')?.[0]
  if (state !== 'loaded')
    throw new CannotLook(`${unit} cannot be run as: systemd says ${state ?? 'nothing'} of it`)
  return [of, defaults]
}

/**
 * As systemd leaves a private directory that it maps to the user of the unit: nobody's, with the
 * bits of the unit.
 */
export function isMapped(path: string, mode: number): boolean {
  const found = lstatSync(path, {throwIfNoEntry: false})
  return (
    found?.isDirectory() === true &&
    found.uid === 65_534 &&
    found.gid === 65_534 &&
    (found.mode & 0o7777) === mode
  )
}

function systemdRun(
  name: string,
  how: '--pipe' | '--pty',
  settings: readonly Setting[],
  argv: readonly string[],
): readonly string[] {
  return [
    how,
    '--quiet',
    '--wait',
    '--no-ask-password',
    `--unit=${name}`,
    '--description=prism-doctor',
    '--service-type=exec',
    ...settings.flatMap(accepted).flatMap(setting => ['-p', `${setting.name}=${setting.value}`]),
    '--',
    // systemd expands variables in the arguments of what it starts.
    ...argv.map((word, at) => (at === 0 ? word : word.replaceAll('$', '$$$$'))),
  ]
}
