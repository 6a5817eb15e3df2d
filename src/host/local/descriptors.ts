import {closeSync, constants, fstatSync, openSync, readFileSync, type Stats} from 'node:fs'
import {Refused} from '../hands.ts'

/** Linux's O_PATH (asm-generic/fcntl.h): a descriptor that names a file without opening it. Node does not export it. */
const O_PATH = 0o10000000

/**
 * Node has no openat(2), but a name below /proc/self/fd/N is looked up in the directory that N is, whatever has become
 * of its path. Names are bytes, read as latin1.
 */
export function inside(directory: number, name: string): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), Buffer.from(name, 'latin1')])
}

/** The very inode of a descriptor, for calls that take a path: chown(2) and chmod(2) refuse an O_PATH descriptor itself. */
export function itself(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`
}

/** An entry of a directory, never what a link leads to. The caller closes it. */
export function openEntry(directory: number, name: string): number {
  return openSync(inside(directory, name), O_PATH | constants.O_NOFOLLOW)
}

/** Runs with what is opened, and closes it. */
export function withEntry<T>(directory: number, name: string, use: (descriptor: number, found: Stats) => T): T {
  const descriptor = openEntry(directory, name)
  try {
    return use(descriptor, fstatSync(descriptor))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Runs with a directory that is reached from `/` without passing a link at any component.
 * @throws Refused where a component is a link or no directory; ENOENT where one is missing.
 */
export function withDirectory<T>(path: string, use: (directory: number) => T): T {
  let directory = openSync('/', O_PATH | constants.O_DIRECTORY)
  let walked = ''
  try {
    for (const name of path.split('/').filter(part => part !== '')) {
      walked += `/${name}`
      const next = openEntry(directory, name)
      closeSync(directory)
      directory = next
      const found = fstatSync(directory)
      if (found.isSymbolicLink()) throw new Refused(`${walked} is a symbolic link`)
      if (!found.isDirectory()) throw new Refused(`${walked} is no directory`)
    }
    return use(directory)
  } finally {
    closeSync(directory)
  }
}

/** The mount that a descriptor lies in: a bind mount has the device of the directory that it shows. */
export function mountOf(descriptor: number): string {
  return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1] ?? 'unknown'
}
