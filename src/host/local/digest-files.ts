import {type BigIntStats, closeSync, constants, fstatSync, openSync, readdirSync} from 'node:fs'
import {readable} from '../hands.ts'
import type {Digest} from '../host.ts'
import {itself, O_PATH} from './descriptors.ts'
import {kindOf, type Told} from './digest.ts'
import {type Budget, digestOfOpen, isSpent} from './digest-content.ts'
import {lineOf, type Verified} from './digest-memory.ts'
import {enter, recall, stateAtRest, type Tree} from './digest-tree.ts'

const {O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY} = constants

/** Some files of one directory. Names are bytes, read as latin1. */
export interface Batch {
  /** Relative to the root. */
  readonly directory: string
  /** Null where it has not been listed. */
  readonly names: readonly string[] | null
  readonly budget: Budget
}

export interface BatchAnswer {
  /** Files, relative to the root, as UTF-8; and of each its digest. */
  readonly paths: readonly string[]
  readonly digests: readonly Digest[]
  readonly directories: readonly string[]
  /** Names that are left for other batches. */
  readonly rest: readonly string[]
  /** False where something that is there was not read. */
  readonly complete: boolean
  /** What is to be remembered and was not before: a line of the cache, or nothing. */
  readonly learned: string
  /** Bytes that were read and decoded. */
  readonly bytes: number
}

/** Few enough for several processes to share a directory. */
const maxFiles = 400
const maxBytes = 16 * 1024 * 1024

/** What of a batch is known so far. */
interface Reading {
  readonly tree: Tree
  readonly directory: string
  readonly budget: Budget
  /** The path of the directory with a slash, as UTF-8. */
  readonly prefix: string
  readonly paths: string[]
  readonly digests: Digest[]
  readonly directories: string[]
  readonly learned: Verified[]
  complete: boolean
}

/** @throws an errno, of a directory that cannot be opened or listed. */
export async function readBatch(tree: Tree, batch: Batch): Promise<BatchAnswer> {
  const {directory, budget} = batch
  const {bytes} = budget
  const reading: Reading = {
    tree,
    directory,
    budget,
    prefix: utf8(directory),
    paths: [],
    digests: [],
    directories: [],
    learned: [],
    complete: true,
  }
  const isHere = enter(tree, directory)
  const rest = isHere
    ? await readNames(reading, batch.names ?? readdirSync('.', 'latin1').sort())
    : []
  const {paths, digests, directories, learned, complete} = reading
  return {
    paths,
    digests,
    directories,
    rest,
    complete: complete && isHere,
    learned: learned.length > 0 ? lineOf(directory, learned) : '',
    bytes: bytes - budget.bytes,
  }
}

/** @returns the names that are left for other batches. */
async function readNames(reading: Reading, names: readonly string[]): Promise<readonly string[]> {
  const {budget} = reading
  const enough = budget.bytes - maxBytes
  let at = 0
  for (const name of names) {
    if (at >= maxFiles || budget.bytes < enough) return names.slice(at)
    if (isSpent(budget)) {
      reading.complete = false
      return []
    }
    at += 1
    // Most is done at once: to wait for each file would take longer than to read it.
    const rest = look(reading, name)
    if (rest) await rest
  }
  return []
}

function look(reading: Reading, name: string): Promise<void> | null {
  const {tree, directory} = reading
  const path = isAscii(name) ? name : Buffer.from(name, 'latin1')
  try {
    const known = recall(tree, directory, name, path)
    if (known === null) return readEntry(reading, name, path)
    add(reading, name, known)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') add(reading, name, {md5: null})
  }
  return null
}

/** Nothing is opened but what was seen to be a regular file: that very inode. */
function readEntry(reading: Reading, name: string, path: string | Buffer): Promise<void> | null {
  const held = openSync(path, O_PATH | O_NOFOLLOW)
  try {
    const found = fstatSync(held, {bigint: true})
    if (found.isDirectory()) reading.directories.push(name)
    return found.isFile() ? readFile(reading, name, held, found) : null
  } finally {
    closeSync(held)
  }
}

function readFile(
  reading: Reading,
  name: string,
  held: number,
  before: BigIntStats,
): Promise<void> | null {
  const {tree, budget} = reading
  const started = Date.now()
  const descriptor = openSync(itself(held), O_RDONLY | O_NONBLOCK | O_NOCTTY)
  try {
    const told = digestOfOpen(descriptor, Number(before.size), kindOf(name), budget)
    const state = tree.memory ? stateAtRest(tree, before, descriptor, started) : null
    if (told instanceof Promise) return told.then(each => take(reading, name, each, state))
    take(reading, name, told, state)
    return null
  } finally {
    closeSync(descriptor)
  }
}

/** @param state In which it may be remembered, if it may. */
function take(reading: Reading, name: string, told: Told | null, state: string | null): void {
  if (told) add(reading, name, told.digest)
  if (!told?.complete) reading.complete = false
  else if (state !== null) reading.learned.push([name, state, told.digest])
}

function add({prefix, paths, digests}: Reading, name: string, digest: Digest): void {
  paths.push(prefix + utf8(name))
  digests.push(digest)
}

function utf8(name: string): string {
  return isAscii(name) ? name : readable(name)
}

function isAscii(name: string): boolean {
  return !/[^\x00-\x7f]/.test(name)
}
