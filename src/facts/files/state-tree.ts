import {CannotLook, type Entry, type EntryKind, type Host, maxListed} from '../../host/host.ts'
import {ifSeen, seenOrWhyNot} from '../../host/if-seen.ts'
import {boundsOf} from '../target/bounds.ts'
import type {Target} from '../target/target.ts'
import {givenPaths} from '../unit/sandbox-paths.ts'
import type {Opener} from './access.ts'
import {type Component, isBelow, type Resolved, resolvePath} from './paths.ts'
import {countOf, type Tree} from './tree.ts'

/** The state directory and all below it; null where there is none. One question, whoever asks. */
async function walkState(host: Host, target: Target): Promise<Tree | null> {
  const {stateDirectory, staticRoot, mediaRoot} = target
  if (!stateDirectory) return null
  const top = await resolvePath(host, stateDirectory)
  const others = [staticRoot, mediaRoot].filter(path => path?.startsWith('/'))
  const real = await Promise.all(others.map(path => ifSeen(resolvePath(host, path ?? ''))))
  const prefix = `${top.path}/`
  const inside = real
    .map(found => found?.path ?? '')
    .filter(path => path.startsWith(prefix))
    .map(path => path.slice(prefix.length))
  return walked(host, top, [...new Set([...inside, lostAndFound])])
}

/** On the top of every ext4, and root's. */
export const lostAndFound = 'lost+found'

/** A place where the service keeps what it must not lose. */
export type State = Tree & {
  /**
   * Whether the unit or the configuration names it. Otherwise only the application does, and
   * nothing in it is changed.
   */
  readonly isNamed: boolean
}

/** What the service keeps, and as whom it opens that. */
export interface Kept extends Found {
  readonly opener: Opener
}

interface Found {
  readonly trees: readonly State[]
  /** Why nobody could look at the others. */
  readonly hidden: readonly CannotLook[]
}

/** @throws CannotLook where nobody knows as whom the service runs, or may look. */
export async function findKept(host: Host, target: Target, opener: Opener | null): Promise<Kept> {
  if (!opener) throw new CannotLook(`nobody knows who ${target.unit.name} runs as`)
  return {opener, ...(await walkAll(host, target, opener))}
}

/**
 * Everything that the service keeps, wherever it lies: the state directory, and what Django says of
 * STATIC_ROOT, MEDIA_ROOT, the files of LOGGING and those of SQLite. A directory that belongs to
 * somebody else was filled by them, and is no state of the service.
 */
async function walkAll(host: Host, target: Target, opener: Opener): Promise<Found> {
  const own = await walkState(host, target)
  const trees: State[] = own ? [{...own, isNamed: true}] : []
  const hidden: CannotLook[] = []
  const logs = (target.django.answer?.logFiles ?? []).map(({path}) => path)
  const said = [target.staticRoot, target.mediaRoot, ...logs, ...sqliteFiles(target).keys()]
  const bounds = await boundsOf(host, target)
  for (const path of new Set(said)) {
    if (!path?.startsWith('/') || path === '/') continue
    const found = await seenOrWhyNot(resolvePath(host, path))
    if (found instanceof CannotLook) {
      hidden.push(found)
      continue
    }
    if (trees.some(tree => isWithin(tree, found))) continue
    const tree = await stateAt(host, target, opener, {path, found, bounds})
    if (tree) trees.push(tree)
  }
  return {trees, hidden}
}

/** One walk tells of all below, but for what another filesystem holds. */
function isWithin({top}: Tree, {path, stat}: Resolved): boolean {
  return path !== null && isBelow(path, top.path) && stat?.dev === top.stat.dev
}

/** Null where it is not there, or belongs to somebody else. */
async function stateAt(
  host: Host,
  target: Target,
  opener: Opener,
  {path, found, bounds}: {path: string; found: Resolved; bounds: readonly string[]},
): Promise<State | null> {
  const {path: real, stat} = found
  if (!real || !stat) return null
  const isElsewhere = await leadsElsewhere(host, found, bounds)
  const isNamed = !isElsewhere && bounds.some(each => isBelow(path, each) || isBelow(real, each))
  // A log is one file: who owns the directory around it is another matter.
  const tree = stat.type === 'file' ? alone({path: real, stat}) : await walked(host, found)
  const isOwn = stat.type === 'file' || stat.uid === opener.uid
  // Where uploads go, and what the unit itself gives to the service, must be the service's; what
  // root made there was not meant.
  const given = givenPaths(target.unit)
  const isWritten =
    (path === target.mediaRoot && takesUploads(target)) ||
    given.includes(path) ||
    given.includes(real)
  const mustWrite = isWritten && stat.uid === 0 && !isElsewhere
  return tree && (isOwn || mustWrite) ? {...tree, isNamed} : null
}

/**
 * Whether a link that another than root made leads out of what the unit and the configuration name:
 * what lies there is not theirs to have opened, or given to them.
 */
export async function leadsElsewhere(
  host: Host,
  found: Resolved,
  bounds: readonly string[],
): Promise<boolean> {
  const {path} = found
  if (path === null || !isLed(found)) return false
  const ends = await Promise.all(bounds.map(bound => ifSeen(resolvePath(host, bound))))
  return !ends.some(end => end?.path && !isLed(end) && isBelow(path, end.path))
}

function isLed({components}: Resolved): boolean {
  return components.some(({stat}) => stat.type === 'symlink' && stat.uid !== 0)
}

/** The files of SQLite's databases by their path, and the alias of each. */
export function sqliteFiles({django, workingDirectory}: Target): ReadonlyMap<string, string> {
  const all = Object.entries(django.answer?.databases ?? {}).filter(([, {engine}]) =>
    /sqlite3$|spatialite$/.test(engine),
  )
  return new Map(
    all.flatMap(([alias, {name}]) => {
      if (name === '' || name === ':memory:' || name.startsWith('file:')) return []
      const path = name.startsWith('/') ? name : workingDirectory && `${workingDirectory}/${name}`
      return path ? [[path, alias] as const] : []
    }),
  )
}

/** Whether a model of the project stores files where MEDIA_ROOT is. */
function takesUploads({django}: Target): boolean {
  return (django.answer?.migrations?.uploads.length ?? 0) > 0
}

function alone(top: Component): Tree {
  return {top, truncated: false, entries: [], unreadable: []}
}

/** A directory in the state directory (one walk tells of all) or elsewhere; null if none. */
export async function walkDirectory(
  host: Host,
  target: Target,
  path: string,
): Promise<Tree | null> {
  const [found, state] = await Promise.all([
    resolvePath(host, path),
    target.stateDirectory ? resolvePath(host, target.stateDirectory) : null,
  ])
  const inside =
    found.path &&
    state?.path &&
    isBelow(found.path, state.path) &&
    found.stat?.dev === state.stat?.dev
  // Another filesystem below the state directory is not in the walk of that.
  const whole = inside ? await walkState(host, target) : null
  if (!whole || !found.path || found.stat?.type !== 'directory') return walked(host, found)
  if (found.path === whole.top.path) return whole
  return partOf(whole, {path: found.path, stat: found.stat}) ?? walked(host, found)
}

/** Null where a walk of its own tells more. */
function partOf(whole: Tree, top: Component): Tree | null {
  const directory = top.path.slice(whole.top.path.length + 1)
  const inside = (path: string): string => path.slice(directory.length + 1)
  // The walk did not come there, but whoever knows the name may.
  if (whole.unreadable.some(path => path !== top.path && isBelow(top.path, path))) return null
  // What is not a path tells of something, and nobody knows where.
  const isMeant = (path: string): boolean => !path.startsWith('/') || isBelow(path, top.path)
  const unreadable = whole.unreadable.filter(isMeant)
  if (!whole.truncated) {
    const entries = whole.entries
      .filter(entry => entry.path.startsWith(`${directory}/`))
      .map(entry => ({...entry, path: inside(entry.path)}))
    return {top, truncated: false, entries, unreadable}
  }
  // Of a directory that was not told apart only some of the kinds are known.
  const isApart = whole.kinds.some(({apart}) => apart === directory)
  if (!isApart || whole.unjudged > 0) return null
  const moved = (entry: Entry): Entry => ({...entry, path: inside(entry.path)})
  const kinds = whole.kinds.flatMap(({apart, named: [first, ...rest], ...kind}): EntryKind[] => {
    // The directory itself is a kind of its own.
    if (apart === null || !isBelow(apart, directory) || first.path === directory) return []
    const within = apart === directory ? null : inside(apart)
    return [{...kind, apart: within, named: [moved(first), ...rest.map(moved)]}]
  })
  const part: Tree = {top, truncated: true, kinds, unjudged: 0, unreadable}
  return countOf(part) > maxListed ? part : null
}

async function walked(
  host: Host,
  {path, stat}: Resolved,
  apart = [lostAndFound],
): Promise<Tree | null> {
  if (!path || stat?.type !== 'directory') return null
  return {top: {path, stat}, ...(await host.walk(path, apart))}
}
