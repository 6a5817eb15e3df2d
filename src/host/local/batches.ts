import {type SpawnSyncReturns, spawnSync} from 'node:child_process'
import {closeSync, lstatSync, type Stats} from 'node:fs'
import {posix} from 'node:path'
import {type Alteration, Refused} from '../hands.ts'
import {inside, openAgain} from './descriptors.ts'
import {environment, findProgram} from './exec.ts'
import {withParent} from './guards.ts'
import {reasonOf} from './outcome.ts'

/** Some entries, whose directories are held by descriptors. */
export interface Batch {
  readonly asked: readonly Asked[]
  readonly directories: readonly number[]
}

export interface Asked {
  readonly path: string
  /** Where a child finds it, in a directory that it is given. Bytes, read as latin1. */
  readonly word: string
  readonly parent: number
  readonly name: string
}

/** So many directories are held, and so many entries asked about, at once. */
const most = {directories: 512, entries: 10_000} as const

/**
 * Asks about entries, so many at once.
 * @param ask Has the directories of a batch open meanwhile.
 */
export function* inBatches<T>(
  bound: string,
  entries: readonly Alteration[],
  ask: (batch: Batch) => T,
): Generator<T> {
  for (let at = 0; at < entries.length; ) {
    const directories: number[] = []
    let answer: T
    try {
      const {asked, end} = batchFrom(at, bound, entries, directories)
      at = end
      answer = ask({asked, directories})
    } finally {
      for (const descriptor of directories) closeSync(descriptor)
    }
    yield answer
  }
}

/**
 * The entries from one on that are asked about at once, and where the next begin.
 * @param directories Gets what is opened. The caller closes it.
 */
function batchFrom(
  from: number,
  bound: string,
  entries: readonly Alteration[],
  directories: number[],
): {readonly asked: readonly Asked[]; readonly end: number} {
  const asked: Asked[] = []
  let last: string | null = null
  let end = from
  for (; end < entries.length && end - from < most.entries; end += 1) {
    const {path} = entries[end] as Alteration
    const directory = posix.dirname(path)
    if (directory !== last) {
      if (directories.length >= most.directories) break
      const descriptor = parentOf(path, bound)
      // It has gone, or a guard keeps from it: whoever alters it finds the same.
      if (descriptor === null) continue
      directories.push(descriptor)
      last = directory
    }
    const name = posix.basename(path)
    const word = `/proc/self/fd/${directories.length + 2}/${name}`
    asked.push({path, word, parent: directories.at(-1) ?? -1, name})
  }
  return {asked, end}
}

function parentOf(path: string, bound: string): number | null {
  try {
    return withParent(path, bound, openAgain)
  } catch (error) {
    reasonOf(error)
    return null
  }
}

/** By a look of its own; null where it is gone, and `closed` where the system says no. */
export function lookAt({parent, name}: Asked): Stats | 'closed' | null {
  try {
    return lstatSync(inside(parent, name), {throwIfNoEntry: false}) ?? null
  } catch (error) {
    reasonOf(error)
    return 'closed'
  }
}

/** Milliseconds for one batch. */
const patience = 60_000

/** Bytes of names that are given as arguments, and not through xargs(1). */
const few = 100_000

/**
 * What a program says of the entries of a batch, which are its last arguments.
 * @throws Refused where it gives no answer.
 */
export function answerOf(
  [program = '', ...args]: readonly string[],
  {asked, directories}: Batch,
): SpawnSyncReturns<Buffer> {
  const bytes = asked.map(({word}) => Buffer.from(word, 'latin1'))
  const words = bytes.map(each => each.toString('utf8'))
  const argv = [findProgram(program), ...args]
  // An argument of ours cannot hold bytes that are no UTF-8; xargs takes any.
  const isPlain = Buffer.concat(bytes).length < few && !words.some(each => each.includes('\ufffd'))
  const [file = '', ...rest] = isPlain
    ? [...argv, ...words]
    : [findProgram('xargs'), '-0', '-r', ...argv]
  const answer = spawnSync(file, rest, {
    input: isPlain ? '' : Buffer.concat(bytes.flatMap(each => [each, Buffer.of(0)])),
    stdio: ['pipe', 'pipe', 'pipe', ...directories],
    cwd: '/',
    env: environment,
    timeout: patience,
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
  })
  // Up to 123: of some name it says that it is not there, or could not be read.
  if (answer.error || answer.status === null || answer.status > 123)
    throw new Refused(`${program} does not tell what a change would take away`)
  return answer
}
