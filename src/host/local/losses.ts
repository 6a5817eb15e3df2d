import {type SpawnSyncReturns, spawnSync} from 'node:child_process'
import {closeSync, lstatSync, type Stats} from 'node:fs'
import {posix} from 'node:path'
import {type Alteration, Refused} from '../hands.ts'
import {CannotLook} from '../host.ts'
import {inside, openAgain} from './descriptors.ts'
import {environment, findProgram} from './exec.ts'
import {withParent} from './guards.ts'
import {reasonOf} from './outcome.ts'

/** Why an entry is left alone, by its path. */
export type Losses = ReadonlyMap<string, string>

/**
 * What a change would take from entries besides what it is meant to change: chown(2) clears file
 * capabilities, and chmod(2) of an entry with an access control list changes the mask of that
 * (acl(5), "CORRESPONDENCE BETWEEN ACL ENTRIES AND FILE PERMISSION BITS"). Node reads no extended
 * attributes, so getcap(8) tells of the former and ls(1) of the latter: it marks such a mode by a
 * plus sign.
 * @throws Refused where they give no answer.
 */
export function lossesOf(bound: string, entries: readonly Alteration[]): Losses {
  const chowned = entries.filter(({was, to}) => was?.uid !== to?.uid || was?.gid !== to?.gid)
  const masked = entries.filter(({was, to}) => (((was?.mode ?? 0) ^ (to?.mode ?? 0)) & 0o070) !== 0)
  return new Map([
    ...flagged(bound, chowned, hasGetcap() ? withCapabilities : perhapsCapable),
    ...flagged(bound, masked, withAccessList),
  ])
}

/** Takes out of a survey what a change of it would lose something of. */
export function withoutLosses(
  bound: string,
  entries: readonly Alteration[],
  refused: {path: string; why: string}[],
): readonly Alteration[] {
  const losses = lossesOf(bound, entries)
  for (const [path, why] of losses) refused.push({path, why})
  return losses.size === 0 ? entries : entries.filter(({path}) => !losses.has(path))
}

/** Some entries, whose directories are held by descriptors. */
interface Batch {
  readonly asked: readonly Asked[]
  readonly directories: readonly number[]
}

interface Asked {
  readonly path: string
  /** Where a child finds it, in a directory that it is given. Bytes, read as latin1. */
  readonly word: string
  readonly parent: number
  readonly name: string
}

type Flag = (batch: Batch) => readonly (readonly [string, string])[]

/** So many directories are held, and so many entries asked about, at once. */
const most = {directories: 64, entries: 10_000} as const

function flagged(bound: string, entries: readonly Alteration[], flag: Flag): [string, string][] {
  const found: [string, string][] = []
  let directories: number[] = []
  let asked: Asked[] = []
  let last: string | null = null
  const ask = (): void => {
    try {
      if (asked.length > 0)
        for (const [path, why] of flag({asked, directories})) found.push([path, why])
    } finally {
      for (const descriptor of directories) closeSync(descriptor)
      directories = []
      asked = []
      last = null
    }
  }
  try {
    for (const entry of entries) {
      const directory = posix.dirname(entry.path)
      if (asked.length >= most.entries) ask()
      if (directory !== last) {
        if (directories.length >= most.directories) ask()
        const descriptor = parentOf(entry.path, bound)
        // It has gone, or a guard keeps from it: whoever alters it finds the same.
        if (descriptor === null) continue
        directories.push(descriptor)
        last = directory
      }
      const name = posix.basename(entry.path)
      const word = `/proc/self/fd/${directories.length + 2}/${name}`
      const parent = directories.at(-1) ?? -1
      asked.push({path: entry.path, word, parent, name})
    }
  } finally {
    ask()
  }
  return found
}

function parentOf(path: string, bound: string): number | null {
  try {
    return withParent(path, bound, openAgain)
  } catch (error) {
    reasonOf(error)
    return null
  }
}

function hasGetcap(): boolean {
  try {
    findProgram('getcap')
    return true
  } catch (error) {
    if (error instanceof CannotLook) return false
    throw error
  }
}

const capabilities = 'it has file capabilities, which a change of its owner takes away'

function withCapabilities({asked, directories}: Batch): [string, string][] {
  const files = asked.filter(each => found(each)?.isFile())
  if (files.length === 0) return []
  const {stdout, stderr} = answerOf(['getcap'], files, directories)
  const lines = `\n${stdout.toString('latin1')}`
  const failed = stderr.toString('latin1')
  return files.flatMap(({path, word}): [string, string][] => {
    if (lines.includes(`\n${word} `)) return [[path, capabilities]]
    return failed.includes(`Failed to get capabilities of file '${word}'`)
      ? [[path, 'its file capabilities cannot be read']]
      : []
  })
}

/** File capabilities are for what is executed. */
function perhapsCapable({asked}: Batch): [string, string][] {
  const why = 'nothing here tells whether it has file capabilities; install getcap (libcap)'
  return asked.flatMap((each): [string, string][] => {
    const stats = found(each)
    return stats?.isFile() && (stats.mode & 0o111) !== 0 ? [[each.path, why]] : []
  })
}

function found({parent, name}: Asked): Stats | undefined {
  return lstatSync(inside(parent, name), {throwIfNoEntry: false})
}

const accessList = 'it has an access control list, whose mask a change of its mode changes'

function withAccessList({asked, directories}: Batch): [string, string][] {
  // A line each, in this order: what a name holds is escaped.
  const argv = ['ls', '-dnU', '--quoting-style=escape', '--']
  const {stdout} = answerOf(argv, asked, directories)
  const lines = stdout.toString('latin1').split('\n').slice(0, -1)
  if (lines.length === asked.length)
    return asked.flatMap(({path}, at): [string, string][] =>
      lines[at]?.[10] === '+' ? [[path, accessList]] : [],
    )
  // One of them is gone: which, the halves tell.
  if (asked.length === 1) return []
  const half = Math.ceil(asked.length / 2)
  return [asked.slice(0, half), asked.slice(half)].flatMap(part =>
    withAccessList({asked: part, directories}),
  )
}

/** Milliseconds for one batch. */
const patience = 60_000

/** Bytes of names that are given as arguments, and not through xargs(1). */
const few = 100_000

function answerOf(
  [program = '', ...args]: readonly string[],
  asked: readonly Asked[],
  directories: readonly number[],
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
