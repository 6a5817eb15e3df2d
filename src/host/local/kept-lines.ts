import {createHash} from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import {dirname} from 'node:path'
import {syncDirectory, writeAll} from './durable.ts'

/** What is kept in a file of lines, each of which has a checksum. */
export interface KeptLines {
  /** Those that are as they were written, in the order in which they were appended. */
  readonly lines: readonly string[]
  /** How many are not. The end of a file that was cut off while it was written is none of them. */
  readonly damaged: number
  /** Bytes of the file. */
  readonly size: number
}

interface ReadLines extends KeptLines {
  /** Where the last whole line ends. */
  readonly end: number
  /** Whether only the line break of the last one is missing. */
  readonly isOpen: boolean
}

const newline = 0x0a

/** Bytes of the checksum and of the space behind it. */
const prefix = 17

/**
 * Reads a file of lines; nothing where there is none.
 * @throws an errno where it cannot be read.
 */
export function readLines(path: string): KeptLines {
  try {
    return parseLines(readFileSync(path))
  } catch (error) {
    if (isMissing(error)) return {lines: [], damaged: 0, size: 0}
    throw error
  }
}

/** Whatever the bytes are, only what was once appended comes out. */
export function parseLines(bytes: Buffer): ReadLines {
  const lines: string[] = []
  let damaged = 0
  let from = 0
  for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, from)) {
    const text = textOf(bytes.subarray(from, to))
    if (text === null) damaged += 1
    else lines.push(text)
    from = to + 1
  }
  const last = textOf(bytes.subarray(from))
  const isOpen = last !== null
  if (isOpen) lines.push(last)
  return {lines, damaged, size: bytes.length, end: isOpen ? bytes.length : from, isOpen}
}

/** A line that {@link parseLines} knows again. */
function lineOf(text: string): string {
  return `${checksum(Buffer.from(text))} ${text}`
}

function textOf(line: Buffer): string | null {
  if (line.length <= prefix) return null
  const text = line.subarray(prefix)
  return line.toString('latin1', 0, prefix) === `${checksum(text)} ` ? text.toString() : null
}

function checksum(text: Buffer): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, prefix - 1)
}

/**
 * Appends one line. It is on the disk when this returns, or the file is as it was; whatever ends
 * this process or the machine meanwhile leaves a beginning that the next one cuts off.
 * @param text without a line break.
 * @throws an errno where it cannot be written.
 */
export function appendLine(path: string, text: string): void {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW
  const descriptor = openSync(path, flags, 0o600)
  try {
    const {size} = fstatSync(descriptor)
    const {end, isOpen} = parseLines(readFileSync(descriptor))
    if (end < size) ftruncateSync(descriptor, end)
    try {
      writeAll(descriptor, `${isOpen ? '\n' : ''}${lineOf(text)}\n`)
      fsyncSync(descriptor)
    } catch (error) {
      ftruncateSync(descriptor, end)
      throw error
    }
    if (size === 0) syncDirectory(dirname(path))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Puts a file of these lines in the place of another: whoever reads meanwhile has the one or the
 * other, whole.
 * @param options.sync False where it may be lost with the power, but not be torn.
 * @throws an errno where it cannot be written.
 */
export function replaceLines(
  path: string,
  lines: readonly string[],
  {sync = true}: {readonly sync?: boolean} = {},
): void {
  const temporary = `${path}.${process.pid}.tmp`
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW
  const descriptor = openSync(temporary, flags, 0o600)
  try {
    writeAll(descriptor, lines.map(text => `${lineOf(text)}\n`).join(''))
    if (sync) fsyncSync(descriptor)
  } catch (error) {
    rmSync(temporary, {force: true})
    throw error
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, path)
  if (sync) syncDirectory(dirname(path))
}

/**
 * Keeps a damaged file beside its place, where the last one that was damaged goes, and its whole
 * lines in its place.
 * @returns where the damaged file is now.
 */
export function setAside(path: string): string {
  const aside = `${path}.damaged`
  const {lines} = readLines(path)
  rmSync(aside, {force: true})
  linkSync(path, aside)
  replaceLines(path, lines)
  return aside
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
