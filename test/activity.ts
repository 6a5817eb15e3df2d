import type {ActiveProcess, ActiveSocket, ActiveThread, Activity} from '../src/host/activity.ts'

/** What processes do, as the kernel would tell of some that are made up. */
export function activity(
  processes: readonly ActiveProcess[],
  sockets: readonly ActiveSocket[],
): Activity {
  return {processes, sockets, frozen: false, complete: true}
}

export function process(pid: number, more: Partial<ActiveProcess> = {}): ActiveProcess {
  const threads = [thread(pid, 'futex')]
  return {pid, name: 'gunicorn', parent: 1, age: 60, tracer: null, threads, ...more}
}

/** @param sockets the inodes of those on which it waits. */
export function thread(
  id: number,
  call: string | null,
  sockets: readonly number[] = [],
  more: Partial<ActiveThread> = {},
): ActiveThread {
  const on = sockets.map(inode => ({number: inode, target: `socket:[${inode}]`}))
  return {id, state: 'S', call, on, path: null, wchan: null, load: 0, ...more}
}

export function socket(inode: number, local: string, remote: string): ActiveSocket {
  return {
    inode,
    kind: local.startsWith('/') || local === '*' ? 'unix' : 'tcp',
    state: 'ESTAB',
    local,
    remote,
    received: 0,
    unsent: 0,
    silentFor: 11_000,
    holders: [77],
    peers: [],
  }
}

export function listener(local: string, holders: readonly number[]): ActiveSocket {
  const at = socket(1, local, local.startsWith('/') ? '*' : '0.0.0.0:*')
  return {...at, state: 'LISTEN', unsent: 128, holders, silentFor: null}
}

/** A connection of a client. */
export function accepted(inode: number, local: string, remote = '192.0.2.7:50122'): ActiveSocket {
  return socket(inode, local, remote)
}
