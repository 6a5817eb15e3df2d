import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs'
import {CannotLook, type EntryType, type FileAnswer, type ReadOptions, type Stat} from '../host.ts'

/** Linux's O_PATH (asm-generic/fcntl.h): a descriptor that names a file without opening it. Node does not export it. */
const O_PATH = 0o10000000

/** As many links as the kernel follows before ELOOP (path_resolution(7)). */
const maxLinks = 40

type Refusal = {readonly kind: 'missing' | 'unsafe-link' | 'dangling'}

/**
 * Opens a file by walking from `/` one component at a time, so that no component can be swapped for a link meanwhile. As
 * root a symbolic link is followed only when it lies in a directory that root alone can write to: /run/secrets and
 * /etc are full of such links, and the state directory's are never followed.
 */
function openSafely(path: string): number | Refusal {
  const trusting = process.geteuid?.() !== 0
  let pending = path.split('/').filter(part => part !== '' && part !== '.')
  let links = 0
  let directory = openSync('/', O_PATH | constants.O_DIRECTORY)
  const parents: number[] = []
  try {
    while (true) {
      const name = pending.shift()
      if (name === undefined) return openSync(`/proc/self/fd/${directory}`, constants.O_RDONLY | constants.O_DIRECTORY)
      if (name === '..') {
        const parent = parents.pop()
        if (parent !== undefined) {
          closeSync(directory)
          directory = parent
        }
        continue
      }
      const here = `/proc/self/fd/${directory}/${name}`
      let next: number
      try {
        next = openSync(here, O_PATH | constants.O_NOFOLLOW)
      } catch (error) {
        if (isMissing(error)) return {kind: links > 0 ? 'dangling' : 'missing'}
        throw error
      }
      const found = fstatSync(next)
      if (found.isSymbolicLink()) {
        closeSync(next)
        const holder = fstatSync(directory)
        const rootsAlone = holder.uid === 0 && (holder.mode & 0o022) === 0 && found.uid === 0
        if (!trusting && !rootsAlone) return {kind: 'unsafe-link'}
        links += 1
        if (links > maxLinks) return {kind: 'dangling'}
        const to = readlinkSync(here)
        pending = [...to.split('/').filter(part => part !== '' && part !== '.'), ...pending]
        if (to.startsWith('/')) {
          for (const parent of parents.splice(0)) closeSync(parent)
          closeSync(directory)
          directory = openSync('/', O_PATH | constants.O_DIRECTORY)
        }
        continue
      }
      if (pending.length === 0 && !found.isDirectory()) {
        // Reopening through the descriptor opens this very inode, and only after it is known to be a regular file.
        try {
          if (!found.isFile()) return openSync(`/proc/self/fd/${next}`, O_PATH)
          return openSync(`/proc/self/fd/${next}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
        } finally {
          closeSync(next)
        }
      }
      if (!found.isDirectory()) {
        closeSync(next)
        return {kind: 'missing'}
      }
      parents.push(directory)
      directory = next
    }
  } finally {
    closeSync(directory)
    for (const parent of parents) closeSync(parent)
  }
}

export function readFile(path: string, {limit = 1024 * 1024, binary = false}: ReadOptions = {}): FileAnswer {
  return looking(path, () => {
    const opened = openSafely(path)
    if (typeof opened !== 'number') return opened
    try {
      const found = fstatSync(opened)
      if (found.isDirectory()) return {kind: 'directory'}
      if (!found.isFile()) return {kind: 'not-regular'}
      const content = readUpTo(opened, limit + 1)
      if (content.length > limit) return {kind: 'too-large', size: Math.max(found.size, content.length)}
      if (binary) return {kind: 'file', text: content.toString('latin1'), utf8: true}
      const text = content.toString('utf8')
      return {kind: 'file', text, utf8: Buffer.from(text, 'utf8').equals(content)}
    } finally {
      closeSync(opened)
    }
  })
}

/** Reads until the end or the limit: st_size says 0 in /proc and may be a lie anywhere else. */
function readUpTo(descriptor: number, limit: number): Buffer {
  const chunks: Buffer[] = []
  let total = 0
  while (total < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, limit - total))
    const length = readSync(descriptor, chunk, 0, chunk.length, null)
    if (length === 0) break
    chunks.push(chunk.subarray(0, length))
    total += length
  }
  return Buffer.concat(chunks)
}

export function stat(path: string): Stat | null {
  return looking(path, () => {
    try {
      return toStat(path, lstatSync(path))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  })
}

export function list(path: string): readonly string[] | null {
  return looking(path, () => {
    try {
      return readdirSync(path).sort()
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  })
}

function toStat(path: string, found: Stats): Stat {
  const type = typeOf(found)
  return {
    type,
    mode: found.mode & 0o7777,
    uid: found.uid,
    gid: found.gid,
    nlink: found.nlink,
    size: found.size,
    mtime: Math.round(found.mtimeMs),
    dev: found.dev,
    ...(type === 'symlink' && {link: readlinkSync(path)}),
  }
}

function typeOf(found: Stats): EntryType {
  if (found.isFile()) return 'file'
  if (found.isDirectory()) return 'directory'
  if (found.isSymbolicLink()) return 'symlink'
  if (found.isFIFO()) return 'fifo'
  return found.isSocket() ? 'socket' : 'device'
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** What the file system refuses to show is not news about the deployment: nobody could look. */
function looking<T>(path: string, look: () => T): T {
  try {
    return look()
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM')
      throw new CannotLook(`${path} may not be read by this user`, {privilege: true})
    if (code) throw new CannotLook(`${path} cannot be read: ${code}`)
    throw error
  }
}
