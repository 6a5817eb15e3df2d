import {closeSync, constants, fstatSync, openSync, readdirSync, type Stats} from 'node:fs'
import {setImmediate} from 'node:timers/promises'
import {readable} from '../hands.ts'
import {CannotLook, type Digest, type DigestAnswer} from '../host.ts'
import {contentOf, inBytes, itself, withEntry} from './descriptors.ts'
import {digestOf, maxFile} from './digest.ts'
import {withDirectory} from './path-resolution.ts'

/** Bytes of all files: static files are read whole, and they are small. */
const maxTotal = 512 * 1024 * 1024

/** Milliseconds; what was not read by then is not known. */
const maxTime = 8000

const maxDepth = 40

/** What has been read so far of one tree. */
interface Reading {
  readonly files: Record<string, Digest>
  /** Nothing in another file system is read. */
  readonly device: number
  readonly end: number
  total: number
  complete: boolean
}

/**
 * The digests of a tree's regular files, no link followed and nothing opened but them.
 * @throws CannotLook where the directory itself cannot be read.
 */
export async function digests(root: string): Promise<DigestAnswer> {
  const top = openTop(root)
  try {
    const reading = {
      files: {},
      device: fstatSync(top).dev,
      end: Date.now() + maxTime,
      total: 0,
      complete: true,
    }
    await enter(reading, top, '', 0)
    return {files: reading.files, complete: reading.complete}
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    throw new CannotLook(`${root} cannot be read: ${code}`, {
      privilege: code === 'EACCES' || code === 'EPERM',
    })
  } finally {
    closeSync(top)
  }
}

async function enter(
  reading: Reading,
  directory: number,
  prefix: string,
  depth: number,
): Promise<void> {
  const below = readFiles(reading, directory, prefix)
  // Others wait while files are read.
  await setImmediate()
  for (const {name, found} of below) {
    if (found.dev !== reading.device || depth > maxDepth) continue
    const descriptor = openDirectory(directory, name)
    if (descriptor === null) continue
    try {
      await enter(reading, descriptor, `${prefix}${name}/`, depth + 1)
    } finally {
      closeSync(descriptor)
    }
  }
}

/**
 * Reads the files of one directory. @returns its directories; none when the time or the bytes are
 * used up.
 */
function readFiles(
  reading: Reading,
  directory: number,
  prefix: string,
): readonly {name: string; found: Stats}[] {
  const {files} = reading
  const below: {name: string; found: Stats}[] = []
  for (const name of readdirSync(itself(directory))) {
    if (reading.total > maxTotal || Date.now() > reading.end) {
      reading.complete = false
      return []
    }
    try {
      withEntry(directory, inBytes(name), (descriptor, found) => {
        if (found.isDirectory()) below.push({name, found})
        else if (found.isFile()) files[prefix + name] = digest(reading, descriptor, found, name)
      })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') files[prefix + name] = {md5: null}
    }
  }
  return below
}

function digest(reading: Reading, descriptor: number, found: Stats, name: string): Digest {
  // One byte more tells that there is more: st_size may lie.
  const content = contentOf(descriptor, maxFile + 1)
  const isWhole = content.length <= maxFile
  reading.total += isWhole ? content.length : found.size
  return isWhole ? digestOf(name, content) : {md5: null}
}

function openTop(root: string): number {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY
  try {
    return withDirectory(inBytes(root), directory => openSync(itself(directory), flags))
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    throw new CannotLook(`${root} cannot be read: ${code ?? readable(message)}`, {
      privilege: code === 'EACCES',
    })
  }
}

/** Null where it may not be listed, or has been replaced meanwhile. */
function openDirectory(parent: number, name: string): number | null {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
  try {
    return openSync(`${itself(parent)}/${name}`, flags)
  } catch {
    return null
  }
}
