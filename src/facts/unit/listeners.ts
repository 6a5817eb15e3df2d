import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import type {Bind} from '../target/bind.ts'
import {socketBinds} from './sockets.ts'
import {unitOfProcess} from './unit-of-process.ts'

/** A socket that waits for connections. */
export interface Listener {
  readonly at: Bind
  /** Who holds it; empty when only root may know. */
  readonly processes: readonly ListeningProcess[]
}

export interface ListeningProcess {
  /** As the kernel has it (comm), at most 15 characters. */
  readonly name: string
  readonly pid: number
}

/**
 * Every TCP and Unix socket that listens, from ss(8) of iproute2.
 * Null where nobody can tell: who listens is evidence, and no check stands or falls with it.
 */
export async function findListeners(host: Host): Promise<readonly Listener[] | null> {
  const argv = ['ss', '-H', '-l', '-t', '-x', '-n', '-p']
  const answer = await ifSeen(host.exec(argv, {question: 'listeners'}))
  return answer?.exitCode === 0 ? parseListeners(answer.stdout) : null
}

/** `tcp LISTEN 0 5 127.0.0.1:8000 0.0.0.0:* users:(("python3",pid=155,fd=3))` */
export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap(line => {
    const match = /^(tcp|u_str)\s+LISTEN\s+\d+\s+\d+\s+(\S+)/.exec(line)
    const at = match?.[2] ? parseAddress(match[2]) : null
    if (!at) return []
    const processes = new Map<number, ListeningProcess>()
    for (const [, name = '', pid] of line.matchAll(/\("([^"]*)",pid=(\d+),/g)) {
      processes.set(Number(pid), {name, pid: Number(pid)})
    }
    return [{at, processes: [...processes.values()]}]
  })
}

/**
 * `127.0.0.1:8000`, `[::1]:5432`, `*:80` (every address of both families), `127.0.0.53%lo:53`,
 * `/run/x.sock`, `@/tmp/x` (abstract).
 */
function parseAddress(text: string): Bind | null {
  if (/^[@/]/.test(text)) return {socketPath: text}
  const match = /^\[?([^\]]*?)(?:%[^\]:]*)?\]?:(\d+)$/.exec(text)
  return match ? {host: match[1] || '*', port: Number(match[2])} : null
}

/** Whether a connection to an address ends at this listener. */
export function reaches(listener: Listener, to: Bind): boolean {
  const {at} = listener
  if ('socketPath' in to || 'socketPath' in at) {
    return 'socketPath' in to && 'socketPath' in at && at.socketPath === to.socketPath
  }
  if (at.port !== to.port) return false
  const sixth = to.host.includes(':')
  if (at.host === '*' || at.host === '::' || to.host === '0.0.0.0' || to.host === '::') return true
  if (at.host === '0.0.0.0') return !sixth
  return at.host === to.host || (to.host === 'localhost' && /^(?:127\.|::1$)/.test(at.host))
}

/** `python3 (pid 155)`, `python3 (pid 155 of other.service)`, or null when it is not known. */
export function holderOf(listener: Listener, unit: string | null = null): string | null {
  const [first] = byNumber(listener)
  const of = unit === null ? '' : ` of ${unit}`
  return first ? `${first.name} (pid ${first.pid}${of})` : null
}

/** The same with its unit; null where nobody can tell who it is. */
export async function holderWithUnit(host: Host, listener: Listener): Promise<string | null> {
  return holderOf(listener, await unitOfFirst(host, listener))
}

async function unitOfFirst(host: Host, listener: Listener): Promise<string | null> {
  const [first] = byNumber(listener)
  return first ? unitOfProcess(host, first.pid) : null
}

function byNumber({processes}: Listener): readonly ListeningProcess[] {
  return [...processes].sort((a, b) => a.pid - b.pid)
}

/**
 * Whether a process runs in the unit's control group (cgroups(7)): the name of a program proves
 * nothing.
 */
export async function runsInUnit(
  host: Host,
  {pid}: ListeningProcess,
  unit: Unit,
): Promise<boolean | null> {
  const group = unit.get('ControlGroup')
  if (group === '') return false
  const answer = await ifSeen(host.readFile(`/proc/${pid}/cgroup`))
  if (answer?.kind !== 'file') return null
  const groups = answer.text
    .split('\n')
    .map(line => line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1))
  return groups.some(own => own.endsWith(group) || own.includes(`${group}/`))
}

/** Who answers at an address. */
export interface WhoListens {
  readonly listener: Listener | null
  /** `unknown` where only root could tell. */
  readonly owner: 'unit' | 'other' | 'unknown'
  readonly processKnown: boolean
  /** Several sockets were bound to that path: all but one have lost their file. */
  readonly ambiguous: boolean
  /** Of the other program, where that is known. */
  readonly unit: string | null
}

/** Whether another program is known to listen, rather than the unit. */
export function isForeign(unit: Unit, {listener, owner}: WhoListens): boolean {
  // systemd itself listens for a unit that is started by its socket.
  if (!listener || /\.socket\b/.test(unit.get('TriggeredBy'))) return false
  if (owner === 'other') return true
  const stopped =
    /^(?:inactive|failed)$/.test(unit.get('ActiveState')) ||
    /^auto-restart/.test(unit.get('SubState'))
  return owner === 'unknown' && stopped
}

/** Who listens at an address, and whether it is the unit. */
export async function findWhoListens(host: Host, unit: Unit, at: Bind): Promise<WhoListens> {
  const all = ((await findListeners(host)) ?? []).filter(one => reaches(one, at))
  const listener = all[0] ?? null
  const isUnits = listener === null ? null : await belongsTo(host, unit, listener)
  const of = listener && isUnits === false ? await unitOfFirst(host, listener) : null
  // systemd tells no control group of a unit that has ended, although a process may be left in it.
  const isOwn = isUnits === true || of === unit.name
  const owner = isUnits === null ? 'unknown' : isOwn ? 'unit' : 'other'
  const ambiguous = 'socketPath' in at && all.length > 1
  const other = owner === 'other' ? of : null
  return {listener, owner, processKnown: owner !== 'unknown', ambiguous, unit: other}
}

/**
 * Whether a socket is held by a process of the unit, whichever of them, or by systemd for the
 * socket unit that starts it. Null where nobody can tell.
 */
async function belongsTo(
  host: Host,
  unit: Unit,
  {at, processes}: Listener,
): Promise<boolean | null> {
  const own = await Promise.all(processes.map(process => runsInUnit(host, process, unit)))
  if (own.includes(true)) return true
  if (processes.some(({pid}) => pid === 1)) {
    const [, binds] = (await socketBinds(host, unit)) ?? ['', []]
    if (binds.some(bind => isSame(at, bind))) return true
  }
  return own.length > 0 && own.every(is => is === false) ? false : null
}

/** Whether what ss prints and what a socket unit says is one address: `*:8000` is `[::]:8000`. */
function isSame(at: Bind, said: Bind): boolean {
  if ('socketPath' in at || 'socketPath' in said)
    return 'socketPath' in at && 'socketPath' in said && at.socketPath === said.socketPath
  const plain = (name: string): string => (name === '*' ? '::' : name)
  return at.port === said.port && plain(at.host) === plain(said.host)
}

/** Where the unit listens, TCP before sockets; empty where only root could tell. */
export async function findOwnListeners(host: Host, unit: Unit): Promise<readonly Listener[]> {
  const listeners = (await findListeners(host)) ?? []
  const own = await Promise.all(listeners.map(listener => belongsTo(host, unit, listener)))
  // gunicorn's control socket is no address of the application.
  const found = listeners.filter(
    ({at}, index) =>
      own[index] === true && !('socketPath' in at && /\/\.gunicorn\/|\.ctl$/.test(at.socketPath)),
  )
  return found.sort((a, b) => Number('socketPath' in a.at) - Number('socketPath' in b.at))
}
