import {sourceOf} from '../../facts/django/django.ts'
import {whereVariable} from '../../facts/django/variables.ts'
import {type Opener, octal, wallFor} from '../../facts/files/access.ts'
import {isBelow, type Resolved, resolvePath} from '../../facts/files/paths.ts'
import {writeObstacle} from '../../facts/files/write-obstacle.ts'
import type {Target} from '../../facts/target/target.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {madeBySystemd, requiredPaths} from '../../facts/unit/sandbox-paths.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Means} from '../../platform/platform.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {visible} from '../../report/escape.ts'
import {critical, ok, type Step, type Verdict, warning} from '../../report/finding.ts'
import {change, hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {sandboxFinding} from './sandbox.ts'

export const stateDirectory: Check = {
  id: 'state/directory',
  title: 'The state directory is there and the sandbox lets the service write to it',
  fix: 'makes what is missing, opens it to its user, or restarts a service that has an older one',
  explanation: {
    why: `Static files, uploads and everything else that the service keeps lie in one directory. When it is gone, or
read-only to the service, the service does not start or fails at the first upload.`,
    asks: `The directory is the one that the unit names (StateDirectory=, ReadWritePaths=, or what holds STATIC_ROOT). Its path is
followed component by component. The mounts are read as the running process has them (/proc/PID/mountinfo); while
it does not run, the unit's settings are judged as systemd would apply them. Every other path that the sandbox names
is looked for, too.`,
    findings: {
      missing: {
        means: 'The directory, or one above it, does not exist, and systemd does not make it.',
        remedy: `Make it with the owner and mode of the service; a line of systemd.tmpfiles.rules keeps it. Where systemd-tmpfiles
refused to make it, what it said is quoted: then give the directories above to root first.`,
      },
      'dangling-link': {
        means: 'The path leads through a link whose target does not exist: a volume may not be mounted.',
        remedy: 'Make or mount what the link points to, or remove the link.',
      },
      'not-a-directory': {
        means: `Something else stands where the directory should be (the start ends with 238/STATE_DIRECTORY), or where MEDIA_ROOT
should be in it (uploads fail).`,
        remedy: 'Move it aside, make the directory and restart.',
      },
      'not-passable': {
        means: 'The service may not pass through a directory above it.',
        remedy: 'Let others pass through that directory (chmod a+x).',
      },
      mode: {
        means: 'The directory is its own, and its mode keeps the service itself out.',
        remedy: 'Let the owner in (chmod u+rwx).',
      },
      'path-missing': {
        means: `Another path that the sandbox names does not exist: the start ends, or the next one will, with 226/NAMESPACE. It is
a warning while the service still runs.`,
        remedy: 'Make the path, or write a "-" before it in the unit, so that it may be missing.',
      },
      sandbox: {
        means: 'ProtectSystem= or ReadOnlyPaths= makes the directory read-only for the service.',
        remedy: 'Name the directory in ReadWritePaths=, and restart the service.',
      },
      'stale-sandbox': {
        means: 'The unit allows it by now, and the running process still has its old mounts.',
        remedy: 'Restart the service.',
      },
      replaced: {
        means: 'The directory was removed and made anew while the service ran, which still holds the removed one.',
        remedy: 'Restart the service.',
      },
      'uploads-elsewhere': {
        means: `A model has a field for files, and MEDIA_ROOT leads where the service cannot write: out of what its sandbox lets it
write, or, since the unit does not set it, to the default of the settings in the store. Every upload answers 500.`,
        remedy: 'Set MEDIA_ROOT in the unit to a directory in the state directory, and restart the service.',
      },
      'read-only-mount': {
        means: 'The filesystem itself is mounted read-only, as the kernel does after errors of a disk.',
        remedy: 'Find the reason in the log of the kernel, then mount it writable.',
      },
    },
    mistakenFor: `What root can do proves nothing: under ProtectSystem=strict df and a touch as root say "writable". "Read-only file
system" is more often the sandbox than a disk. systemd's "spawning …: No such file or directory" with 226/NAMESPACE blames the
program where a path of the sandbox is missing. A path with a "-" before it may be missing, and what systemd makes when it
starts the service need not be there yet. Who owns the directory is for state/ownership.`,
  },
  needs: [serviceUnit],
  async run({host, target}) {
    const {stateDirectory: directory, unit} = target
    const [absent, opener] = await Promise.all([absentPaths(host, target), unitOpener(host, target.served)])
    if (!directory) return absent ?? ok(`${unit.name} names no state directory`)
    const resolved = await resolvePath(host, directory)
    if (!resolved.path || !resolved.stat) {
      return (
        (await missing(host, target, opener, directory, resolved)) ??
        absent ??
        ok(`systemd makes ${directory} when it starts the service`)
      )
    }
    if (resolved.stat.type !== 'directory') return notADirectory(target, opener, directory, resolved.stat.type)
    const {mediaRoot} = target
    const media = mediaRoot && isBelow(mediaRoot, directory) ? (await ifSeen(resolvePath(host, mediaRoot)))?.stat : null
    if (mediaRoot && media && media.type !== 'directory') return notADirectory(target, opener, mediaRoot, media.type)
    if (absent?.status === 'critical') return absent
    const wrong =
      (opener && (await shutOut(host, target, opener, resolved))) ??
      (await sandboxFinding(host, target, directory, resolved.path))
    const uploads = wrong ? null : await uploadsElsewhere(host, target, directory)
    return wrong ?? uploads ?? absent ?? ok(`${directory} is there, and the sandbox of ${unit.name} lets it write`)
  },
}

/** Uploads that are to go where the service cannot write: the settings' own default may lie in the package. */
async function uploadsElsewhere(host: Host, target: Target, directory: string): Promise<Verdict | null> {
  const {unit, environmentIncomplete, django, mediaRoot, workingDirectory} = target
  const storage = django.answer?.media
  const isOwn = storage?.bases.some(name => /\.FileSystemStorage$/.test(name)) && !('location' in storage.options)
  const fields = django.answer?.migrations?.uploads ?? []
  if (environmentIncomplete || !mediaRoot || !isOwn || isBelow(mediaRoot, directory) || fields.length === 0) return null
  const path = mediaRoot.startsWith('/') ? mediaRoot : `${workingDirectory ?? ''}/${mediaRoot}`
  const resolved = await ifSeen(resolvePath(host, path))
  const inStore = isBelow(resolved?.path ?? path, '/nix/store')
  const why = inStore ? 'it lies in the read-only store' : await writeObstacle(host, target.served, path, resolved)
  if (why === null) return null
  const stated = whereVariable(target, 'MEDIA_ROOT')
  const variable = stated?.variable ?? null
  const isSet = target.sources.some(({variables}) => variable !== null && variables.has(variable))
  const how =
    variable === null
      ? `by ${sourceOf(django, 'MEDIA_ROOT', workingDirectory)},`
      : isSet
        ? `by ${variable},`
        : `${unit.name} does not set ${variable}, so that`
  const means = settingMeans(target, 'MEDIA_ROOT', `${directory}/media`)
  return critical(
    'uploads-elsewhere',
    `${how} uploads are to be stored in ${mediaRoot}, where the service cannot write: ${why}`,
    mend(`Set ${variable ?? 'MEDIA_ROOT'} to a directory that it can write to`, means),
    {because: [], evidence: fields.slice(0, 5)},
  )
}

/** As systemd-tmpfiles makes it where the deployment is healthy. */
function make({user, group}: Target, opener: Opener | null, path: string): Step {
  const argv = ['install', '-d', '-m', '0750', '-o', user ?? 'root', '-g', group ?? user ?? 'root', path]
  // Without its user there is nobody to give it to.
  if (!opener) return hand(`sudo ${argv.join(' ')}`)
  return change({kind: 'make', path, uid: opener.uid, gid: opener.groups[0] ?? 0, mode: 0o750}, ...argv)
}

function tmpfiles({platform, unit, user, group}: Target, path: string): Means {
  return platform.tmpfiles(unit.name, `d ${path} 0750 ${user ?? 'root'} ${group ?? user ?? 'root'} - -`)
}

async function missing(
  host: Host,
  target: Target,
  opener: Opener | null,
  directory: string,
  {missing: absent, components}: Resolved,
): Promise<Verdict | null> {
  const {unit} = target
  const link = components.findLast(({stat}) => stat.type === 'symlink')
  if (link) {
    return critical(
      'dangling-link',
      `${directory} leads nowhere: the link ${link.path} points to ${link.stat.link}`,
      remedy('Make what the link points to, or remove the link', 'manual', [hand(`ls -l ${link.path}`)]),
    )
  }
  const runs = Number(unit.get('MainPID')) > 0
  if (!runs && madeBySystemd(unit).includes(directory)) return null
  const above = absent === directory ? '' : `: already ${absent} is missing`
  const refusal = await refusedByTmpfiles(host, directory)
  if (refusal) {
    return critical(
      'missing',
      `${directory} does not exist${above}; systemd-tmpfiles refused to make it: ${visible(refusal)}`,
      remedy('Give the directories above to root, then make the state directory', 'manual', [
        hand(`namei -l ${directory}`),
        make(target, opener, directory),
      ]),
    )
  }
  return critical(
    'missing',
    `${directory} does not exist${above}`,
    kept(remedy('Make the state directory', 'safe', [make(target, opener, directory)]), tmpfiles(target, directory)),
  )
}

/**
 * What systemd-tmpfiles said since the boot where a directory on the way belongs to one user and what lies in it to
 * another: it makes nothing below, and its unit succeeds all the same.
 */
async function refusedByTmpfiles(host: Host, path: string): Promise<string | null> {
  const question = ['journalctl', '--no-pager', '--quiet', '--boot', '--output=cat', '--lines=200']
  const answer = await ifSeen(host.exec([...question, 'SYSLOG_IDENTIFIER=systemd-tmpfiles', '_UID=0']))
  const refusal = /^Detected unsafe path transition \S+ \(owned by \S+\) \S+ (\S+) \(owned by \S+\)/
  const matches = answer?.stdout.split('\n').map(line => refusal.exec(line)) ?? []
  return matches.findLast(match => match?.[1] && isBelow(path, match[1]))?.[0] ?? null
}

function notADirectory(target: Target, opener: Opener | null, directory: string, type: string): Verdict {
  return critical(
    'not-a-directory',
    `${directory} is no directory but a ${type}`,
    remedy('Move it aside and make the directory', 'manual', [
      hand(`sudo mv ${directory} ${directory}.aside`),
      make(target, opener, directory),
      restart(target),
    ]),
  )
}

/** Paths of the sandbox without which nothing starts. */
async function absentPaths(host: Host, target: Target): Promise<Verdict | null> {
  const {unit, stateDirectory: directory} = target
  const opener = await unitOpener(host, target.served)
  const required = requiredPaths(unit).filter(({path}) => path !== directory)
  const resolved = await Promise.all(required.map(({path}) => resolvePath(host, path)))
  const absent = required.filter((_, index) => !resolved[index]?.path)
  const [first] = absent
  if (!first) return null
  const paths = absent.map(({path}) => path).join(', ')
  const named = `${first.setting}= names ${paths}, which ${absent.length > 1 ? 'do' : 'does'} not exist`
  const ours = absent.every(({path}) => isBelow(path, '/var/lib') || isBelow(path, '/var/cache'))
  const summary = 'Make the path that the sandbox names, or write a "-" before it in the unit'
  const inUnit = target.platform.unitChange(unit.name)
  const cure = kept(
    ours
      ? remedy(
          summary,
          'safe',
          absent.map(({path}) => make(target, opener, path)),
        )
      : mend(summary, inUnit, {first: [hand(`systemctl cat ${unit.name}`)], whole: true}),
    tmpfiles(target, first.path),
  )
  const evidence = [`${first.setting}=${unit.get(first.setting)}`]
  if (Number(unit.get('MainPID')) > 0) {
    return warning('path-missing', `${named}: the next start would fail with 226/NAMESPACE`, cure, {evidence})
  }
  return critical('path-missing', `${named}: systemd cannot set up the sandbox (226/NAMESPACE)`, cure, {evidence})
}

async function shutOut(
  host: Host,
  {unit}: Target,
  opener: Opener,
  {components, path, stat}: Resolved,
): Promise<Verdict | null> {
  // systemd mounts what lies in /var/lib/private where a dynamic user may pass.
  if (unit.get('DynamicUser') === 'yes' || !path || !stat) return null
  const above = await wallFor(host, opener, components.slice(0, -1))
  if (above) {
    return critical(
      'not-passable',
      `${opener.name} may not pass through ${above.path} (mode ${octal(above.stat.mode)})`,
      // It lies above the state directory: what else lives there is not for us to judge.
      remedy(`Let others pass through ${above.path}`, 'manual', [hand(`sudo chmod a+x ${above.path}`)]),
    )
  }
  if (stat.uid !== opener.uid || opener.uid === 0 || (stat.mode & 0o700) === 0o700) return null
  return critical(
    'mode',
    `${path} has mode ${octal(stat.mode)}: its own user ${opener.name} may not use it`,
    remedy('Let the user in', 'safe', [
      change({kind: 'mode', path, recursive: false, add: 0o700}, 'chmod', 'u+rwx', path),
    ]),
  )
}
