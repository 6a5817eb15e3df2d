import {closeSync, fstatSync, readFileSync} from 'node:fs'
import type {Change} from '../../report/finding.ts'
import {Refused} from '../hands.ts'
import {CannotLook} from '../host.ts'
import {parseMountinfo} from '../mountinfo.ts'
import {isBelow} from '../path.ts'
import {mountOf} from './descriptors.ts'
import {execStream} from './exec-stream.ts'
import {createRecords} from './find-records.ts'
import type {Left} from './outcome.ts'
import {withDirectory} from './path-resolution.ts'
import {maxDepth, openTop} from './tree.ts'
import {complaintsIn, patience} from './walk.ts'

/**
 * A journal notes every entry that a run is about to alter, and an undo reads them all: with so many
 * that takes some 400 MB.
 */
const maxEntries = 150_000

/** find(1) starts from its standard input, and so from the very directory that was looked at. */
const start = '/proc/self/fd/0/.'

type OfTree = Change & {kind: 'own' | 'mode'}

/**
 * Paths of what may have other attributes than a change gives it, as find(1) sees that; the top
 * comes first in any case, and all other mounts are there. It follows no link and enters no other
 * device; whoever is told a path goes there step by step.
 * @param refused Gets what find could not look at.
 * @param most A lower limit, for a test.
 * @throws Refused where there are too many, or find does not come to its end.
 */
export async function deviatingIn(
  change: OfTree,
  bound: string,
  refused: Left[],
  most = maxEntries,
): Promise<readonly string[]> {
  const top = openTop(change.path, bound)
  try {
    const isTree = change.kind === 'own' || change.recursive
    // Another mount may never answer: whoever goes there refuses it.
    const isHere = mountOf(top) === withDirectory(bound, mountOf)
    if (!isTree || !isHere || !fstatSync(top).isDirectory()) return [change.path]
    const mounts = new Set(mountsBelow(change.path))
    const unseen: Left[] = []
    const paths = await listed(change, top, unseen, most)
    // A mount that lets nobody else look is refused as the mount that it is.
    refused.push(...unseen.filter(({path}) => !mounts.has(path)))
    return [...new Set([change.path, ...mounts, ...paths])]
  } catch (error) {
    if (!(error instanceof CannotLook)) throw error
    throw new Refused(`${change.path} could not be looked through: ${error.message}`)
  } finally {
    closeSync(top)
  }
}

async function listed(
  change: OfTree,
  top: number,
  refused: Left[],
  most: number,
): Promise<readonly string[]> {
  const paths: string[] = []
  const above = Buffer.from(`${change.path}/`, 'latin1')
  const lostAndFound = `${change.path}/lost+found`
  const records = createRecords(change.path, (bytes, from, to) => {
    // One string: two that were put together keep all three.
    const path = Buffer.concat([above, bytes.subarray(from, to)]).toString('latin1')
    if (isBelow(path, lostAndFound)) return
    if (paths.length >= most) throw new Refused(tooMany(change, most))
    paths.push(path)
  })
  // What lies deeper is refused: one level more tells so.
  const depth = ['-mindepth', '1', '-maxdepth', String(maxDepth + 2)]
  const argv = ['find', '-P', start, '-xdev', ...depth, ...tests(change)]
  const options = {...patience, descriptor: top}
  const {stderr} = await execStream([...argv, '-printf', '%P\\0'], options, records.push)
  if (!records.isWhole()) throw new CannotLook('find ended in the middle of a name')
  for (const {path, why} of complaintsIn(stderr, start)) {
    const isInside = isBelow(path, start)
    refused.push({path: isInside ? `${change.path}${path.slice(start.length)}` : path, why})
  }
  return paths
}

function tooMany({path}: OfTree, most: number): string {
  return `more than ${most} entries below ${path} would have to be changed, too many to be noted for an undo: run the command by hand`
}

/** What `wanted` gives other attributes. */
function tests(change: OfTree): readonly string[] {
  if (change.kind === 'own') {
    const groups = [...new Set([change.gid, ...change.groups])]
    const other = groups.flatMap(gid => ['!', '-gid', String(gid)])
    const owner = ['(', '!', '-uid', String(change.uid), '-o', '(', ...other, ')', ')']
    return ['(', '-type', 'f', '-o', '-type', 'd', ')', ...owner]
  }
  const lacks = (add: number): readonly string[] => ['!', '-perm', `-${add.toString(8)}`]
  const passable = ['(', '-type', 'd', '-o', '-type', 'f', '-perm', '/111', ')']
  const other = ['-type', 'f', '!', '-perm', '/111']
  const some = [...passable, ...lacks(change.add)]
  return ['(', ...some, '-o', ...other, ...lacks(change.add & ~0o111), ')']
}

/** Other mounts: find(1) says nothing of those of other devices, and they are refused. */
function mountsBelow(path: string): readonly string[] {
  const points = parseMountinfo(readFileSync('/proc/self/mountinfo', 'latin1'))
  return points.map(({point}) => point).filter(point => point.startsWith(`${path}/`))
}
