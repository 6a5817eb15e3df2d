import type {Remedy, Step} from '../check.ts'
import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {collectingScript} from '../probes/static-files.ts'
import {declaredEnvironment} from '../probes/systemd.ts'
import {kept, manage, remedy, restart, run} from '../remedy.ts'
import {isSecretElsewhere} from '../secrets.ts'
import type {Target} from '../target.ts'

/** Collects anew and restarts, since Django and WhiteNoise read what is there once, at start. `first` comes before. */
export async function collectAnew(host: Host, target: Target, first: readonly Step[] = []): Promise<Remedy> {
  if (await collectingScript(host, target)) {
    return remedy('Restart the service: it collects before it starts', 'disruptive', [...first, restart(target)])
  }
  const collect = await manageStep(host, target, 'collectstatic')
  const step = collect ?? manage(target, 'collectstatic', '--noinput')
  const steps = [...first, step, restart(target)]
  return kept(
    remedy('Collect the static files, then restart', collect ? 'disruptive' : 'manual', steps),
    target.platform.beforeStart(target.unit.name, 'prism-collectstatic'),
  )
}

/** Names that every unit on NixOS has and the wrappers do not need, and those of the server, which does not run here. */
const needless = /^(?:PATH|LOCALE_ARCHIVE|TZDIR|(?:GUNICORN|UVICORN)_\w+)$/

/** A command of manage.py in the unit's own environment: a shell of the user has none of it, and stops at SECRET_KEY. */
export async function manageStep(
  host: Host,
  target: Target,
  command: string,
  ...args: readonly string[]
): Promise<Step | null> {
  const {unit, user, group, workingDirectory, package: store, secretsFiles} = target
  const names = store ? ((await ifSeen(host.list(`${store}/bin`))) ?? []) : []
  const own = args.length > 0 ? undefined : names.find(name => name.endsWith(`-${command}`))
  const manage = names.find(name => name.endsWith('manage') || name === 'manage.py')
  const isSecret = ([name, value]: readonly [string, string]): boolean =>
    isSecretElsewhere(name) || host.secrets.redact(value) !== value
  const environment = [...declaredEnvironment(unit)].filter(([name]) => !needless.test(name))
  // A secret in the unit itself must not be printed, and without it the command would not run as printed.
  if (!store || (!own && !manage) || environment.some(isSecret)) return null
  return run(
    'systemd-run',
    '--wait',
    '--pipe',
    '--collect',
    ...(user ? [`--uid=${user}`] : []),
    ...(group ? [`--gid=${group}`] : []),
    ...(workingDirectory ? ['-p', `WorkingDirectory=${workingDirectory}`] : []),
    ...secretsFiles.flatMap(({path, optional}) => ['-p', `EnvironmentFile=${optional ? '-' : ''}${path}`]),
    ...environment.map(([name, value]) => `--setenv=${name}=${value}`),
    ...(own
      ? [`${store}/bin/${own}`]
      : [`${store}/bin/${manage}`, command, ...(args.length > 0 ? args : ['--noinput'])]),
  )
}
