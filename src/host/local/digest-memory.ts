import {hash, randomUUID} from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {crc32} from 'node:zlib'
import {toolVersion} from '../../report/version.ts'
import type {Digest} from '../host.ts'
import {assertOwn, ownDirectory} from './own-directory.ts'

/** Where digests are remembered: root's own, mode 0700. */
export const cacheDirectory = '/var/cache/prism-doctor'

/** Milliseconds after which every file is read again: a disk may fail without a word. */
const maxAge = 24 * 60 * 60 * 1000

/** Bytes of one tree's file: about 400,000 files. */
const maxSize = 64 * 1024 * 1024

/** A file's name, its state when it was read, and what it held. */
export type Verified = readonly [name: string, state: string, digest: Digest]

/** What was read of a tree by earlier runs. */
export interface Memory {
  /** Of the files of a directory, by name. */
  recall(directory: string): ReadonlyMap<string, Verified>
}

/** All that a memory depends on but the files: another one of these, and it is none. */
function stamp(root: string): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return JSON.stringify({tool: toolVersion, boot, root})
}

/** What is remembered of a tree. */
export function remembered(cache: string, root: string): Memory {
  const {lines} = kept(cache, root)
  const byDirectory = new Map<string, string[]>()
  for (const line of lines.split('\n')) {
    const end = line.indexOf('\t')
    const directory = line.slice(0, end)
    const known = byDirectory.get(directory)
    if (known) known.push(line.slice(end + 1))
    else byDirectory.set(directory, [line.slice(end + 1)])
  }
  // A large directory is asked for in several parts, one after the other.
  const last = {directory: '', files: new Map<string, Verified>()}
  return {
    recall(directory) {
      const key = JSON.stringify(directory)
      if (last.directory !== key) {
        const all = (byDirectory.get(key) ?? []).flatMap(line => JSON.parse(line) as Verified[])
        Object.assign(last, {directory: key, files: new Map(all.map(each => [each[0], each]))})
      }
      return last.files
    },
  }
}

interface Kept {
  /** When the oldest of it was read, milliseconds since the epoch. */
  readonly since: number
  /** What was learned later stands below. */
  readonly lines: string
}

/** Nothing, where anything about the file is not as we write it. */
function kept(cache: string, root: string): Kept {
  const nothing = {since: Date.now(), lines: ''}
  try {
    assertOwn(cache)
    const text = readOwn(fileOf(cache, root))
    const [checksum = '', since = '', found = ''] = text.split('\n', 3)
    const body = text.slice(checksum.length + 1)
    const age = Date.now() - Number(since)
    const isOurs = found === stamp(root) && Number(checksum) === crc32(body)
    if (!isOurs || !(age >= 0 && age < maxAge)) return nothing
    return {since: Number(since), lines: body.slice(since.length + found.length + 2)}
  } catch {
    return nothing
  }
}

/** @throws an errno; an Error where another user could have written it. */
function readOwn(file: string): string {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const descriptor = openSync(file, flags)
  try {
    const found = fstatSync(descriptor)
    const isOwn = found.isFile() && found.uid === process.geteuid?.() && (found.mode & 0o077) === 0
    if (!isOwn || found.size > maxSize) throw new Error(`${file} is not as it was written`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

/** The line that remembers files of a directory. */
export function lineOf(directory: string, verified: readonly Verified[]): string {
  return `${JSON.stringify(directory)}\t${JSON.stringify(verified)}\n`
}

/**
 * Remembers of a tree what was learned, besides what is remembered. It is for speed alone: where it
 * cannot be written, the next run reads these files again.
 */
export function remember(cache: string, root: string, learned: string): void {
  try {
    ownDirectory(cache)
    forgetOld(cache)
    const {since, lines} = kept(cache, root)
    const body = `${since}\n${stamp(root)}\n${lines}${learned}`
    if (body.length <= maxSize) write(fileOf(cache, root), `${crc32(body)}\n${body}`)
  } catch {
    // A full disk, or somebody else's directory.
  }
}

function write(file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}`
  try {
    writeFileSync(temporary, text, {flag: 'wx', mode: 0o600})
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, {force: true})
  }
}

/** Every deployment brings another tree into the store. */
function forgetOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const path = `${cache}/${name}`
    if (Date.now() - statSync(path).mtimeMs > maxAge) rmSync(path, {force: true})
  }
}

function fileOf(cache: string, root: string): string {
  return `${cache}/${hash('sha256', root, 'hex').slice(0, 32)}`
}
