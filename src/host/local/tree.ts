import {closeSync, fstatSync, type Stats} from 'node:fs'
import type {Change} from '../../report/finding.ts'
import {Refused} from '../hands.ts'
import {mountOf, openEntry} from './descriptors.ts'
import {withParent} from './guards.ts'
import {type Left, reasonOf} from './outcome.ts'
import {withDirectory} from './path-resolution.ts'

/** No web application keeps deeper trees; each level holds a descriptor. */
export const maxDepth = 100

/** A file or a directory of a tree, held by a descriptor as long as it is being looked at. */
export interface Found {
  readonly path: string
  readonly found: Stats
  readonly descriptor: number
}

/** A directory on the way from the top to where the next entry lies. */
interface Held {
  readonly name: string
  readonly descriptor: number
}

interface Tree {
  readonly top: string
  /** What lies in another mount is not entered. */
  readonly mount: string
  readonly refused: Left[]
  /** Directories that are not entered, so that none is refused twice. */
  readonly closed: Set<string>
  /** The top, then one directory below the other. */
  readonly way: Held[]
}

/**
 * The files and directories among paths of a change's tree: each is reached from the bound on
 * without passing a link, one directory held by its descriptor after the other. What lies in
 * another mount is refused and not entered; what is not there is passed over.
 * @param paths Bytes, read as latin1. Those of one directory come one after another, or each of
 *   them is entered anew.
 * @throws Refused where the top is a link, or a link leads to it.
 */
export function* entriesAt(
  {path: top}: Change,
  bound: string,
  paths: Iterable<string>,
  refused: Left[],
): Generator<Found> {
  const mount = withDirectory(bound, mountOf)
  const descriptor = openTop(top, bound)
  const tree: Tree = {top, mount, refused, closed: new Set(), way: [{name: '', descriptor}]}
  try {
    if (!isOnMount(tree, top, descriptor)) return
    const found = fstatSync(descriptor)
    if (found.isSymbolicLink()) throw new Refused(`${top} is a symbolic link`)
    if (!isEntered(found)) return
    for (const path of paths) {
      if (path === top) yield {path, found, descriptor}
      else yield* entryAt(tree, path)
    }
  } finally {
    for (const held of tree.way) closeSync(held.descriptor)
  }
}

/** The top of a tree. The caller closes it. */
export function openTop(path: string, bound: string): number {
  return withParent(path, bound, openEntry)
}

function* entryAt(tree: Tree, path: string): Generator<Found> {
  const names = namesBelow(tree.top, path)
  const name = names.pop()
  if (name === undefined || !enter(tree, names)) return
  const descriptor = opened(tree, name, path)
  if (descriptor === null) return
  try {
    if (!isOnMount(tree, path, descriptor)) return
    const found = fstatSync(descriptor)
    if (isEntered(found)) yield {path, found, descriptor}
  } finally {
    closeSync(descriptor)
  }
}

/** Empty for what does not lie below the top: a journal may say anything. */
function namesBelow(top: string, path: string): string[] {
  if (!path.startsWith(`${top}/`)) return []
  const names = path.slice(top.length + 1).split('/')
  return names.some(name => name === '' || name === '.' || name === '..') ? [] : names
}

/** Goes on from the last directory that the way shares with these. */
function enter(tree: Tree, names: readonly string[]): boolean {
  const {way} = tree
  let shared = 0
  while (shared < names.length && way[shared + 1]?.name === names[shared]) shared += 1
  for (const {descriptor} of way.splice(shared + 1)) closeSync(descriptor)
  for (const [index, name] of names.entries())
    if (index >= shared && !step(tree, name, `${tree.top}/${names.slice(0, index + 1).join('/')}`))
      return false
  return true
}

/** @returns false where the directory is not there, or not entered. */
function step(tree: Tree, name: string, path: string): boolean {
  if (tree.closed.has(path)) return false
  if (tree.way.length > maxDepth) {
    refuse(tree, path, `it lies deeper than ${maxDepth} directories`)
    return false
  }
  const descriptor = opened(tree, name, path)
  if (descriptor === null) return false
  tree.way.push({name, descriptor})
  if (isOnMount(tree, path, descriptor) && fstatSync(descriptor).isDirectory()) return true
  tree.way.pop()
  closeSync(descriptor)
  return false
}

/** Null where it went away after it was listed, another mount hides it, or the system says no. */
function opened(tree: Tree, name: string, path: string): number | null {
  try {
    return openEntry(tree.way.at(-1)?.descriptor ?? -1, name)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') refuse(tree, path, reasonOf(error))
    return null
  }
}

function isEntered(found: Stats): boolean {
  return found.isFile() || found.isDirectory()
}

/**
 * Comes before fstat(2), which asks the file system: that of a mount of the service's user (FUSE)
 * lets nobody else look, or never answers. Of the mount the kernel tells by itself.
 */
function isOnMount(tree: Tree, path: string, descriptor: number): boolean {
  if (mountOf(descriptor) === tree.mount) return true
  refuse(tree, path, 'it is another mount')
  return false
}

function refuse({closed, refused}: Tree, path: string, why: string): void {
  if (!closed.has(path)) refused.push({path, why})
  closed.add(path)
}
