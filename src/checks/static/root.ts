import {whereVariable} from '../../facts/django/variables.ts'
import {isBelow, resolvePath} from '../../facts/files/paths.ts'
import {writeObstacle} from '../../facts/files/write-obstacle.ts'
import {runsBeforeStart} from '../../facts/program/pre-start.ts'
import {findStaticFiles, type StaticRoot} from '../../facts/static/static-files.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {critical, ok, type Remedy, type Verdict, warning} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'

export const staticRoot: Check = {
  id: 'static/root',
  title: 'STATIC_ROOT reaches the application and can be written to',
  fix: 'restarts a service that has an older STATIC_ROOT',
  explanation: {
    why: `collectstatic writes to STATIC_ROOT, and the application reads there what it serves. Where the two disagree, or nobody can
write there, the start fails, or pages come without style.`,
    asks: `Django says what STATIC_ROOT is in a new process of the unit, and for which variables its settings look. Then the sandbox,
the mounts and the modes of that path are judged.`,
    findings: {
      missing: {
        means: `Nothing sets it, or it is set empty: the settings' own default, if they have one, is in force, and cannot be
written to.`,
        remedy: 'Set it in the environment of the unit to a path in the state directory, and restart the service.',
      },
      relative: {
        means: 'It is not absolute, so it is looked for in the working directory, which lies in the read-only store.',
        remedy: 'Set it to a path in the state directory, and restart the service.',
      },
      'in-store': {
        means: 'It lies in /nix/store, and nothing was collected there when the package was built.',
        remedy: 'Set it to a path in the state directory, and restart the service.',
      },
      ignored: {
        means: `It is set, and the settings do not read it: they say a path of their own. It is a warning where that path works all
the same.`,
        remedy: 'Let the settings read the variable, and deploy them.',
      },
      'not-writable': {
        means: 'The sandbox of the unit, a mount or a mode keeps the service from writing there.',
        remedy: 'Name the path in ReadWritePaths=, or move it into the state directory, and restart the service.',
      },
      'restart-needed': {
        means: 'The unit has another value than the running process, which was started before the change.',
        remedy: 'Restart the service.',
      },
    },
    mistakenFor: `A path in the store is right where the package collects while it is built. A path that others fill need not be
writable. A shell of root can write where the sandbox lets the service not. Inside the state directory, state/* judges
who may write.`,
  },
  needs: [serviceUnit],
  async run({host, target}) {
    const {root} = findStaticFiles(target)
    if (root.kind === 'elsewhere') return ok(root.why)
    if (root.kind === 'none') return withoutRoot(target, root.source)
    return judge(host, target, root)
  },
}

type Known = Extract<StaticRoot, {kind: 'known'}>

/** collectstatic has nowhere to go, which is a fault only where somebody meant to say where. */
function withoutRoot(target: Target, source: string): Verdict {
  const stated = whereVariable(target, 'STATIC_ROOT')
  const variable = stated?.variable ?? null
  const isEmpty = target.sources.some(({variables}) => variable !== null && variables.get(variable) === '')
  if (!stated || !isEmpty) return ok(`the settings have no STATIC_ROOT (${source}): nothing is collected`)
  return critical('missing', `${target.unit.name} sets an empty ${variable}`, setRoot(target), {evidence: [source]})
}

/** Where static files belong: in the state directory. */
function proposed({stateDirectory, unit}: Target): string {
  return `${stateDirectory ?? `/var/lib/${unit.name.replace(/\.service$/, '')}`}/staticfiles`
}

/** Said anew where it is said now: in a variable, or in the settings themselves. */
function setRoot(target: Target): Remedy {
  const variable = whereVariable(target, 'STATIC_ROOT')?.variable
  const where = variable ? `${variable} in the unit` : 'STATIC_ROOT in the settings'
  return mend(`Set ${where}`, settingMeans(target, 'STATIC_ROOT', proposed(target)))
}

/** Whether collectstatic cannot fill it, and nobody else did. */
async function fallsShort(host: Host, target: Target, path: string): Promise<boolean> {
  if (!path.startsWith('/')) return true
  return (await wrongPlace(host, target, path)) !== null
}

type Place = {readonly kind: 'store'} | {readonly kind: 'obstacle'; readonly why: string}

async function wrongPlace(host: Host, target: Target, path: string): Promise<Place | null> {
  // Where the way to it may not be looked at, the path as written is judged.
  const resolved = await ifSeen(resolvePath(host, path))
  const {path: real = null, stat = null} = resolved ?? {}
  const inStore = [path, real ?? path].some(each => isBelow(each, '/nix/store'))
  const inState = target.stateDirectory !== null && isBelow(path, target.stateDirectory)
  if (inState && !inStore) return null
  const why = inStore ? null : await writeObstacle(host, target.served, path, resolved)
  // Who fills it by hand, or as root, needs no leave of the unit's.
  const isCollecting = await runsBeforeStart(host, target, 'collectstatic')
  if (!inStore && (why === null || !isCollecting)) return null
  if (real && stat?.type === 'directory') {
    const names = (await host.list(real)) ?? []
    // Collected while the package was built, or by another unit.
    if (names.length > 0 && inStore) return null
  }
  return inStore ? {kind: 'store'} : {kind: 'obstacle', why: why ?? ''}
}

async function judge(host: Host, target: Target, root: Known): Promise<Verdict> {
  const {unit, workingDirectory, environment} = target
  const {path} = root
  const stated = whereVariable(target, 'STATIC_ROOT')
  const variable = stated?.variable ?? null
  const isSet = variable !== null && target.sources.some(({variables}) => variables.has(variable))
  const ignored = environment.get('STATIC_ROOT')
  // Said in the unit, and looked for by nobody.
  if (root.from === 'settings' && variable === null && ignored && !isSame(ignored, path)) {
    return judgeIgnored(host, target, root, ignored)
  }
  const shown = isSet ? `${variable}=${path}` : `${path} (${root.source})`
  if (!path.startsWith('/')) {
    return critical(
      'relative',
      `${isSet ? `${variable}="${path}"` : `"${path}" (${root.source})`} is not absolute: it is looked for in ${workingDirectory || 'the working directory'}`,
      setRoot(target),
    )
  }
  const place = await wrongPlace(host, target, path)
  // The settings look for a variable that is not set, and what they fall back to is no use.
  if (place && variable !== null && !isSet) {
    return critical(
      'missing',
      `${unit.name} does not set ${variable}, so that ${path} is used, which it cannot write`,
      setRoot(target),
      {evidence: [`${root.source} looks for ${variable}`]},
    )
  }
  if (place?.kind === 'store') {
    return critical(
      'in-store',
      `${shown} lies in the read-only store, and nothing was collected there`,
      setRoot(target),
    )
  }
  if (place) {
    return critical(
      'not-writable',
      `${unit.name} cannot write to ${shown}: ${place.why}`,
      mend(
        'Let the unit write there, or move STATIC_ROOT into the state directory',
        target.platform.unitSetting(unit.name, {ReadWritePaths: [path]}),
      ),
      {evidence: ['ProtectSystem', 'ReadWritePaths', 'StateDirectory'].map(name => `${name}=${unit.get(name)}`)},
    )
  }
  return restartNeeded(target, path, variable ?? 'STATIC_ROOT') ?? ok(`STATIC_ROOT is ${path}, by ${root.source}`)
}

function isSame(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '')
}

/** After daemon-reload systemctl shows the new value, and the process still has the old one. */
function restartNeeded(target: Target, path: string, variable: string): Verdict | null {
  const {running, environment, unit} = target
  if (!running || environment.get(variable) !== path || running.get(variable) === path) return null
  const has = running.get(variable)
  return warning(
    'restart-needed',
    `${unit.name} says ${variable}=${path}, and its running process has ${has ? `${variable}=${has}` : 'none'}`,
    remedy('Restart the service with the environment of its unit', 'disruptive', [restart(target)]),
  )
}

/** The settings say a path of their own, whatever the environment says. */
async function judgeIgnored(host: Host, target: Target, root: Known, stated: string): Promise<Verdict> {
  const file = target.django.answer?.places.STATIC_ROOT?.file ?? null
  const isWrong = await fallsShort(host, target, root.path)
  const cure = mend(
    'Let the settings read STATIC_ROOT',
    target.platform.code(target, {
      file: 'prism/settings.py',
      from: "STATIC_ROOT = BASE_DIR / 'staticfiles'",
      to: "STATIC_ROOT = config('STATIC_ROOT', default=BASE_DIR / 'staticfiles')",
    }),
    {first: [hand(`grep -n STATIC_ROOT ${file ?? 'settings.py'}`)]},
  )
  const message = `STATIC_ROOT=${stated} is set and ignored: the settings say ${root.path}`
  const details = {evidence: [`${root.source}; the environment is not looked for STATIC_ROOT`]}
  return isWrong ? critical('ignored', message, cure, details) : warning('ignored', message, cure, details)
}
