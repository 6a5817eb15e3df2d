import type {Named} from '../../host/activity.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {runsInUnit} from './listeners.ts'

/** A Unix socket that listens, with the file that it made when it was bound. */
export interface BoundSocket {
  readonly path: string
  /** Inode of that file, wherever it is now; null where ss does not tell. */
  readonly file: number | null
  readonly holder: Named | null
}

/** `u_str LISTEN 0 2048 /run/x.sock 34699878 * 0 users:(("python3",pid=129,fd=3)) <-> ino:142 dev:0/68` */
export function parseBound(text: string): readonly BoundSocket[] {
  return text.split('\n').flatMap(line => {
    const match = /^u_str +LISTEN +\d+ +\d+ +(\S+) +\d+ +\* +0 /.exec(line)
    if (!match?.[1]) return []
    const holders = [...line.matchAll(/\("([^"]*)",pid=(\d+),/g)]
      .map(([, name = '', pid]) => ({name, pid: Number(pid)}))
      .sort((a, b) => a.pid - b.pid)
    const file = / ino:(\d+) dev:/.exec(line)?.[1]
    return [
      {path: match[1], file: file === undefined ? null : Number(file), holder: holders[0] ?? null},
    ]
  })
}

/** What has become of the file of a unit's socket. */
export type LostSocket =
  /** The file is gone. */
  | {readonly kind: 'deleted'; readonly own: Named}
  /** Another socket lies in its place; who listens at that, null for nobody. */
  | {readonly kind: 'replaced'; readonly own: Named; readonly by: Named | null}
  /** It lies in a directory that only the unit itself sees. */
  | {readonly kind: 'hidden'; readonly own: Named}

/**
 * Whether the unit listens on a socket that nobody reaches by its path; null where it does not, or
 * nobody can tell.
 */
export async function findLostSocket(
  host: Host,
  unit: Unit,
  path: string,
): Promise<LostSocket | null> {
  // Its paths are not those of this machine.
  if (unit.get('RootDirectory') !== '') return null
  const argv = ['ss', '-H', '-l', '-x', '-n', '-p', '-e']
  const answer = await ifSeen(host.exec(argv, {question: 'listening sockets and their files'}))
  if (answer?.exitCode !== 0) return null
  const bound = parseBound(answer.stdout).filter(each => isSamePath(each.path, path))
  const owners = await Promise.all(
    bound.map(async ({holder}) => holder !== null && (await runsInUnit(host, holder, unit))),
  )
  const own = bound.find((_, at) => owners[at])
  if (!own?.holder) return null
  const file = await fileAt(host, path)
  if (file === 'unknown') return null
  // Of an earlier start a worker may still hold the socket that was there before.
  if (bound.some((each, at) => owners[at] && file !== null && each.file === file)) return null
  const seen = await fileAt(host, `/proc/${own.holder.pid}/root${path}`)
  if (seen !== null && seen !== 'unknown' && seen !== file) return {kind: 'hidden', own: own.holder}
  if (file === null) return {kind: 'deleted', own: own.holder}
  // Without its number nobody can tell it from another one.
  if (own.file === null) return null
  return {
    kind: 'replaced',
    own: own.holder,
    by: bound.find(each => each.file === file)?.holder ?? null,
  }
}

function isSamePath(a: string, b: string): boolean {
  const plain = (path: string): string => path.replace(/^\/var\/run\//, '/run/')
  return plain(a) === plain(b)
}

/** The inode of what a path leads to; null where there is nothing. */
async function fileAt(host: Host, path: string): Promise<number | null | 'unknown'> {
  const argv = ['stat', '-L', '-c', '%i', path]
  const answer = await ifSeen(host.exec(argv, {question: `inode of ${path}`}))
  if (!answer) return 'unknown'
  if (answer.exitCode === 0) return Number(answer.stdout.trim())
  return /No such file|Not a directory/.test(answer.stderr) ? null : 'unknown'
}
