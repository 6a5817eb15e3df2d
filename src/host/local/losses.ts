import {setImmediate} from 'node:timers/promises'
import type {Alteration} from '../hands.ts'
import {CannotLook} from '../host.ts'
import {type Asked, answerOf, type Batch, inBatches, lookAt} from './batches.ts'
import {findProgram} from './exec.ts'
import {unquoted} from './quoted.ts'

type Loss = readonly [path: string, why: string]

/** Why an entry is left alone, by its path. */
export type Losses = ReadonlyMap<string, string>

/**
 * What a change would take from entries besides what it is meant to change: chown(2) clears file
 * capabilities, and chmod(2) of an entry with an access control list changes the mask of that
 * (acl(5), "CORRESPONDENCE BETWEEN ACL ENTRIES AND FILE PERMISSION BITS"). Node reads no extended
 * attributes, so getcap(8) tells of the former and ls(1) of the latter: it marks such a mode by a
 * plus sign.
 * @param capable Those of them that may have capabilities which count.
 * @throws Refused where they give no answer.
 */
export function lossesOf(
  bound: string,
  entries: readonly Alteration[],
  capable: readonly Alteration[],
): Losses {
  return new Map([...lossesIn(bound, entries, capable)].flat())
}

/**
 * Takes out of a survey what a change of it would lose something of. Others have their turn after
 * each batch.
 * @throws Refused as `lossesOf` does.
 */
export async function withoutLosses(
  bound: string,
  entries: readonly Alteration[],
  refused: {path: string; why: string}[],
): Promise<readonly Alteration[]> {
  const losses = new Map<string, string>()
  for (const batch of lossesIn(bound, entries, entries)) {
    for (const [path, why] of batch) losses.set(path, why)
    await setImmediate()
  }
  for (const [path, why] of losses) refused.push({path, why})
  return losses.size === 0 ? entries : entries.filter(({path}) => !losses.has(path))
}

/** One batch after the other. */
function* lossesIn(
  bound: string,
  entries: readonly Alteration[],
  capable: readonly Alteration[],
): Generator<readonly Loss[]> {
  const chowned = capable.filter(({was, to}) => was?.uid !== to?.uid || was?.gid !== to?.gid)
  const masked = entries.filter(({was, to}) => (((was?.mode ?? 0) ^ (to?.mode ?? 0)) & 0o070) !== 0)
  yield* inBatches(bound, chowned, hasGetcap() ? withCapabilities : perhapsCapable)
  yield* inBatches(bound, masked, withAccessList)
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

function withCapabilities({asked, directories}: Batch): Loss[] {
  const files = asked.filter(isFile)
  if (files.length === 0) return []
  const {stdout, stderr} = answerOf(['getcap'], {asked: files, directories})
  const lines = `\n${stdout.toString('latin1')}`
  const failed = stderr.toString('latin1')
  return files.flatMap(({path, word}): Loss[] => {
    if (lines.includes(`\n${word} `)) return [[path, capabilities]]
    return failed.includes(`Failed to get capabilities of file '${word}'`)
      ? [[path, 'its file capabilities cannot be read']]
      : []
  })
}

/** File capabilities are for what is executed. */
function perhapsCapable({asked}: Batch): Loss[] {
  const why = 'nothing here tells whether it has file capabilities; install getcap (libcap)'
  return asked.flatMap((each): Loss[] => {
    const found = lookAt(each)
    const isMeant = found === 'closed' || (found?.isFile() && (found.mode & 0o111) !== 0)
    return isMeant ? [[each.path, why]] : []
  })
}

/** Also where that cannot be told: getcap(8) says so as well. */
function isFile(asked: Asked): boolean {
  const found = lookAt(asked)
  return found === 'closed' || found?.isFile() === true
}

const accessList = 'it has an access control list, whose mask a change of its mode changes'

const untold = 'nothing tells whether it has an access control list'

function withAccessList(batch: Batch): Loss[] {
  const {asked} = batch
  if (asked.length === 0) return []
  const argv = ['ls', '-dnU', '--quoting-style=escape', '--']
  const {stdout} = answerOf(argv, batch)
  const marks = marksIn(stdout.toString('latin1'))
  return asked.flatMap((each): Loss[] => {
    const mark = marks.get(each.word)
    if (mark === '+') return [[each.path, accessList]]
    if (mark === ' ' || mark === '.') return []
    // What is gone is not altered: there is nothing to be said of that.
    return lookAt(each) === null ? [] : [[each.path, untold]]
  })
}

/**
 * `-rw-r--r--+ 1 0 0 4 Nov 26 20:59 /proc/self/fd/3/name`: what stands behind the mode, by name. By
 * name, since there is no line of what has vanished meanwhile.
 */
function marksIn(listing: string): ReadonlyMap<string, string> {
  return new Map(
    listing.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf(' /proc/self/fd/')
      return at === -1 ? [] : [[unquoted(line.slice(at + 1)), line[10] ?? '']]
    }),
  )
}
