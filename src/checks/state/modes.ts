import {may, type Opener, octal, stillClosed, wallFor} from '../../facts/files/access.ts'
import {isBelow, resolvePath} from '../../facts/files/paths.ts'
import {firstFew, type State, walkAll, walkDirectory} from '../../facts/files/state-tree.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import type {Front, Route} from '../../facts/fronts/front.ts'
import {frontOpener} from '../../facts/fronts/opener.ts'
import type {Target} from '../../facts/target/target.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {CannotLook, type Entry, type Host} from '../../host/host.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {visible} from '../../report/escape.ts'
import {critical, ok, type Remedy, type Step, type Verdict, warning} from '../../report/finding.ts'
import {change, hand, run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUser} from '../service/user.ts'
import {stateDirectory} from './directory.ts'

export const stateModes: Check = {
  id: 'state/modes',
  title: 'Those who must read the state directory can',
  fix: 'adds the permissions that are missing',
  explanation: {
    why: `WhiteNoise does not start on a directory that it cannot list, and answers 500 for a file that it cannot read. Where
a front (nginx, Apache, Caddy) serves the files and may not read them, users get 403 for each, and pages without style.`,
    asks: `Modes, owners and supplementary groups are judged along the whole path, for the service and, where a front's
configuration serves a directory itself (alias, root), for the front's user. Where a mode says no, the kernel is asked as
that user: an access control list may say yes.`,
    findings: {
      'closed-to-service': {
        means: 'The service may not read a file, or pass a directory, that is its own.',
        remedy: 'Open them to their owner (chmod u+rwX).',
      },
      'closed-to-nginx': {
        means: 'nginx serves a directory, and its worker may not pass through one on the way: 403 for every file.',
        remedy: 'Give that directory its documented mode: 0751 for the state directory, 0755 below it.',
      },
      'unreadable-to-nginx': {
        means: 'nginx serves a directory, and its worker may not read some of the files: 403 for these.',
        remedy: 'Let everybody read what is served (chmod -R a+rX).',
      },
      'closed-to-front': {
        means: 'As closed-to-nginx, for Apache or Caddy.',
        remedy: 'Let its user pass through that directory.',
      },
      'unreadable-to-front': {
        means: 'As unreadable-to-nginx, for Apache or Caddy.',
        remedy: 'Let everybody read what is served (chmod -R a+rX).',
      },
      'tighter-than-documented': {
        means: 'The static directory is tighter than the documented 0755: it works, since only the service reads it.',
        remedy: 'Give it the documented mode.',
      },
    },
    mistakenFor: `A state directory of 0750 is right while WhiteNoise serves the files, and a fault only where a front does. A front
lists no directory, so being allowed to pass is enough for it. What belongs to others is for state/ownership.`,
  },
  needs: [stateDirectory, serviceUser],
  explainedBy: ['state/ownership'],
  async run({host, target}) {
    const opener = await unitOpener(host, target.served)
    if (!opener) throw new CannotLook(`nobody knows who ${target.unit.name} runs as`)
    const trees = await walkAll(host, target, opener)
    const own = trees.map(tree => closedToItself(opener, tree)).filter(verdict => verdict !== null)
    const found = [...own, ...(await closedToFronts(host, target))]
    if (found.length > 0) return found
    const [hidden] = trees.flatMap(({unreadable}) => unreadable)
    if (hidden) throw new CannotLook(`${visible(hidden)} may not be read by this user`, {privilege: true})
    return (
      (await tighterThanDocumented(host, target)) ??
      ok(
        trees.length === 0
          ? 'the service keeps nothing on this disk yet'
          : `${opener.name} can read its own ${trees.reduce((sum, {entries}) => sum + entries.length, 0)} entries below ${firstFew(trees.map(({top}) => top.path))}`,
      )
    )
  },
}

/** What belongs to the service and is closed to it; what belongs to others is state/ownership's. */
function closedToItself(opener: Opener, {top, entries, isNamed}: State): Verdict | null {
  const closed = entries.filter(entry => entry.uid === opener.uid && isClosed(opener, entry))
  const [first] = closed
  if (!first) return null
  const paths = closed.map(({path}) => `${top.path}/${path}`)
  return critical(
    'closed-to-service',
    `${opener.name} may not read its own ${firstFew(paths)} (mode ${octal(first.mode)})`,
    isNamed
      ? remedy('Open them to their owner', 'safe', opened(top.path, paths))
      : remedy('Open them to their owner', 'manual', [
          ...paths.slice(0, most).map(path => hand(run('chmod', 'u+rwX', path).shell)),
        ]),
    {evidence: listed(top.path, closed)},
  )
}

function isClosed(opener: Opener, entry: Entry): boolean {
  if (entry.type === 'directory') return !may(opener, 'read', entry) || !may(opener, 'pass', entry)
  return entry.type === 'file' && !may(opener, 'read', entry)
}

/** More than this are not named one by one. */
const most = 20

function opened(top: string, paths: readonly string[]): readonly Step[] {
  const step = (path: string, recursive: boolean, ...argv: readonly string[]): Step =>
    change({kind: 'mode', path, recursive, add: 0o700}, ...argv, path)
  if (paths.length > most) return [step(top, true, 'chmod', '-R', 'u+rwX')]
  return paths.map(path => step(path, false, 'chmod', 'u+rwX'))
}

function listed(top: string, entries: readonly Entry[]): readonly string[] {
  return entries.slice(0, most).map(({path, mode}) => `${octal(mode)} ${visible(`${top}/${path}`)}`)
}

async function closedToFronts(host: Host, target: Target): Promise<readonly Verdict[]> {
  const fronts = await findFronts(host, target)
  const used = fronts.filter(({active, unit}) => active || unit.get('UnitFileState') === 'enabled')
  return (await Promise.all(used.map(front => closedToFront(host, target, front)))).flat()
}

async function closedToFront(host: Host, target: Target, front: Front): Promise<readonly Verdict[]> {
  const worker = await frontOpener(host, front)
  if (!worker) return []
  const ours = [target.stateDirectory, target.staticRoot, target.mediaRoot].filter(path => path !== null)
  const routes = front.sites.flatMap(site => site.routes)
  const served = routes.flatMap(({directory, path}) =>
    directory !== null && ours.some(own => isBelow(directory, own)) ? [{directory, path}] : [],
  )
  const once = served.filter(({directory}, at) => served.findIndex(other => other.directory === directory) === at)
  const verdicts = await Promise.all(once.map(each => closedTo(host, target, front, worker, each)))
  return verdicts.filter(verdict => verdict !== null)
}

type Served = Pick<Route, 'path'> & {readonly directory: string}

/** The first thing that keeps a front's user from a directory that its configuration serves. */
async function closedTo(
  host: Host,
  target: Target,
  {kind}: Front,
  worker: Opener,
  {directory, path: location}: Served,
): Promise<Verdict | null> {
  const {path, components} = await resolvePath(host, directory)
  if (path === null) return null
  const serves = `${kind} serves ${location} from ${directory} as ${worker.name}, who may not`
  const wall = await wallFor(host, worker, components)
  if (wall) {
    const message = `${serves} pass ${wall.path} (mode ${octal(wall.stat.mode)}): 403 for every file`
    return critical(kind === 'nginx' ? 'closed-to-nginx' : 'closed-to-front', message, letPass(target, wall.path), {
      evidence: [`${octal(wall.stat.mode)} ${wall.path}`],
    })
  }
  const tree = await walkDirectory(host, target, directory)
  // A directory must only be passed: a front lists none.
  const byMode = (tree?.entries ?? []).filter(entry =>
    entry.type === 'directory' ? !may(worker, 'pass', entry) : entry.type === 'file' && !may(worker, 'read', entry),
  )
  const closed = await stillClosed(host, worker, byMode, entry => ({
    path: `${path}/${entry.path}`,
    needs: [entry.type === 'directory' ? 'pass' : 'read'],
  }))
  const [first] = closed
  if (!first) return null
  const {unit} = target
  const umask = unit.get('UMask')
  // Django gives files a mode of its own, and directories what the process leaves of 0777.
  const why = (Number.parseInt(umask, 8) & 0o005) === 0 ? '' : `, as UMask=${umask} of ${unit.name} makes them`
  const cure = remedy(`Let ${kind} read what it serves`, 'safe', [
    change({kind: 'mode', path, recursive: true, add: 0o555}, 'chmod', '-R', 'a+rX', path),
  ])
  return critical(
    kind === 'nginx' ? 'unreadable-to-nginx' : 'unreadable-to-front',
    `${serves} read ${firstFew(closed.map(entry => `${path}/${entry.path}`))} (mode ${octal(first.mode)}${why}): 403`,
    why === '' ? cure : kept(cure, target.platform.unitSetting(unit.name, {UMask: '0022'})),
    {evidence: listed(path, closed)},
  )
}

function letPass(target: Target, path: string): Remedy {
  // systemd itself keeps it for root alone, so that no dynamic user meets the files of another.
  if (path === '/var/lib/private') {
    const user = target.user ?? target.unit.name.replace(/\.service$/, '')
    return mend(
      'Run the service as a user of its own in place of a dynamic one',
      target.platform.ownUser(target.unit.name, user),
    )
  }
  const ours = [target.stateDirectory, target.staticRoot, target.mediaRoot].filter(each => each !== null)
  if (ours.some(each => isBelow(path, each))) return open(target, path)
  // It lies above what is the deployment's: what else lives there is not for us to judge.
  return remedy(`Let others pass through ${path}`, 'manual', [hand(`sudo chmod a+x ${path}`)])
}

/** The documented modes: 0751 on the state directory, so that nobody lists it, and 0755 below. */
function open(target: Target, path: string): Remedy {
  const mode = path === target.stateDirectory ? '0751' : '0755'
  const owner = `${target.user ?? 'root'} ${target.group ?? target.user ?? 'root'}`
  const rule = target.platform.tmpfiles(target.unit.name, `d ${path} ${mode} ${owner} - -`)
  const step = change({kind: 'mode', path, recursive: false, add: Number.parseInt(mode, 8)}, 'chmod', mode, path)
  return kept(remedy(`Give ${path} the documented mode`, 'safe', [step]), rule)
}

async function tighterThanDocumented(host: Host, target: Target): Promise<Verdict | null> {
  const {staticRoot, stateDirectory: directory} = target
  if (!staticRoot || !directory || staticRoot === directory || !isBelow(staticRoot, directory)) return null
  const {path, stat} = await resolvePath(host, staticRoot)
  if (path === null || stat?.type !== 'directory' || (stat.mode & 0o055) === 0o055) return null
  return warning(
    'tighter-than-documented',
    `${path} has mode ${octal(stat.mode)} instead of 0755: the service can still read it, nobody else can`,
    open(target, path),
    {evidence: [`${octal(stat.mode)} ${path}`], because: []},
  )
}
