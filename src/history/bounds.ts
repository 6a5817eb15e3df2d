import type {KeptFile} from '../host/local/kept-files.ts'
import {eventOf, holdsPicture, withoutPicture} from './kept.ts'

/** How much is kept. */
export interface Bounds {
  /** Milliseconds. */
  readonly age: number
  /** Bytes of the whole directory. */
  readonly size: number
  /** Bytes of one history before pictures that nobody needs any more are taken out of it. */
  readonly loose: number
}

const usual: Bounds = {age: 90 * 86_400_000, size: 10 * 1024 ** 2, loose: 1024 ** 2}

/** Milliseconds after which a file that was being written is what a killed run left. */
const abandoned = 3_600_000

/** A history that was just written, and what else lies there. */
interface Extent {
  readonly lines: readonly string[]
  readonly others: readonly KeptFile[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * What is to be left of a directory.
 * @returns `kept`: the lines of the history, or null where it may stay as it is.
 */
export function bounded(
  {lines, others, now}: Extent,
  {age, size, loose}: Bounds = usual,
): {readonly kept: readonly string[] | null; readonly remove: readonly string[]} {
  // Of units that nobody looks at any more, and of runs that were killed.
  const stale = others.filter(file => now - file.mtime > lifeOf(file, age))
  const left = others.filter(file => !stale.includes(file))
  const own = bytesOf(lines)
  const damaged = left.filter(({name}) => name.endsWith('.damaged'))
  const gone = own + sum(left) > size ? [...stale, ...damaged] : stale
  const neighbours = left.filter(file => !gone.includes(file))
  // Each history may have what the others leave, and at least half of an equal share.
  const histories = neighbours.filter(({name}) => name.endsWith('.jsonl'))
  const room = Math.max(size - sum(neighbours), size / (histories.length + 1) / 2)
  return {kept: shortened(lines, own, {age, size: room, loose}, now), remove: gone.map(pathOf)}
}

function pathOf({path}: KeptFile): string {
  return path
}

function lifeOf({name}: KeptFile, age: number): number {
  if (name.endsWith('.tmp')) return abandoned
  return /\.(?:jsonl|seen|damaged)$/.test(name) ? age : Number.POSITIVE_INFINITY
}

function sum(files: readonly KeptFile[]): number {
  return files.reduce((total, {size}) => total + size, 0)
}

/** With the checksums. */
function bytesOf(lines: readonly string[]): number {
  return lines.reduce((total, line) => total + bytesOfOne(line), 0)
}

function bytesOfOne(line: string): number {
  return Buffer.byteLength(line) + 18
}

function shortened(
  lines: readonly string[],
  own: number,
  {age, size, loose}: Bounds,
  now: number,
): readonly string[] | null {
  const isOld = ageOf(lines[0], now) > age
  const isLoose = own > loose && lines.filter(holdsPicture).length > 2
  if (!isOld && !isLoose && own <= size) return null
  const pictures = lastPictures(lines)
  const kept = lines.flatMap((line, at) => {
    // The last line says how it is since then, and the last pictures how it was: however old.
    const isNeeded = at === lines.length - 1 || pictures.has(at)
    if (!isNeeded && ageOf(line, now) > age) return []
    return {line: pictures.has(at) ? line : withoutPicture(line), isNeeded}
  })
  if (own <= size) return kept.map(({line}) => line)
  // Half of it, so that the next line does not lead here again.
  let left = size / 2
  const fitting = kept.toReversed().filter(({line, isNeeded}) => {
    left -= bytesOfOne(line)
    return isNeeded || left >= 0
  })
  return fitting.toReversed().map(({line}) => line)
}

/** What is from the future, by a clock that was set back, is not old. */
function ageOf(line: string | undefined, now: number): number {
  const at = line === undefined ? Number.NaN : Date.parse(eventOf(line)?.at ?? '')
  return Number.isNaN(at) ? 0 : now - at
}

/** Where the last picture of each status is. */
function lastPictures(lines: readonly string[]): ReadonlySet<number> {
  const byStatus = new Map<string, number>()
  for (const [at, line] of lines.entries()) {
    const event = holdsPicture(line) ? eventOf(line) : null
    if (event) byStatus.set(event.status, at)
  }
  return new Set(byStatus.values())
}
