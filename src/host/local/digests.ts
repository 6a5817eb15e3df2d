import {createHash} from 'node:crypto'
import {closeSync, constants, fstatSync, openSync, readdirSync, readSync, type Stats} from 'node:fs'
import {setImmediate} from 'node:timers/promises'
import {brotliDecompressSync, gunzipSync} from 'node:zlib'
import {CannotLook, type Digest, type DigestAnswer} from '../host.ts'
import {itself, withDirectory, withEntry} from './descriptors.ts'

/** Bytes of one file, also of what it decodes to, and of all: static files are read whole, and they are small. */
const maxFile = 32 * 1024 * 1024
const maxTotal = 512 * 1024 * 1024

/** Milliseconds; what was not read by then is not known. */
const maxTime = 8000

const maxDepth = 40

export async function digests(root: string): Promise<DigestAnswer> {
  const files: Record<string, Digest> = {}
  const end = Date.now() + maxTime
  let total = 0
  let complete = true
  const digest = (descriptor: number, found: Stats, name: string): Digest => {
    // O_PATH names the very inode that was seen; it is opened for reading only now that it is a regular file.
    const readable = openSync(itself(descriptor), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    try {
      const content = readUpTo(readable, maxFile)
      total += content?.length ?? found.size
      if (content === null) return {md5: null}
      const [kind] = /\.(?:gz|br|css|m?js)$/.exec(name) ?? []
      if (kind === undefined) return {md5: md5(content)}
      if (kind === '.gz' || kind === '.br') return {md5: md5(content), decoded: decoded(content, kind)}
      return {md5: md5(content), unlinked: md5(unlinked(content, kind))}
    } finally {
      closeSync(readable)
    }
  }
  const enter = async (directory: number, prefix: string, device: number, depth: number): Promise<void> => {
    const below: {name: string; found: Stats}[] = []
    for (const name of readdirSync(itself(directory))) {
      if (total > maxTotal || Date.now() > end) {
        complete = false
        return
      }
      try {
        withEntry(directory, Buffer.from(name).toString('latin1'), (descriptor, found) => {
          if (found.isDirectory()) below.push({name, found})
          else if (found.isFile()) files[prefix + name] = digest(descriptor, found, name)
        })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') files[prefix + name] = {md5: null}
      }
    }
    // Others wait while files are read.
    await setImmediate()
    for (const {name, found} of below) {
      if (found.dev !== device || depth > maxDepth) continue
      const descriptor = openDirectory(directory, name)
      if (descriptor === null) continue
      try {
        await enter(descriptor, `${prefix}${name}/`, device, depth + 1)
      } finally {
        closeSync(descriptor)
      }
    }
  }
  const top = openTop(root)
  try {
    await enter(top, '', fstatSync(top).dev, 0)
  } catch (error) {
    throw new CannotLook(`${root} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
      privilege: /^(?:EACCES|EPERM)$/.test((error as NodeJS.ErrnoException).code ?? ''),
    })
  } finally {
    closeSync(top)
  }
  return {files, complete}
}

function openTop(root: string): number {
  try {
    return withDirectory(root, directory => openSync(itself(directory), constants.O_RDONLY | constants.O_DIRECTORY))
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    throw new CannotLook(`${root} cannot be read: ${code ?? message}`, {privilege: code === 'EACCES'})
  }
}

/** Null where it may not be listed, or is no directory any more. */
function openDirectory(parent: number, name: string): number | null {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
  try {
    return openSync(`${itself(parent)}/${name}`, flags)
  } catch {
    return null
  }
}

/** Null when there is more: st_size may lie. */
function readUpTo(descriptor: number, limit: number): Buffer | null {
  const chunks: Buffer[] = []
  let total = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(64 * 1024)
    const length = readSync(descriptor, chunk, 0, chunk.length, null)
    if (length === 0) return Buffer.concat(chunks)
    total += length
    if (total > limit) return null
    chunks.push(chunk.subarray(0, length))
  }
}

function decoded(content: Buffer, packed: string): string | null {
  try {
    // A few kilobytes may decode to gigabytes.
    const options = {maxOutputLength: maxFile}
    return md5(packed === '.gz' ? gunzipSync(content, options) : brotliDecompressSync(content, options))
  } catch {
    return null
  }
}

/**
 * Without what HashedFilesMixin.patterns (django/contrib/staticfiles/storage.py) match; `@import "…"` becomes
 * `@import url("…")` there. Lengths are bounded, since the file may have been written to keep us busy.
 */
function unlinked(content: Buffer, kind: string): Buffer {
  const text = content.toString('latin1').replace(/(\/[/*]#)[ \t]sourceMappingURL=[^\n*]{0,2000}/g, '$1')
  if (kind !== '.css') return Buffer.from(text, 'latin1')
  const rest = text
    .replace(/@import\s{0,9}["'][^"'\n]{0,2000}["']/gi, '@import url()')
    .replace(/url\((?!["']?data:)[^)\n]{0,2000}\)/gi, 'url()')
  return Buffer.from(rest, 'latin1')
}

function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('hex').slice(0, 12)
}
