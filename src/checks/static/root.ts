import {type Check, critical, ok, type Remedy, type Verdict, warning} from '../../check.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {isBelow, resolvePath} from '../../probes/paths.ts'
import {collectingScript, findStaticFiles, type StaticFiles, type StaticRoot} from '../../probes/static-files.ts'
import {writeObstacle} from '../../probes/write-obstacle.ts'
import {hand, mend, remedy, restart} from '../../remedy.ts'
import type {Target} from '../../target.ts'
import {serviceUnit} from '../service/unit.ts'

export const staticRoot: Check = {
  id: 'static/root',
  title: 'STATIC_ROOT reaches the application and can be written to',
  fix: 'restarts a service that has an older STATIC_ROOT',
  explanation: {
    why: `collectstatic writes to STATIC_ROOT, and the application reads there what it serves. Where the two disagree, or nobody can
write there, the start fails, or pages come without style.`,
    asks: `The text of the package's settings says from which variable they take it and what they fall back to; no Python runs. The
value is looked for where a new process gets it: in the wrapper that ExecStart= names, in Environment= and in the
EnvironmentFiles. Then the sandbox, the mounts and the modes of that path are judged.`,
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
    const files = await findStaticFiles(host, target)
    const {root} = files
    if (root.kind === 'known' && root.from !== 'default' && root.from !== 'settings') return judge(host, target, root)
    if (root.kind === 'known' && root.from === 'settings') return judgeFixed(host, target, root)
    if (target.environmentIncomplete) {
      throw new CannotLook('STATIC_ROOT may be in the secrets file, which may not be read by this user', {
        privilege: host.uid !== 0,
      })
    }
    if (root.kind === 'unknown') {
      throw new CannotLook(`${target.unit.name} sets no STATIC_ROOT, and its settings could not be understood`)
    }
    if (root.kind === 'known' && !(await fallsShort(host, target, root.path))) {
      return ok(`static files are at the settings' own default, ${root.path}`)
    }
    return missing(target, root, files)
  },
}

type Known = Extract<StaticRoot, {kind: 'known'}>

function missing(target: Target, root: StaticRoot, {django}: StaticFiles): Verdict {
  const {unit, environment} = target
  const variable = root.kind === 'unknown' ? 'STATIC_ROOT' : root.variable
  const default_ = root.kind === 'known' ? `, so that ${root.path} is used, which it cannot write` : ''
  const how = environment.get(variable) === '' ? `sets an empty ${variable}` : `does not set ${variable}`
  const evidence = django.settingsPath ? [`${django.settingsPath} reads ${variable}`] : []
  return critical('missing', `${unit.name} ${how}${default_}`, setRoot(target, variable), {evidence})
}

/** Where static files belong: in the state directory. */
function proposed({stateDirectory, unit}: Target): string {
  return `${stateDirectory ?? `/var/lib/${unit.name.replace(/\.service$/, '')}`}/staticfiles`
}

function setRoot(target: Target, variable = 'STATIC_ROOT'): Remedy {
  return mend(`Set ${variable} in the unit`, target.platform.variable(target, variable, proposed(target)))
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
  const why = inStore ? null : await writeObstacle(host, target.unit, path, resolved)
  if (!inStore && why === null) return null
  if (real && stat?.type === 'directory') {
    const names = (await host.list(real)) ?? []
    // Collected while the package was built, or by another unit.
    if (names.length > 0 && (inStore || !(await collectingScript(host, target)))) return null
  }
  return inStore ? {kind: 'store'} : {kind: 'obstacle', why: why ?? ''}
}

async function judge(host: Host, target: Target, {path, variable}: Known): Promise<Verdict> {
  const {unit, workingDirectory} = target
  if (!path.startsWith('/')) {
    return critical(
      'relative',
      `${variable}="${path}" is not absolute: it is looked for in ${workingDirectory || 'the working directory'}`,
      setRoot(target, variable),
    )
  }
  const place = await wrongPlace(host, target, path)
  if (place?.kind === 'store') {
    return critical(
      'in-store',
      `${variable}=${path} lies in the read-only store, and nothing was collected there`,
      setRoot(target, variable),
    )
  }
  if (place) {
    return critical(
      'not-writable',
      `${unit.name} cannot write to ${variable}=${path}: ${place.why}`,
      mend(
        'Let the unit write there, or move STATIC_ROOT into the state directory',
        target.platform.unitSetting(unit.name, {ReadWritePaths: [path]}),
      ),
      {evidence: ['ProtectSystem', 'ReadWritePaths', 'StateDirectory'].map(name => `${name}=${unit.get(name)}`)},
    )
  }
  return restartNeeded(target, path, variable) ?? ok(`STATIC_ROOT is ${path}`)
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
async function judgeFixed(host: Host, target: Target, root: Known): Promise<Verdict> {
  const stated = target.environment.get('STATIC_ROOT')
  const isWrong = await fallsShort(host, target, root.path)
  const sameAs = stated?.replace(/\/+$/, '') === root.path.replace(/\/+$/, '')
  if (!stated || sameAs) {
    if (isWrong) return judge(host, target, {...root, variable: 'STATIC_ROOT'})
    return ok(`STATIC_ROOT is ${root.path}, by the settings`)
  }
  const {settingsPath} = (await findStaticFiles(host, target)).django
  const cure = mend(
    'Let the settings read STATIC_ROOT',
    target.platform.code(target, {
      file: 'prism/settings.py',
      from: "STATIC_ROOT = BASE_DIR / 'staticfiles'",
      to: "STATIC_ROOT = config('STATIC_ROOT', default=BASE_DIR / 'staticfiles')",
    }),
    {first: [hand(`grep -n STATIC_ROOT ${settingsPath ?? 'settings.py'}`)]},
  )
  const message = `STATIC_ROOT=${stated} is set and ignored: the settings say ${root.path}`
  const details = {evidence: [`${settingsPath ?? 'the settings'} does not read STATIC_ROOT from the environment`]}
  return isWrong ? critical('ignored', message, cure, details) : warning('ignored', message, cure, details)
}
