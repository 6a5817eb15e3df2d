import {lstatSync, readlinkSync, type Stats} from 'node:fs'
import {posix} from 'node:path'
import {componentsOf, maxLinks} from './path-resolution.ts'

/** What somebody else than root may change, on the way to a file or at its end. */
export interface Foreign {
  readonly path: string
  readonly kind: 'directory' | 'link' | 'file'
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
}

/** Where a path leads, by links that root made in directories that root alone can change. */
export type RootsPath =
  /** `path` has no link in it; nobody but root can put anything in its place. */
  {readonly path: string; readonly foreign: null} | {readonly path: null; readonly foreign: Foreign}

/**
 * Follows a path from `/`, one component at a time, and stops at the first that others may change:
 * what lies behind it is theirs to decide. In a sticky directory, as /tmp is one, nobody can
 * replace what is root's; `sticky: false` takes none of these, for what looks for more beside it.
 * @param path absolute.
 * @throws an errno where it leads nowhere.
 */
export function followAsRoot(path: string, {sticky}: {readonly sticky: boolean}): RootsPath {
  const pending = componentsOf(path)
  let here = '/'
  let links = 0
  for (;;) {
    const found = lstatSync(here)
    const foreign = foreignIn(here, found, sticky)
    if (foreign) return {path: null, foreign}
    if (found.isSymbolicLink()) {
      links += 1
      if (links > maxLinks) throw Object.assign(new Error('too many links'), {code: 'ELOOP'})
      pending.unshift(...componentsOf(readlinkSync(here)))
      here = readlinkSync(here).startsWith('/') ? '/' : posix.dirname(here)
      continue
    }
    const next = pending.shift()
    if (next === undefined) return {path: here, foreign: null}
    // Something that is no directory has nothing below it: lstat(2) says ENOTDIR.
    here = next === '..' ? posix.dirname(here) : posix.join(here, next)
  }
}

function foreignIn(path: string, found: Stats, sticky: boolean): Foreign | null {
  const {uid} = found
  const mode = found.mode & 0o7777
  // Everybody may write a link, by its mode, and nobody can change one.
  const isWritable = !found.isSymbolicLink() && (mode & 0o022) !== 0
  const isSticky = sticky && found.isDirectory() && (mode & 0o1000) !== 0
  if (uid === 0 && (!isWritable || isSticky)) return null
  const kind = found.isDirectory() ? 'directory' : found.isSymbolicLink() ? 'link' : 'file'
  return {path, kind, uid, mode}
}
