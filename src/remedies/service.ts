import type {Stated} from '../facts/django/stated.ts'
import type {Target} from '../facts/target/target.ts'
import {soundsSecret} from '../host/secrecy/names.ts'
import type {Unit} from '../host/unit.ts'
import type {Means} from '../platform/platform.ts'
import type {Remedy, Step} from '../report/finding.ts'
import {byHand, edit, hand, run, runAs} from '../report/step.ts'
import {remedy} from './remedy.ts'

/** A command of manage.py as the service would run it, for a hand. */
export function manage({unit}: Target, ...words: readonly string[]): Step {
  return hand(runAs(unit, 'manage', ...words).shell)
}

/**
 * A part of the database's address, changed where it is stated: in its variable, wherever that is
 * set, or in the settings.
 * @param value null where it is for a human to say; what a URL holds is never shown.
 */
export function restated(
  target: Target,
  {variable, file, within}: Stated,
  value: string | null = null,
): Means {
  const {platform} = target
  if (within !== undefined && file !== null && isInstalled(target, file))
    return platform.secretsFile(target, file)
  if (variable !== null) {
    const own =
      target.secretsFiles.some(({path}) => path === file) || file === null ? undefined : file
    const hidden = value === null || soundsSecret(variable) || /URL|DSN/.test(variable)
    return hidden
      ? platform.secret(target, variable, own)
      : platform.variable(target, variable, value, own)
  }
  return file === null ? platform.secret(target, null) : inSettings(target, file)
}

/** Whether the platform puts this file there at boot. */
export function isInstalled({platform}: Target, file: string): boolean {
  const {secretsInstaller} = platform
  return secretsInstaller !== null && file.startsWith(`${secretsInstaller.directory}/`)
}

/** Something that is written out in a file of the application. */
export function inSettings(target: Target, file: string): Means {
  // What a store holds is never edited there.
  if (target.package !== null && file.startsWith(target.package))
    return target.platform.code(target)
  return {
    steps: [edit(file), restart(target)],
    nix: null,
    lasting: null,
    next: 'restart the service',
  }
}

/** For a process that was started before its unit was changed and loaded. */
export function restartWithEnvironment(target: Target): Remedy {
  const summary = 'Restart the service, so that it gets the environment of its unit'
  return remedy(summary, 'disruptive', [restart(target)])
}

/** For a process that was started before what is deployed now. */
export function restartDue(target: Target): Remedy {
  return remedy('Restart the service, so that it runs what is deployed', 'disruptive', [
    restart(target),
  ])
}

export function restart(target: Target): Step {
  return run('systemctl', 'restart', target.unit.name)
}

export function start(target: Target): Step {
  return run('systemctl', 'start', target.unit.name)
}

/** What to do about a service that is still starting. */
export function awaitStart({name}: Unit): Remedy {
  return remedy('Wait until the service has started, then look again', 'manual', [
    byHand('systemctl', 'status', name),
  ])
}
