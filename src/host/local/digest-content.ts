import {createHash} from 'node:crypto'
import {readSync} from 'node:fs'
import {digestOf, type Kind, shortened, type Told} from './digest.ts'

/** Bytes of a file that is looked into, and is held whole for it. */
const maxWhole = 32 * 1024 * 1024

/** One for all files: a new one for each costs more than the reading. */
let buffer = Buffer.allocUnsafeSlow(256 * 1024)

/** What may still be read. */
export interface Budget {
  /** Also those that are decoded. */
  bytes: number
  /** Milliseconds since the epoch. */
  readonly until: number
}

export function isSpent({bytes, until}: Budget): boolean {
  return bytes < 0 || Date.now() > until
}

/**
 * What an open file is compared by. Null where the budget ends before the file.
 * @param size As st_size says it, which is 0 in /proc and may be a lie anywhere else.
 */
export function digestOfOpen(
  descriptor: number,
  size: number,
  kind: Kind | null,
  budget: Budget,
): Told | Promise<Told> | null {
  let length = fill(descriptor, 0, size)
  if (length === buffer.length && kind !== null && length <= maxWhole) {
    const larger = Buffer.allocUnsafeSlow(maxWhole + 1)
    buffer.copy(larger)
    buffer = larger
    length = fill(descriptor, length, size)
  }
  budget.bytes -= length
  if (length === buffer.length) return inPieces(descriptor, kind, budget)
  const told = digestOf(kind, buffer.subarray(0, length))
  if (told instanceof Promise) return told.then(each => spent(each, budget))
  return spent(told, budget)
}

function spent(told: Told, budget: Budget): Told {
  budget.bytes -= told.decoded
  return told
}

/**
 * Reads into the buffer, which is full where there may be more. A read that brings less than was
 * asked for, and all that there should be, has reached the end.
 */
function fill(descriptor: number, from: number, size: number): number {
  let length = from
  while (length < buffer.length) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null)
    length += read
    if (read === 0 || (length === size && length < buffer.length)) break
  }
  return length
}

/** The MD5 of a file that begins with the full buffer, and of what it is compared by nothing else. */
function inPieces(descriptor: number, kind: Kind | null, budget: Budget): Told | null {
  const md5 = createHash('md5').update(buffer)
  for (;;) {
    if (isSpent(budget)) return null
    const read = readSync(descriptor, buffer, 0, buffer.length, null)
    if (read === 0) break
    budget.bytes -= read
    md5.update(buffer.subarray(0, read))
  }
  const digest = {md5: shortened(md5.digest('hex'))}
  return {digest, decoded: 0, complete: kind === null}
}
