import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  statfsSync,
} from 'node:fs'
import type {Digest} from '../host.ts'
import {inBytes, inside, itself, O_PATH} from './descriptors.ts'
import {type Memory, remembered} from './digest-memory.ts'
import {withDirectory} from './path-resolution.ts'

/** Where digests are remembered. */
export interface Cache {
  readonly directory: string
  /** Milliseconds since the last change of a file after which it is remembered. */
  readonly settled: number
}

/** A tree whose files are read. */
export interface Tree {
  readonly root: number
  /** Nothing in another file system is read. */
  readonly device: bigint
  readonly settled: number
  /** Null where nothing is remembered. */
  readonly memory: Memory | null
}

/**
 * Magic numbers (statfs(2)) of ext4, xfs and btrfs: they are local, and no change of a file leaves
 * its ctime as it was. An overlay, a server or a FUSE program may say anything.
 */
const trusted: readonly number[] = [0xef53, 0x58465342, 0x9123683e]

/** @throws Refused, or an errno, where the directory cannot be reached without passing a link. */
export function openTree(path: string, cache: Cache | null): Tree {
  const flags = O_PATH | constants.O_DIRECTORY
  const root = withDirectory(inBytes(path), directory => openSync(itself(directory), flags))
  const remembers = cache !== null && trusted.includes(statfsSync(itself(root)).type)
  return {
    root,
    device: fstatSync(root, {bigint: true}).dev,
    settled: cache?.settled ?? 0,
    memory: remembers ? remembered(cache.directory, path) : null,
  }
}

/**
 * Makes a directory of the tree the working directory: names are looked up in this very directory
 * then, whatever becomes of its path. False where it lies in another file system.
 * @param directory Relative to the root; bytes, read as latin1.
 * @throws an errno, where it is gone, is a link now, or may not be opened.
 */
export function enter({root, device}: Tree, directory: string): boolean {
  let here = root
  try {
    for (const name of directory.split('/').filter(each => each !== '')) {
      const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
      const next = openSync(inside(here, name), flags)
      if (here !== root) closeSync(here)
      here = next
    }
    process.chdir(itself(here))
    return fstatSync(here, {bigint: true}).dev === device
  } finally {
    if (here !== root) closeSync(here)
  }
}

/**
 * What is remembered of a file in the working directory, if it is as it was then.
 * @throws an errno.
 */
export function recall(
  {memory}: Tree,
  directory: string,
  name: string,
  path: string | Buffer,
): Digest | null {
  const known = memory?.recall(directory).get(name)
  return known && known[1] === stateOf(lstatSync(path, {bigint: true})) ? known[2] : null
}

/**
 * The state in which a file may be remembered; null where it may have been changed while it was
 * read, or be changed without another ctime. So does a change within the same tick of the kernel's
 * clock as the last one, and one through a page that is mapped and has not been written back: the
 * file has to have been at rest.
 * @param started When it was begun to be read, milliseconds since the epoch.
 */
export function stateAtRest(
  {settled, device}: Tree,
  before: BigIntStats,
  descriptor: number,
  started: number,
): string | null {
  if (before.dev !== device) return null
  if (Math.max(Number(before.ctimeMs), Number(before.mtimeMs)) > started - settled) return null
  const state = stateOf(before)
  return state === stateOf(fstatSync(descriptor, {bigint: true})) ? state : null
}

function stateOf({dev, ino, size, mtimeNs, ctimeNs}: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
}
