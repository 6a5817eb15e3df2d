import {closeSync, constants, fstatSync, lstatSync, openSync, readdirSync} from 'node:fs'
import {readable} from '../hands.ts'
import type {Digest} from '../host.ts'
import {itself, O_PATH} from './descriptors.ts'
import {kindOf} from './digest.ts'
import {type Budget, digestOfOpen, isSpent} from './digest-content.ts'
import {enter, learn, recall, type Tree} from './digest-tree.ts'

/** Some files of one directory. Names are bytes, read as latin1. */
export interface Batch {
  /** Relative to the root. */
  readonly directory: string
  /** Null where it has not been listed. */
  readonly names: readonly string[] | null
  readonly budget: Budget
}

export interface BatchAnswer {
  /** By their names as UTF-8. */
  readonly files: readonly (readonly [name: string, digest: Digest])[]
  readonly directories: readonly string[]
  /** Names that are left for other batches. */
  readonly rest: readonly string[]
  /** False where something that is there was not read. */
  readonly complete: boolean
  /** Whether anything of the tree that is to be remembered was not remembered before. */
  readonly learned: boolean
  /** Bytes that were read and decoded. */
  readonly bytes: number
}

/** Few enough for several processes to share a directory. */
const maxFiles = 400
const maxBytes = 16 * 1024 * 1024

/** @throws an errno, of a directory that cannot be opened or listed. */
export async function readBatch(tree: Tree, batch: Batch): Promise<BatchAnswer> {
  const {directory, budget} = batch
  const {bytes} = budget
  const files: (readonly [string, Digest])[] = []
  const directories: string[] = []
  const answer = (rest: readonly string[], complete: boolean): BatchAnswer => ({
    files,
    directories,
    rest,
    complete,
    learned: tree.learned,
    bytes: bytes - budget.bytes,
  })
  if (!enter(tree, directory)) return answer([], true)
  const names = batch.names ?? readdirSync('.', 'latin1').sort()
  let complete = true
  for (const [at, name] of names.entries()) {
    if (isSpent(budget)) return answer([], false)
    if (at >= maxFiles || bytes - budget.bytes > maxBytes) return answer(names.slice(at), complete)
    const found = await look(tree, directory, name, budget)
    if (found === 'directory') directories.push(name)
    else if (found?.digest) files.push([isAscii(name) ? name : readable(name), found.digest])
    if (found !== 'directory' && found?.complete === false) complete = false
  }
  return answer([], complete)
}

/** What an entry turned out to be; null where it is gone, or neither a file nor a directory. */
type Found = 'directory' | {readonly digest: Digest | null; readonly complete: boolean} | null

async function look(tree: Tree, directory: string, name: string, budget: Budget): Promise<Found> {
  const path = pathOf(name)
  try {
    const known = recall(tree, directory, name, () => lstatSync(path, {bigint: true}))
    if (known) return {digest: known, complete: true}
    // Nothing is opened but what has been seen to be a regular file: this very inode.
    const held = openSync(path, O_PATH | constants.O_NOFOLLOW)
    try {
      return await lookInto(tree, directory, name, {held, budget})
    } finally {
      closeSync(held)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    return {digest: {md5: null}, complete: true}
  }
}

async function lookInto(
  tree: Tree,
  directory: string,
  name: string,
  {held, budget}: {readonly held: number; readonly budget: Budget},
): Promise<Found> {
  const before = fstatSync(held, {bigint: true})
  if (before.isDirectory()) return 'directory'
  if (!before.isFile()) return null
  const started = Date.now()
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
  const descriptor = openSync(itself(held), flags)
  try {
    const told = await digestOfOpen(descriptor, kindOf(name), budget)
    if (!told) return {digest: null, complete: false}
    const {digest, complete} = told
    if (complete && tree.memory) {
      const after = fstatSync(descriptor, {bigint: true})
      learn(tree, directory, {name, digest}, {before, after, started})
    }
    return {digest, complete}
  } finally {
    closeSync(descriptor)
  }
}

/** As the calls take it that open it: most names are the same text and bytes. */
function pathOf(name: string): string | Buffer {
  return isAscii(name) ? name : Buffer.from(name, 'latin1')
}

function isAscii(name: string): boolean {
  return !/[^\x00-\x7f]/.test(name)
}
