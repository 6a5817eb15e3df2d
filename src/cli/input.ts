import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs'
import {defaultConfigPath} from '../report/config-path.ts'
import {UsageError} from '../report/usage-error.ts'
import {type Config, parseConfig} from './config.ts'

/** The configuration that is given, or the usual one where it is there. */
export async function readConfig(given: string | undefined): Promise<Config> {
  const file = given ?? defaultConfigPath
  if (given === undefined && !existsSync(file)) return {}
  const text = readInput(file, 'configuration')
  return parseConfig(text, file)
}

/** Bytes: no configuration or recording is larger. */
const maxInput = 256 * 1024 * 1024

/**
 * A file that the command line names.
 * @throws UsageError where it cannot be read, or where somebody else than root decides what root
 *   would do by it.
 */
export function readInput(
  file: string,
  what: 'configuration' | 'recording',
  {noFollow = false}: {readonly noFollow?: boolean} = {},
): string {
  const descriptor = openInput(file, what, noFollow ? constants.O_NOFOLLOW : 0)
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile())
      throw new UsageError(`the ${what} ${file} is not a regular file; give the path of one`)
    if (found.size > maxInput)
      throw new UsageError(`the ${what} ${file} is larger than ${maxInput >> 20} MiB; give another`)
    if (what === 'configuration' && process.geteuid?.() === 0) assertRootsAlone(file, found)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

const why: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  ELOOP: 'is a symbolic link',
}

function openInput(file: string, what: string, flags: number): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | flags)
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException
    throw new UsageError(
      `the ${what} ${file} ${why[code] ?? `cannot be opened (${code})`}; check the path`,
    )
  }
}

function assertRootsAlone(file: string, found: Stats): void {
  const holder = lstatSync(file.replace(/\/[^/]*$/, '') || '/')
  // In a directory as /tmp others cannot replace what is root's.
  const isSticky = (holder.mode & 0o1000) !== 0
  const isHeld = holder.uid === 0 && (isSticky || (holder.mode & 0o022) === 0)
  if (isHeld && found.uid === 0 && (found.mode & 0o022) === 0) return
  throw new UsageError(
    `the configuration ${file} can be written by others than root; run: chown root:root ${file} && chmod go-w ${file}`,
  )
}
