import {findCommand, findPlaces} from '../facts/program/command.ts'
import {runsBeforeStart} from '../facts/program/pre-start.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import {declaredEnvironment} from '../host/unit.ts'
import type {Remedy, Step} from '../report/finding.ts'
import {change, runAs} from '../report/step.ts'
import {kept, remedy} from './remedy.ts'
import {manage, restart} from './service.ts'

/**
 * Collects anew and restarts, since Django and WhiteNoise read what is there once, at start.
 * @param first what comes before.
 */
export async function collectAnew(
  host: Host,
  target: Target,
  first: readonly Step[] = [],
): Promise<Remedy> {
  if (await runsBeforeStart(host, target, 'collectstatic')) {
    return remedy('Restart the service: it collects before it starts', 'disruptive', [
      ...first,
      restart(target),
    ])
  }
  const collect = await manageStep(host, target, 'collectstatic')
  const step = collect ?? manage(target, 'collectstatic', '--noinput')
  const steps = [...first, step, restart(target)]
  return kept(
    remedy('Collect the static files, then restart', collect ? 'disruptive' : 'manual', steps),
    target.platform.beforeStart(target.unit.name, 'prism-collectstatic'),
  )
}

/**
 * As collectAnew, with these moved aside first (to `PATH.SUFFIX`), since collectstatic keeps them.
 * @param summary a verb phrase: "Move the manifest aside".
 */
export async function collectWithout(
  host: Host,
  target: Target,
  paths: readonly string[],
  {suffix, summary}: {readonly suffix: string; readonly summary: string},
): Promise<Remedy> {
  const aside = paths.map(path =>
    change({kind: 'aside', path, suffix}, 'mv', '-T', '--', path, `${path}.${suffix}`),
  )
  const cure = await collectAnew(host, target, aside)
  return {...cure, summary: `${summary}, then collect anew and restart`}
}

/**
 * A command of manage.py as the unit would run it: a shell of the user has neither its environment
 * nor its secrets. Null where nothing tells which program that is.
 */
export async function manageStep(
  host: Host,
  target: Target,
  command: string,
  ...args: readonly string[]
): Promise<Step | null> {
  const {unit} = target
  const found = await findCommand(host, ['manage'], await findPlaces(host, unit))
  // Django alone does not know whose settings are meant.
  if (
    found === null ||
    (found[1] === '-m' && !declaredEnvironment(unit).has('DJANGO_SETTINGS_MODULE'))
  )
    return null
  return runAs(unit, 'manage', command, ...(args.length > 0 ? args : ['--noinput']))
}
