import type {Change, Lasting, Remedy, Risk, Step, Way} from './check.ts'
import type {Stated} from './facts/stated.ts'
import {nixService as nixServiceOf} from './platform/nixos.ts'
import type {Means} from './platform/platform.ts'
import type {Unit} from './probes/systemd.ts'
import {isSecretElsewhere} from './secrets.ts'
import {edit, hand, run} from './step.ts'
import type {Target} from './target.ts'

export {hand, run} from './step.ts'

/** The unit that is meant where none is named. */
export const defaultUnit = 'prism-django.service'

/** A command as the unit would run it; `--fix` runs it in this process, by the same means (host.asUnit). */
export function runAs({name}: Pick<Unit, 'name'>, ...command: readonly string[]): Step {
  return run('prism-doctor', 'run', ...(name === defaultUnit ? [] : ['--unit', name]), '--', ...command)
}

/** The unit and the command of a step that runAs made; null for any other program. */
export function commandOf(argv: readonly string[]): {readonly unit: string; readonly words: readonly string[]} | null {
  const dashes = argv.indexOf('--')
  if (argv[0] !== 'prism-doctor' || argv[1] !== 'run' || dashes < 0) return null
  const own = argv.slice(2, dashes)
  if (own.length === 0) return {unit: defaultUnit, words: argv.slice(dashes + 1)}
  return own.length === 2 && own[0] === '--unit' ? {unit: own[1] ?? '', words: argv.slice(dashes + 1)} : null
}

/** What steps alone put right. */
export function remedy(summary: string, risk: Risk, steps: readonly Step[], nix: string | null = null): Remedy {
  const lasting: Lasting | null = nix === null ? null : {file: null, text: nix}
  return {summary, risk, steps, nix, lasting, alternatives: []}
}

export interface MendOptions {
  /** What to look at before. */
  readonly first?: readonly Step[]
  /** What comes after the change is made and counts. */
  readonly after?: readonly Step[]
  /** The summary is whole as it is: what lets the change count is not said. */
  readonly whole?: boolean
}

/**
 * What a change of this machine's configuration puts right, as the platform makes it.
 * `mend('Correct the port', target.platform.variable(…))` says "Correct the port, then rebuild" on
 * NixOS, and "Correct the port, then restart the service" elsewhere.
 */
export function mend(summary: string, means: Means, {first = [], after = [], whole = false}: MendOptions = {}): Remedy {
  const {nix, lasting, next, risk = 'manual'} = means
  const steps = [...first, ...means.steps, ...after]
  return {
    summary: means.summary ?? (whole || next === null ? summary : `${summary}, then ${next}`),
    risk,
    steps: steps.filter(({shell}, at) => steps.findIndex(other => other.shell === shell) === at),
    nix,
    lasting,
    alternatives: [],
  }
}

/** The steps put it right; what the platform says keeps it so. */
export function kept(cure: Remedy, {nix, lasting}: Means): Remedy {
  return {...cure, nix, lasting}
}

/** Another way to the same end. */
export function or(cure: Remedy, ...others: readonly Way[]): Remedy {
  return {
    ...cure,
    alternatives: [
      ...cure.alternatives,
      ...others.map(({summary, risk, steps, nix, lasting}) => ({summary, risk, steps, nix, lasting})),
    ],
  }
}

/** A command of manage.py as the service would run it, for a hand. */
export function manage({unit}: Target, ...words: readonly string[]): Step {
  return hand(runAs(unit, 'manage', ...words).shell)
}

/**
 * A part of the database's address, changed where it is stated: in its variable, wherever that is set, or in the settings.
 * @param value null where it is for a human to say; what a URL holds is never shown.
 */
export function restated(target: Target, {variable, file}: Stated, value: string | null = null): Means {
  const {platform} = target
  if (variable !== null) {
    const own = target.secretsFiles.some(({path}) => path === file) || file === null ? undefined : file
    const hidden = value === null || isSecretElsewhere(variable) || /URL|DSN/.test(variable)
    return hidden ? platform.secret(target, variable, own) : platform.variable(target, variable, value, own)
  }
  return file === null ? platform.secret(target, null) : inSettings(target, file)
}

/** Something that is written out in a file of the application. */
export function inSettings(target: Target, file: string): Means {
  // What a store holds is never edited there.
  if (target.package !== null && file.startsWith(target.package)) return target.platform.code(target)
  return {steps: [edit(file), restart(target)], nix: null, lasting: null, next: 'restart the service'}
}

/** The application's own code has to change: what lets the change count. */
export function rebuild(target: Target): Step {
  return target.platform.code(target).steps[0] ?? restart(target)
}

/** For a process that was started before its unit was changed and loaded. */
export function restartWithEnvironment(target: Target): Remedy {
  const summary = 'Restart the service, so that it gets the environment of its unit'
  return remedy(summary, 'disruptive', [restart(target)])
}

/** For a process that was started before what is deployed now. */
export function restartDue(target: Target): Remedy {
  return remedy('Restart the service, so that it runs what is deployed', 'disruptive', [restart(target)])
}

export function restart(target: Target): Step {
  return run('systemctl', 'restart', target.unit.name)
}

export function start(target: Target): Step {
  return run('systemctl', 'start', target.unit.name)
}

/** What to do about a service that is still starting. */
export function awaitStart({name}: Unit): Remedy {
  return remedy('Wait until the service has started, then look again', 'manual', [hand(`systemctl status ${name}`)])
}

/** Where the configuration of NixOS has a unit: `systemd.services.prism-django`. */
export function nixService({name}: Pick<Unit, 'name'>): string {
  return nixServiceOf(name)
}

/** A change of files that is made under guards; by hand, the command does the nearest. */
export function change(what: Change, ...argv: readonly string[]): Step {
  return {...run(...argv), argv: null, change: what}
}
