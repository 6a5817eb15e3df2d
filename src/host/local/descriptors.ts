import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
} from 'node:fs'

/**
 * Linux's O_PATH (asm-generic/fcntl.h): a descriptor that names a file without opening it. Node
 * does not export it.
 */
export const O_PATH = 0o10000000

/** A path that was read as UTF-8, as names are looked up here: bytes, read as latin1. */
export function inBytes(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1')
}

/**
 * Node has no openat(2), but a name below /proc/self/fd/N is looked up in the directory that N is,
 * whatever has become of its path. Names are bytes, read as latin1.
 */
export function inside(directory: number, name: string): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), Buffer.from(name, 'latin1')])
}

/**
 * The very inode of a descriptor, for calls that take a path: chown(2) and chmod(2) refuse an
 * O_PATH descriptor itself.
 */
export function itself(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`
}

/** The root directory. The caller closes it. */
export function openRoot(): number {
  return openSync('/', O_PATH | constants.O_DIRECTORY)
}

/** The very directory of a descriptor once more. The caller closes it. */
export function openAgain(directory: number): number {
  return openSync(itself(directory), O_PATH | constants.O_DIRECTORY)
}

/** An entry of a directory, never what a link leads to. The caller closes it. */
export function openEntry(directory: number, name: string): number {
  return openSync(inside(directory, name), O_PATH | constants.O_NOFOLLOW)
}

export function isThere(directory: number, name: string): boolean {
  return lstatSync(inside(directory, name), {throwIfNoEntry: false}) !== undefined
}

/** Runs with what is opened, and closes it. */
export function withEntry<T>(
  directory: number,
  name: string,
  use: (descriptor: number, found: Stats) => T,
): T {
  const descriptor = openEntry(directory, name)
  try {
    return use(descriptor, fstatSync(descriptor))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Bytes of a regular file that an O_PATH descriptor names, the first ones or those from a place on.
 * It opens this very inode: whoever calls has seen that it is a regular file.
 */
export function contentOf(descriptor: number, limit: number, from: number | null = null): Buffer {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
  const readable = openSync(itself(descriptor), flags)
  try {
    return readUpTo(readable, limit, from)
  } finally {
    closeSync(readable)
  }
}

/** Reads until the end or the limit: st_size says 0 in /proc and may be a lie anywhere else. */
function readUpTo(descriptor: number, limit: number, from: number | null): Buffer {
  const chunks: Buffer[] = []
  let total = 0
  while (total < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, limit - total))
    const length = readSync(descriptor, chunk, 0, chunk.length, from === null ? null : from + total)
    if (length === 0) break
    chunks.push(chunk.subarray(0, length))
    total += length
  }
  return Buffer.concat(chunks)
}

/**
 * The mount that a descriptor lies in: a bind mount has the device of the directory that it shows.
 */
export function mountOf(descriptor: number): string {
  return (
    /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1] ??
    'unknown'
  )
}
