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
 * What an open file is compared by, read until its end: st_size says 0 in /proc and may be a lie
 * anywhere else. Null where the budget ends before the file.
 */
export async function digestOfOpen(
  descriptor: number,
  kind: Kind | null,
  budget: Budget,
): Promise<Told | null> {
  let length = fill(descriptor, 0)
  if (length === buffer.length && kind !== null && length <= maxWhole) {
    const larger = Buffer.allocUnsafeSlow(maxWhole + 1)
    buffer.copy(larger)
    buffer = larger
    length = fill(descriptor, length)
  }
  budget.bytes -= length
  if (length === buffer.length) return inPieces(descriptor, kind, budget)
  const told = await digestOf(kind, buffer.subarray(0, length))
  budget.bytes -= told.decoded
  return told
}

/** Reads into the buffer. It is full where there may be more. */
function fill(descriptor: number, from: number): number {
  let length = from
  while (length < buffer.length) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null)
    if (read === 0) break
    length += read
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
