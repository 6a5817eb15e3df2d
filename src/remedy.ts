import type {Change, Remedy, Risk, Step} from './check.ts'
import type {Unit} from './probes/systemd.ts'
import type {Target} from './target.ts'

/** A word as a POSIX shell must be given it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A program to run as root, exactly as printed. */
export function run(...argv: readonly string[]): Step {
  return {shell: `sudo ${argv.map(shellWord).join(' ')}`, argv}
}

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

/** Something to type or do by hand; no program of ours stands behind it. */
export function hand(shell: string): Step {
  return {shell, argv: null}
}

export function remedy(summary: string, risk: Risk, steps: readonly Step[], nix: string | null = null): Remedy {
  return {summary, risk, steps, nix}
}

/** `nixos-rebuild switch` with the flake of the configuration. */
export function rebuild(target: Target): Step {
  const {flake} = target.settings
  return run('nixos-rebuild', 'switch', ...(flake ? ['--flake', flake] : []))
}

/** For a process that was started before its unit was changed and loaded. */
export function restartWithEnvironment(target: Target): Remedy {
  const summary = 'Restart the service, so that it gets the environment of its unit'
  return remedy(summary, 'disruptive', [restart(target)])
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
  return `systemd.services.${name.replace(/\.service$/, '')}`
}

/** A change of files that is made under guards; by hand, the command does the nearest. */
export function change(what: Change, ...argv: readonly string[]): Step {
  return {...run(...argv), argv: null, change: what}
}
