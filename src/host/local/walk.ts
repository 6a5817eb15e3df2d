import {setImmediate} from 'node:timers/promises'
import {readable} from '../hands.ts'
import {CannotLook, type Entry, maxListed, type WalkAnswer} from '../host.ts'
import {inBytes} from './descriptors.ts'
import {execStream} from './exec-stream.ts'
import {createRecords} from './find-records.ts'
import {unquoted} from './quoted.ts'
import {createTally, entryFormat, entryOf, type KindLimits} from './tally.ts'

/** What is kept of a tree, however large it is. */
interface Limits extends KindLimits {
  /** With more entries, or more bytes of what find prints of them, they are not listed. */
  readonly entries: number
  readonly bytes: number
}

const limits: Limits = {
  entries: maxListed,
  bytes: 16 * 1024 * 1024,
  kinds: 1000,
  named: 100,
  namedBytes: 4 * 1024 * 1024,
}

/** A large tree on a slow disk takes long: nearly all of the time that is left, and ten minutes. */
export const patience = {timeout: 600_000, share: 0.8}

/**
 * find(1) in its own process: it opens each directory relative to the one above without following
 * links, cannot hang us on a dead mount, and walks 100,000 entries several times faster than
 * node:fs would. Names are NUL-terminated, so that newlines in them are only bytes.
 * @param most Lower limits, for a test.
 */
export async function walk(
  root: string,
  apart: readonly string[] = [],
  most = limits,
): Promise<WalkAnswer> {
  const tally = createTally(apart, most)
  const records = createRecords(root, tally.add)
  let [printed, bytes]: [Buffer[] | null, number] = [[], 0]
  const argv = ['find', '-P', root, '-xdev', '-mindepth', '1', '-printf', entryFormat]
  const {exitCode, stderr} = await execStream(argv, patience, chunk => {
    records.push(chunk)
    printed?.push(chunk)
    bytes += chunk.length
    if (bytes > most.bytes || tally.count() > most.entries) printed = null
  })
  const complaints = complaintsIn(stderr, inBytes(root))
  const own = complaints.find(({path}) => path === inBytes(root))
  if (own?.why === 'Permission denied')
    throw new CannotLook(`${root} may not be read by this user`, {privilege: true})
  if (own) throw new CannotLook(`${root} cannot be looked through: ${own.why}`)
  // It says 1 where it complained.
  if (!records.isWhole() || (exitCode !== 0 && stderr === ''))
    throw new CannotLook(`find ended with ${exitCode} in the middle of ${root}`)
  const unreadable = complaints.map(({path}) => readable(path))
  return printed
    ? {truncated: false, entries: await entriesIn(root, printed), unreadable}
    : {truncated: true, ...tally.answer(), unreadable}
}

/** As much of what find printed is parsed at a time: others wait for some milliseconds at most. */
const atOnce = 4

/** Uses up what was printed. */
async function entriesIn(root: string, printed: Buffer[]): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  const records = createRecords(root, (bytes, from, to) => entries.push(entryOf(bytes, from, to)))
  printed.reverse()
  for (let chunk = printed.pop(); chunk; chunk = printed.pop()) {
    records.push(chunk)
    if (printed.length % atOnce === 0) await setImmediate()
  }
  return entries
}

/** What find(1) could not look at. */
export interface Complaint {
  /** Bytes, read as latin1; the whole line where it names none. */
  readonly path: string
  readonly why: string
}

/**
 * `find: '/x/y': Permission denied`; what went away meanwhile is not there, but for the root.
 * @param root Bytes, read as latin1.
 */
export function complaintsIn(stderr: string, root: string): readonly Complaint[] {
  const lines = stderr.split('\n').filter(line => line !== '')
  const complaints = lines.map(line => {
    const [, name, why = line] = /^\S*find: '(.*)': (.*)$/.exec(line) ?? []
    return {path: name === undefined ? inBytes(line) : unquoted(name), why}
  })
  return complaints.filter(({path, why}) => path === root || why !== 'No such file or directory')
}
