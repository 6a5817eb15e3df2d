import type {
  ActiveProcess,
  ActiveSocket,
  ActiveThread,
  Activity,
  Descriptor,
  Named,
} from '../../host/activity.ts'

/** What a worker waits for, or what else keeps it from answering. */
export type Wait =
  /** For a client to send its request, or to take the answer. */
  | {readonly kind: 'client'; readonly socket: ActiveSocket; readonly takes: boolean}
  /** For somebody whom it asks itself. */
  | {readonly kind: 'server'; readonly socket: ActiveSocket}
  /** For somebody to read what it writes. */
  | {readonly kind: 'output'; readonly into: Descriptor}
  /** For a lock on a file. */
  | {readonly kind: 'file-lock'; readonly path: string}
  /** For a file system; the path where that is known. */
  | {readonly kind: 'storage'; readonly path: string | null}
  /** For a program that it started. */
  | {readonly kind: 'program'; readonly program: Named}
  | {readonly kind: 'sleep'}
  | {readonly kind: 'compute'}
  /** By SIGSTOP, or by who traces it. */
  | {readonly kind: 'stopped'; readonly tracer: Named | null}
  | {readonly kind: 'frozen'}

/** A worker that does not answer, and why. */
export interface Held {
  readonly worker: ActiveProcess
  readonly thread: ActiveThread
  readonly wait: Wait
}

/** What a silent server does. */
export interface Silence {
  /** The processes that take requests; of a server whose main process alone is left, none. */
  readonly workers: readonly ActiveProcess[]
  /** The process that starts the workers and answers nobody; null where there is none. */
  readonly master: ActiveProcess | null
  readonly held: readonly Held[]
  /** The connections that nobody has accepted, and how many may wait. */
  readonly queue: {readonly waiting: number; readonly most: number} | null
  /** Whether all of its processes were looked at. */
  readonly complete: boolean
}

/**
 * What the workers of a server wait for, of which the kernel told.
 * @param forks The main process, where that leaves every request to workers (gunicorn's).
 */
export function silenceOf(activity: Activity, forks: number | null): Silence {
  const {processes, sockets, complete} = activity
  const listening = sockets.filter(isListening)
  const holders = processes.filter(({pid}) => listening.some(({holders: all}) => all.includes(pid)))
  const isParent = ({pid}: ActiveProcess): boolean => holders.some(({parent}) => parent === pid)
  const only = holders.length === 1 ? holders[0] : undefined
  const isAlone =
    only !== undefined && only.pid === forks && !processes.some(({parent}) => parent === only.pid)
  const master = holders.find(isParent) ?? (isAlone ? (only ?? null) : null)
  const workers = holders.filter(each => each !== master && !isParent(each))
  const full = [...listening].sort((a, b) => b.received - a.received)[0]
  return {
    workers,
    master,
    held: workers.flatMap(worker => heldOf(worker, activity)),
    complete,
    queue: full ? {waiting: full.received, most: full.unsent} : null,
  }
}

function isListening({state}: ActiveSocket): boolean {
  return state === 'LISTEN'
}

/** The waits of a worker: of each of its threads that waits for something. */
function heldOf(worker: ActiveProcess, activity: Activity): readonly Held[] {
  const [main] = worker.threads
  const found = worker.threads.flatMap(thread => {
    const wait = waitOf(thread, worker, activity)
    return wait ? [{worker, thread, wait}] : []
  })
  // A worker that is stopped is so with all of its threads.
  const still = found.find(({wait}) => wait.kind === 'stopped' || wait.kind === 'frozen')
  if (still) return [still]
  // Of many threads one may well sleep until it has something to do.
  const awake = found.filter(({wait}) => wait.kind !== 'sleep')
  return awake.length > 0 ? awake : found.filter(({thread}) => thread === main)
}

/**
 * Part of a processor from which a thread counts as one that computes: less where it waits for its
 * turn on a busy machine.
 */
const busy = {ever: 0.5, running: 0.05}

function waitOf(thread: ActiveThread, worker: ActiveProcess, activity: Activity): Wait | null {
  const {state, load, call} = thread
  if (activity.frozen) return {kind: 'frozen'}
  if (state === 'T' || state === 't') return {kind: 'stopped', tracer: worker.tracer}
  if (load >= (state === 'R' && call === null ? busy.running : busy.ever)) return {kind: 'compute'}
  if (call === null) return null
  if (state === 'D') return {kind: 'storage', path: pathOf(thread)}
  return byCall(call, thread, worker, activity)
}

function byCall(
  call: string,
  thread: ActiveThread,
  worker: ActiveProcess,
  activity: Activity,
): Wait | null {
  const [first] = thread.on
  if (call === 'flock' || call === 'fcntl')
    return first ? {kind: 'file-lock', path: first.target} : null
  if (/^(?:clock_)?nanosleep$/.test(call)) return {kind: 'sleep'}
  if (/^wait/.test(call)) return programOf(worker, activity)
  if (/^(?:p?write|send)/.test(call) && first && isPipe(first)) return {kind: 'output', into: first}
  if (!/^(?:p?(?:read|write)|recv|send|connect$|p?poll$|p?select)/.test(call))
    return isOfFiles(call) ? {kind: 'storage', path: pathOf(thread)} : null
  const found = thread.on.map(each => socketOf(each, activity))
  // Whoever waits for connections as well is free.
  if (found.some(socket => socket !== null && isListening(socket))) return null
  const sends = /^(?:p?write|send)/.test(call)
  for (const socket of found) {
    const wait = socket && waitOn(socket, activity, sends)
    if (wait) return wait
  }
  if (thread.on.some(({target}) => target.startsWith('pipe:['))) return programOf(worker, activity)
  return first?.target.startsWith('/') ? {kind: 'storage', path: first.target} : null
}

function isPipe({target, readers = []}: Descriptor): boolean {
  return target.startsWith('pipe:[') || (target.startsWith('/') && readers.length > 0)
}

/** Calls that wait for nothing but a file system. */
function isOfFiles(call: string): boolean {
  return /^(?:open|openat|newfstatat|l?stat|fstat|statx|f?access|faccessat2?|fsync|fdatasync|getdents64|close|rename|(?:mk|un)\w+|readlink\w*)$/.test(
    call,
  )
}

function pathOf({path, on}: ActiveThread): string | null {
  return path ?? on.find(({target}) => target.startsWith('/'))?.target ?? null
}

function socketOf({target}: Descriptor, {sockets}: Activity): ActiveSocket | null {
  const inode = Number(/^socket:\[(\d+)\]$/.exec(target)?.[1])
  return sockets.find(socket => socket.inode === inode) ?? null
}

function waitOn(socket: ActiveSocket, activity: Activity, takes: boolean): Wait | null {
  if (isAccepted(socket, activity)) return {kind: 'client', socket, takes}
  const isOpen = socket.kind === 'unix' ? socket.state === 'ESTAB' : !socket.remote.endsWith(':*')
  return isOpen ? {kind: 'server', socket} : null
}

/** Whether a connection came in where one of the processes listens. */
function isAccepted(socket: ActiveSocket, {sockets}: Pick<Activity, 'sockets'>): boolean {
  if (isListening(socket)) return false
  return sockets.some(
    other =>
      isListening(other) &&
      other.kind === socket.kind &&
      (socket.kind === 'unix'
        ? other.local === socket.local
        : portOf(other.local) === portOf(socket.local)),
  )
}

export function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1)
}

/** `10.0.0.5` of `10.0.0.5:25`. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1')
}

function programOf({pid}: ActiveProcess, {processes}: Activity): Wait | null {
  const program = processes.find(({parent, threads}) => parent === pid && threads[0]?.state !== 'Z')
  return program ? {kind: 'program', program: {pid: program.pid, name: program.name}} : null
}
