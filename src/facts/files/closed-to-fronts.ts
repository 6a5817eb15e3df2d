import type {Host} from '../../host/host.ts'
import {findFronts} from '../fronts/find.ts'
import type {Front, Route} from '../fronts/front.ts'
import {frontOpener} from '../fronts/opener.ts'
import {boundsOf} from '../target/bounds.ts'
import type {Target} from '../target/target.ts'
import {may, type Opener, stillClosed, wallFor} from './access.ts'
import {type Component, isBelow, resolvePath} from './paths.ts'
import {leadsElsewhere, walkDirectory} from './state-tree.ts'
import {type Selection, select, type Tree, withFirst} from './tree.ts'

/** A front that serves a directory of the deployment by itself. */
export interface Reader {
  readonly kind: Front['kind']
  /** As whom it opens files. */
  readonly worker: Opener
  /** The path of its URLs. */
  readonly path: Route['path']
  readonly directory: string
}

/** What keeps a front from a directory that it serves. */
export interface Closure {
  readonly reader: Reader
  /** Whether all that is closed belongs to somebody else, although it should be the service's. */
  readonly isForeign: boolean
  /** Whether a link that the service may have made leads out of the deployment. */
  readonly isElsewhere: boolean
  readonly what: Wall | ClosedEntries
}

/** A directory on the way that the front's user may not pass. */
export interface Wall extends Component {
  readonly kind: 'wall'
}

/** What the front's user may not open, and the directory that it lies below, links followed. */
export interface ClosedEntries extends Selection {
  readonly kind: 'entries'
  readonly top: string
}

/** What fronts serve by themselves, and what keeps them from it. */
export interface Served {
  readonly closures: readonly Closure[]
  readonly trees: readonly Tree[]
}

/** @param opener as whom the service opens files. */
export async function findClosures(host: Host, target: Target, opener: Opener): Promise<Served> {
  const fronts = await findFronts(host, target)
  const used = fronts.filter(({active, unit}) => active || unit.get('UnitFileState') === 'enabled')
  const readers = await Promise.all(used.map(front => readersOf(host, target, front)))
  const bounds = await boundsOf(host, target)
  const looks = readers.flat().map(async reader => ({
    reader,
    ...(await closedTo(host, target, reader, bounds)),
  }))
  const found = await Promise.all(looks)
  return {
    closures: found.flatMap(({reader, what, isElsewhere}) =>
      what ? [{reader, what, isForeign: isForeign(target, opener, what), isElsewhere}] : [],
    ),
    trees: found.flatMap(({tree}) => tree ?? []),
  }
}

function isForeign(target: Target, {uid}: Opener, what: Wall | ClosedEntries): boolean {
  if (what.kind === 'entries') return what.first.every(entry => entry.uid !== uid)
  // What lies above the service's directories belongs to others.
  return what.stat.uid !== uid && ownDirectories(target).some(own => isBelow(what.path, own))
}

/** Each of the deployment's directories that a front serves itself, once. */
async function readersOf(host: Host, target: Target, front: Front): Promise<readonly Reader[]> {
  const worker = await frontOpener(host, front)
  if (!worker) return []
  const ours = ownDirectories(target)
  const readers = new Map<string, Reader>()
  for (const {directory, path} of front.sites.flatMap(({routes}) => routes)) {
    if (directory === null || readers.has(directory)) continue
    if (!ours.some(own => isBelow(directory, own))) continue
    readers.set(directory, {kind: front.kind, worker, path, directory})
  }
  return [...readers.values()]
}

async function closedTo(
  host: Host,
  target: Target,
  reader: Reader,
  bounds: readonly string[],
): Promise<Pick<Closure, 'isElsewhere'> & {what: Closure['what'] | null; tree: Tree | null}> {
  const {worker, directory} = reader
  const led = await resolvePath(host, directory)
  const {path: top, components} = led
  const isElsewhere = await leadsElsewhere(host, led, bounds)
  if (top === null) return {what: null, tree: null, isElsewhere}
  const wall = await wallFor(host, worker, components)
  if (wall) return {what: {kind: 'wall', ...wall}, tree: null, isElsewhere}
  const tree = await walkDirectory(host, target, directory)
  if (!tree) return {what: null, tree, isElsewhere}
  const closed = await closedEntries(host, worker, tree)
  return {what: closed.count > 0 ? {kind: 'entries', top, ...closed} : null, tree, isElsewhere}
}

/** What a front may not open. */
async function closedEntries(host: Host, worker: Opener, tree: Tree): Promise<Selection> {
  // A directory must only be passed: a front lists none.
  const byMode = select(tree, traits => {
    if (traits.type === 'directory') return !may(worker, 'pass', traits)
    return traits.type === 'file' && !may(worker, 'read', traits)
  })
  // An access control list that admits to some says nothing of those that are of another kind.
  const kinds = Map.groupBy(byMode.first, ({type, mode, uid, gid}) => [type, mode, uid, gid].join())
  const groups = [...kinds.values()]
  const closed = await Promise.all(
    groups.slice(0, mostKinds).map(entries =>
      stillClosed(host, worker, entries, ({type, path}) => ({
        path: `${tree.top.path}/${path}`,
        needs: [type === 'directory' ? 'pass' : 'read'],
      })),
    ),
  )
  return withFirst(byMode, [...closed, ...groups.slice(mostKinds)].flat())
}

/** So many kinds are asked about; the modes of others are believed. */
const mostKinds = 20

/** The directories that the unit, the configuration and Django name. */
export function ownDirectories(target: Target): readonly string[] {
  const {stateDirectory, staticRoot, mediaRoot} = target
  return [stateDirectory, staticRoot, mediaRoot].filter(path => path !== null)
}
