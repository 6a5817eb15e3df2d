import type {Named} from '../../host/activity.ts'
import type {Host} from '../../host/host.ts'
import {type Session, sessionOf} from '../postgres/sessions.ts'
import type {Target} from '../target/target.ts'
import {unitOfProcess} from '../unit/unit-of-process.ts'
import {lockHolder} from './locks.ts'
import type {Held, Wait} from './waits.ts'

/** Threads that wait for the same, and who makes that last. */
export interface Group {
  /** Of one of them. */
  readonly wait: Wait
  readonly held: readonly Held[]
  /** The other end of a connection, the holder of a lock, who does not read; empty for nobody known. */
  readonly holders: readonly Holder[]
  /** What PostgreSQL does for them; null where they ask somebody else, or it does nothing. */
  readonly session: Session | null
}

/** A process of this machine, with the unit that it belongs to. */
export interface Holder extends Named {
  readonly unit: string | null
}

/** The most frequent wait first. */
export async function groupsOf(
  host: Host,
  target: Target,
  held: readonly Held[],
): Promise<readonly Group[]> {
  const groups = Map.groupBy(held, ({wait}) => keyOf(wait))
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length)
  return Promise.all(
    sorted.flatMap(([first, ...more]) => (first ? [groupOf(host, target, [first, ...more])] : [])),
  )
}

function keyOf(wait: Wait): string {
  switch (wait.kind) {
    case 'client':
      return `client ${wait.takes}`
    case 'server':
      return `server ${wait.socket.remote} ${wait.socket.peers.map(({name}) => name).join()}`
    case 'output':
      return `output ${wait.into.target}`
    case 'file-lock':
    case 'storage':
      return `${wait.kind} ${wait.path}`
    case 'program':
      return `program ${wait.program.name}`
    default:
      return wait.kind
  }
}

async function groupOf(
  host: Host,
  target: Target,
  held: readonly [Held, ...Held[]],
): Promise<Group> {
  const [{wait}] = held
  const all = (await Promise.all(held.map(each => holdersOf(host, each)))).flat()
  const others = all.filter(({pid}, at) => all.findIndex(other => other.pid === pid) === at)
  const holders = await Promise.all(
    others.map(async each => ({...each, unit: await unitOfProcess(host, each.pid)})),
  )
  const session = wait.kind === 'server' ? await sessionOf(host, target, wait.socket) : null
  return {wait, held, holders, session}
}

async function holdersOf(host: Host, {wait, worker, thread}: Held): Promise<readonly Named[]> {
  switch (wait.kind) {
    case 'client':
    case 'server':
      return wait.socket.peers.slice(0, 1)
    case 'output':
      return (wait.into.readers ?? []).filter(({pid}) => pid !== worker.pid)
    case 'program':
      return [wait.program]
    case 'stopped':
      return wait.tracer ? [wait.tracer] : []
    case 'file-lock': {
      // The lock of a thread is its own, or its process's: flock(2) and fcntl(2) differ.
      const holder = (await lockHolder(host, thread.id)) ?? (await lockHolder(host, worker.pid))
      return holder ? [holder] : []
    }
    default:
      return []
  }
}
