import {closeSync, fstatSync, readlinkSync, type Stats} from 'node:fs'
import {Refused} from '../hands.ts'
import {inside, openEntry, openRoot} from './descriptors.ts'

/** As many links as the kernel follows before ELOOP (path_resolution(7)). */
export const maxLinks = 40

/**
 * An entry that is held by an O_PATH descriptor, so that it stays the same whatever becomes of its
 * path.
 */
interface Held {
  readonly descriptor: number
  readonly found: Stats
  /** Bytes, read as latin1. */
  readonly path: string
}

/**
 * Where a path leads: the entry, which may be of any type but a link, or why it could not be
 * reached.
 */
export type End =
  | ({readonly kind: 'entry'} & Held)
  /**
   * `path` is a link that may not be followed, the link after too many others, or not a directory.
   */
  | {readonly kind: 'link' | 'loop' | 'no-directory'; readonly path: string}
  /** `linked`: a link led there. */
  | {readonly kind: 'missing'; readonly linked: boolean; readonly error: unknown}

/** Whether a link may be followed, by what it is and by the directory that it lies in. */
export type Follows = (link: Stats, directory: Stats) => boolean

/**
 * Resolves a path from `/` one component at a time, each held by a descriptor, so that none can be
 * swapped for a link meanwhile. `..` goes back to the directory that was come through, wherever
 * that has been moved by then.
 * @param path Bytes, read as latin1.
 * @param use What is done with the end; nothing is held any more after it.
 * @throws an errno, of a component that is there and cannot be opened.
 */
export function withPath<T>(path: string, follows: Follows, use: (end: End) => T): T {
  const way: Way = {above: [], here: held(openRoot(), '')}
  try {
    return use(resolve(path, way, follows))
  } finally {
    for (const {descriptor} of [...way.above, way.here]) closeSync(descriptor)
  }
}

/**
 * Runs with a directory that is reached from `/` without passing a link at any component.
 * @param path Bytes, read as latin1.
 * @throws Refused where a component is a link or not a directory; ENOENT where one is missing.
 */
export function withDirectory<T>(path: string, use: (directory: number) => T): T {
  return withPath(
    path,
    () => false,
    end => {
      if (end.kind === 'missing') throw end.error
      if (end.kind === 'link') throw new Refused(`${end.path} is a symbolic link`)
      if (end.kind !== 'entry' || !end.found.isDirectory())
        throw new Refused(`${end.path} is not a directory`)
      return use(end.descriptor)
    },
  )
}

/** The directories from the root to here. */
interface Way {
  readonly above: Held[]
  here: Held
}

function resolve(path: string, way: Way, follows: Follows): End {
  const pending = componentsOf(path)
  let links = 0
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (!way.here.found.isDirectory()) return {kind: 'no-directory', path: way.here.path}
    if (name === '..') {
      goUp(way)
      continue
    }
    const next = heldIn(way.here, name)
    if ('error' in next) return {kind: 'missing', linked: links > 0, error: next.error}
    if (!next.found.isSymbolicLink()) {
      way.above.push(way.here)
      way.here = next
      continue
    }
    closeSync(next.descriptor)
    if (!follows(next.found, fstatSync(way.here.descriptor))) return {kind: 'link', path: next.path}
    links += 1
    if (links > maxLinks) return {kind: 'loop', path: next.path}
    const to = readlinkSync(inside(way.here.descriptor, name), 'latin1')
    if (to.startsWith('/')) while (way.above.length > 0) goUp(way)
    pending.unshift(...componentsOf(to))
  }
  return {kind: 'entry', ...way.here}
}

/** Without those that lead nowhere: `//` and `.`. */
export function componentsOf(path: string): string[] {
  return path.split('/').filter(name => name !== '' && name !== '.')
}

/** The root is its own parent. */
function goUp(way: Way): void {
  const parent = way.above.pop()
  if (!parent) return
  closeSync(way.here.descriptor)
  way.here = parent
}

function heldIn(directory: Held, name: string): Held | {readonly error: unknown} {
  let descriptor: number
  try {
    descriptor = openEntry(directory.descriptor, name)
  } catch (error) {
    if (isMissing(error)) return {error}
    throw error
  }
  return held(descriptor, `${directory.path}/${name}`)
}

function held(descriptor: number, path: string): Held {
  try {
    return {descriptor, found: fstatSync(descriptor), path}
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
