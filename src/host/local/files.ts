import {lstatSync, readdirSync, readlinkSync, type Stats} from 'node:fs'
import {CannotLook, type EntryType, type FileAnswer, type ReadOptions, type Stat} from '../host.ts'
import {contentOf, inBytes} from './descriptors.ts'
import {type End, isMissing, withPath} from './path-resolution.ts'

/**
 * Reads a regular file, and opens nothing else. As root a symbolic link is followed only when it
 * lies in a directory that root alone can write to: /run/secrets and /etc are full of such links,
 * and the state directory's are never followed.
 */
export function readFile(path: string, options: ReadOptions = {}): FileAnswer {
  const follows = process.geteuid?.() === 0 ? isRootsAlone : () => true
  return looking(path, () => withPath(inBytes(path), follows, end => answerOf(end, options)))
}

function isRootsAlone(link: Stats, directory: Stats): boolean {
  return directory.uid === 0 && (directory.mode & 0o022) === 0 && link.uid === 0
}

function answerOf(end: End, options: ReadOptions): FileAnswer {
  switch (end.kind) {
    case 'missing':
      return {kind: end.linked ? 'dangling' : 'missing'}
    case 'no-directory':
      return {kind: 'missing'}
    case 'link':
      return {kind: 'unsafe-link'}
    case 'loop':
      return {kind: 'dangling'}
    case 'entry':
      return textOf(end.descriptor, end.found, options)
  }
}

function textOf(
  descriptor: number,
  found: Stats,
  {limit = 1024 * 1024, tail, binary = false}: ReadOptions,
): FileAnswer {
  if (found.isDirectory()) return {kind: 'directory'}
  if (!found.isFile()) return {kind: 'not-regular'}
  if (tail !== undefined && found.nlink > 1) return {kind: 'unsafe-link'}
  const content =
    tail === undefined
      ? contentOf(descriptor, limit + 1)
      : contentOf(descriptor, tail, Math.max(0, found.size - tail))
  if (tail === undefined && content.length > limit)
    return {kind: 'too-large', size: Math.max(found.size, content.length)}
  if (binary) return {kind: 'file', text: content.toString('latin1'), utf8: true}
  const text = content.toString('utf8')
  return {kind: 'file', text, utf8: Buffer.from(text, 'utf8').equals(content)}
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
