import {CannotLook, type Entry, type EntryKind, type Host, maxListed} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
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
export interface Kept {
  readonly opener: Opener
  readonly trees: readonly State[]
}

/** @throws CannotLook where nobody knows as whom the service runs, or may look. */
export async function findKept(host: Host, target: Target, opener: Opener | null): Promise<Kept> {
  if (!opener) throw new CannotLook(`nobody knows who ${target.unit.name} runs as`)
  return {opener, trees: await walkAll(host, target, opener)}
}

/**
 * Everything that the service keeps, wherever it lies: the state directory, and what Django says of
 * STATIC_ROOT, MEDIA_ROOT, the files of LOGGING and those of SQLite. A directory that belongs to
 * somebody else was filled by them, and is no state of the service.
 */
async function walkAll(host: Host, target: Target, opener: Opener): Promise<readonly State[]> {
  const own = await walkState(host, target)
  const whole: State[] = own ? [{...own, isNamed: true}] : []
  const logs = (target.django.answer?.logFiles ?? []).map(({path}) => path)
  const said = [target.staticRoot, target.mediaRoot, ...logs, ...sqliteFiles(target).keys()]
  const bounds = await boundsOf(host, target)
  const given = givenPaths(target.unit)
  for (const path of new Set(said)) {
    if (!path?.startsWith('/') || path === '/') continue
    const found = await ifSeen(resolvePath(host, path))
    const real = found?.path
    if (!found || !real || whole.some(({top}) => isBelow(real, top.path))) continue
    const isNamed = bounds.some(bound => isBelow(path, bound) || isBelow(real, bound))
    // A log is one file: who owns the directory around it is another matter.
    const tree =
      found.stat?.type === 'file'
        ? alone({path: real, stat: found.stat})
        : await walked(host, found)
    const isOwn = found.stat?.type === 'file' || found.stat?.uid === opener.uid
    // Where uploads go, and what the unit itself gives to the service, must be the service's; what
    // root made there was not meant.
    const isWritten =
      (path === target.mediaRoot && takesUploads(target)) ||
      given.includes(path) ||
      given.includes(real)
    const mustWrite = isWritten && found.stat?.uid === 0
    if (tree && (isOwn || mustWrite)) whole.push({...tree, isNamed})
  }
  return whole
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
