import {spawnSync} from 'node:child_process'
import type {ActiveSocket, Activity, Named} from '../activity.ts'
import {serve} from './child.ts'
import {compared, isComplete, lookAt, socketsOf} from './look-at-processes.ts'
import {isFrozen, named, processesOf, targetOf} from './proc.ts'
import {otherEnd, parseSockets, type SocketLine} from './socket-lines.ts'

export interface Question {
  readonly group: string
  /** The program ss, and what it is given; null where there is none. */
  readonly ss: string | null
  readonly environment: Readonly<Record<string, string>>
}

/** Milliseconds between the two looks. */
const moment = 250

/**
 * Memory of a process in which another thread holds the lock of its address space may not be read
 * at once, and a descriptor may lie on a mount that is dead: hence a process of its own.
 */
serve(({group, ss, environment}: Question): Activity => {
  const pids = processesOf(group)
  const before = lookAt(pids)
  const began = performance.now()
  const printed = ss === null ? '' : socketsPrinted(ss, environment)
  const left = moment - (performance.now() - began)
  if (left > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left)
  const after = lookAt(pids)
  return {
    processes: compared(before, after, (performance.now() - began) / 1000),
    sockets: socketsAmong(parseSockets(printed), socketsOf(pids)),
    frozen: isFrozen(group),
    complete: isComplete(pids, after),
  }
})

function socketsPrinted(ss: string, env: Question['environment']): string {
  const {status, stdout} = spawnSync(ss, ['-H', '-a', '-t', '-u', '-x', '-n', '-p', '-e', '-i'], {
    cwd: '/',
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return status === 0 ? stdout : ''
}

function socketsAmong(
  all: ReadonlyMap<number, SocketLine>,
  held: ReadonlyMap<number, readonly number[]>,
): readonly ActiveSocket[] {
  return [...held].flatMap(([inode, holders]) => {
    const line = all.get(inode)
    if (!line) return []
    const {peerInode: _, connecting: __, claims: ___, ...socket} = line
    const other = otherEnd(line, all)
    const remote = line.kind === 'unix' && other ? other.local : line.remote
    return [{...socket, remote, holders, peers: other ? holdersOf(other) : []}]
  })
}

/** Those that really hold it: a process may call itself what looks like another one. */
function holdersOf({claims, inode}: SocketLine): readonly Named[] {
  const real = claims.filter(
    ({pid, descriptor}) => targetOf(pid, descriptor) === `socket:[${inode}]`,
  )
  return [...new Set(real.map(({pid}) => pid))].slice(0, 8).map(named)
}
