import type {ActiveProcess, ActiveThread, Descriptor, Named} from '../activity.ts'
import {memoryOf, named, numbersIn, parseStat, type Stat, targetOf, textOf} from './proc.ts'
import {type SystemCall, systemCall} from './system-calls.ts'

/** More of each are not looked at. */
const most = {processes: 256, threads: 64, descriptors: 4096, polled: 256}

/** A thread at one look. */
interface Glance extends Stat {
  /** As proc_pid_syscall(5) has it; null where that is not shown. */
  readonly call: string | null
  readonly wchan: string | null
}

/** Threads by process and number. */
export type Look = ReadonlyMap<number, ReadonlyMap<number, Glance>>

export function lookAt(pids: readonly number[]): Look {
  return new Map(
    pids.slice(0, most.processes).map(pid => {
      const threads = numbersIn(`/proc/${pid}/task`).slice(0, most.threads)
      const seen = threads.flatMap(id => {
        const at = `/proc/${pid}/task/${id}`
        const stat = parseStat(textOf(`${at}/stat`) ?? '')
        if (!stat) return []
        const wchan = textOf(`${at}/wchan`)
        const call = textOf(`${at}/syscall`)?.trim() ?? null
        return [[id, {...stat, call, wchan: wchan && wchan !== '0' ? wchan : null}] as const]
      })
      return [pid, new Map(seen)]
    }),
  )
}

/** Whether two looks show all that there is. */
export function isComplete(pids: readonly number[], look: Look): boolean {
  return (
    pids.length <= most.processes &&
    [...look.values()].every(threads => threads.size < most.threads) &&
    pids.every(pid => numbersIn(`/proc/${pid}/fd`).length <= most.descriptors)
  )
}

/** What was the same at both looks, `seconds` apart. */
export function compared(before: Look, after: Look, seconds: number): readonly ActiveProcess[] {
  const uptime = Number((textOf('/proc/uptime') ?? '').split(' ')[0])
  return [...after].flatMap(([pid, threads]) => {
    const main = threads.get(pid)
    if (!main) return []
    const earlier = before.get(pid)
    return [
      {
        ...named(pid),
        parent: main.parent,
        age: Math.max(0, Math.round(uptime - main.started / 100)),
        tracer: tracerOf(pid),
        threads: [...threads].map(([id, now]) => threadOf(pid, id, now, earlier?.get(id), seconds)),
      },
    ]
  })
}

function tracerOf(pid: number): Named | null {
  const tracer = Number(/^TracerPid:\s*(\d+)$/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1])
  return tracer > 0 ? named(tracer) : null
}

function threadOf(
  pid: number,
  id: number,
  now: Glance,
  then: Glance | undefined,
  seconds: number,
): ActiveThread {
  const called = then?.call === now.call ? parseCall(now.call) : null
  const ticks = then ? now.ticks - then.ticks : 0
  return {
    id,
    state: now.state,
    call: called?.call.name ?? null,
    on: called ? descriptorsOf(pid, called) : [],
    path: called && now.state === 'D' ? pathOf(pid, called) : null,
    wchan: now.wchan,
    load: Math.min(1, Math.round(ticks / seconds) / 100),
  }
}

interface Called {
  readonly call: SystemCall
  readonly words: readonly number[]
}

/** `45 0x9 0x31d3e2a0 0x2000 0x0 0x0 0x0 0x7ffd… 0x7f90…`, `running`, `-1 0x… 0x…` */
function parseCall(text: string | null): Called | null {
  const [number = '', ...words] = (text ?? '').split(' ')
  const call = /^\d+$/.test(number) ? systemCall(Number(number)) : null
  return call && {call, words: words.map(Number)}
}

function descriptorsOf(pid: number, {call, words}: Called): readonly Descriptor[] {
  const described = (number: number): readonly Descriptor[] => {
    const target = targetOf(pid, number)
    return target === null ? [] : [{number, target, ...readersOf(call, target)}]
  }
  return numbersOf(pid, {call, words}).flatMap(described)
}

function numbersOf(pid: number, {call, words}: Called): readonly number[] {
  const [first = 0, second = 0, third = 0] = words
  if (call.shape === 'descriptor') return [first]
  if (call.shape === 'poll') return polled(pid, first, Math.min(second, most.polled))
  if (call.shape !== 'select') return []
  const length = Math.ceil(Math.min(first, 1024) / 64) * 8
  return [...new Set([second, third].flatMap(set => selected(pid, set, length)))]
}

/** struct pollfd of poll(2): a descriptor of four bytes, then what is waited for, twice two. */
function polled(pid: number, address: number, count: number): readonly number[] {
  const bytes = memoryOf(pid, address, count * 8)
  if (!bytes) return []
  const found = Array.from({length: Math.floor(bytes.length / 8)}, (_, at) =>
    bytes.readInt32LE(at * 8),
  )
  return found.filter(number => number >= 0)
}

/** fd_set of select(2): a bit for each descriptor. */
function selected(pid: number, address: number, length: number): readonly number[] {
  const bytes = memoryOf(pid, address, length)
  return [...(bytes ?? [])].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap(bit => ((byte >> bit) & 1 ? [at * 8 + bit] : [])),
  )
}

const maxPath = 4096

function pathOf(pid: number, {call: {shape}, words}: Called): string | null {
  const address = shape === 'path' ? words[0] : shape === 'path-at' ? words[1] : undefined
  if (address === undefined) return null
  // Not over the end of its page: the next one may be none.
  const length = Math.min(maxPath, 4096 - (address % 4096))
  const bytes = memoryOf(pid, address, length)
  const end = bytes?.indexOf(0) ?? -1
  return bytes && end > 0 ? bytes.toString('utf8', 0, end) : null
}

/** Who reads what is written into a pipe. */
function readersOf({name}: SystemCall, target: string): Pick<Descriptor, 'readers'> {
  const isPipe = target.startsWith('pipe:[')
  if (!/^p?write/.test(name) || !(isPipe || target.startsWith('/'))) return {}
  const readers = numbersIn('/proc').flatMap(pid => {
    const reads = numbersIn(`/proc/${pid}/fd`)
      .slice(0, most.descriptors)
      .some(number => targetOf(pid, number) === target && isForReading(pid, number))
    return reads ? [named(pid)] : []
  })
  return {readers: readers.slice(0, 8)}
}

/** `flags:	0100000`, octal, whose last two bits are O_RDONLY, O_WRONLY or O_RDWR. */
function isForReading(pid: number, number: number): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(textOf(`/proc/${pid}/fdinfo/${number}`) ?? '')?.[1]
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) !== 1
}

/** The sockets of these processes: who holds each, by its inode. */
export function socketsOf(pids: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const holders = new Map<number, number[]>()
  for (const pid of pids.slice(0, most.processes)) {
    for (const number of numbersIn(`/proc/${pid}/fd`).slice(0, most.descriptors)) {
      const inode = /^socket:\[(\d+)\]$/.exec(targetOf(pid, number) ?? '')?.[1]
      if (inode === undefined) continue
      const known = holders.get(Number(inode)) ?? []
      if (!known.includes(pid)) holders.set(Number(inode), [...known, pid])
    }
  }
  return holders
}
