import type {Group, Holder} from '../../facts/hold/groups.ts'
import {type Held, hostOf, type Silence} from '../../facts/hold/waits.ts'
import type {Target} from '../../facts/target/target.ts'
import type {ActiveSocket, ActiveThread} from '../../host/activity.ts'
import {sessionHolds} from '../../remedies/lock-wait.ts'

/** `both workers of gunicorn wait for …`: what one group of threads does. */
export function heldWords(target: Target, {workers}: Silence, group: Group): string {
  const pids = [...new Set(group.held.map(({worker}) => worker.pid))]
  const one = pids.length === 1
  return `${whoWords(target, workers, group.held, pids)} ${doesWords(target, group, one)}`
}

function whoWords(
  target: Target,
  workers: Silence['workers'],
  [first]: readonly Held[],
  pids: readonly number[],
): string {
  const name = target.server.kind ?? first?.worker.name ?? 'the server'
  if (workers.length === 1) return `${name} (pid ${pids[0]})`
  if (pids.length < workers.length) return `${pids.length} of ${workers.length} workers of ${name}`
  return `${workers.length === 2 ? 'both' : `all ${workers.length}`} workers of ${name}`
}

function doesWords(target: Target, {wait, held, holders, session}: Group, one: boolean): string {
  const waits = one ? 'waits' : 'wait'
  const who = holders.map(each => holderWords(target, each)).join(', ')
  switch (wait.kind) {
    case 'client':
      return `${waits} for clients that ${wait.takes ? 'do not take their answer' : 'have not sent a whole request'}: ${clientWords(target, held, holders)}`
    case 'server': {
      const place = placeWords(wait.socket)
      if (session?.blocker)
        return `${waits} for a lock of PostgreSQL that ${sessionHolds(session.blocker)}`
      if (session) {
        const does = session.waits === null ? '' : `, ${session.waits}`
        return `${waits} for a statement on which PostgreSQL has been for ${session.seconds} s (pid ${session.pid}${does})`
      }
      if (wait.socket.state === 'SYN-SENT')
        return `${one ? 'tries' : 'try'} to connect to ${place}, which does not answer`
      return `${waits} for an answer from ${place}${who ? ` (${who})` : ''}`
    }
    case 'output':
      return `${waits} to write to ${outputWords(wait.into.number)}, a pipe that is full: ${who || 'who reads it'} does not read it`
    case 'file-lock':
      return `${waits} for a lock on ${wait.path}${who ? `, which ${who} holds` : ''}`
    case 'storage':
      return `${waits} for a file system that does not answer${wait.path === null ? '' : `, at ${wait.path}`}`
    case 'program':
      return `${waits} for ${who}, which ${one ? 'it' : 'they'} started, to end`
    case 'sleep':
      return `${one ? 'sleeps' : 'sleep'} in the application's own code`
    case 'compute':
      return `${one ? 'computes' : 'compute'} without a pause`
    case 'stopped':
      return `${one ? 'is' : 'are'} stopped ${who ? `by ${who}, which traces ${one ? 'it' : 'them'}` : '(SIGSTOP)'}`
    case 'frozen':
      return `${one ? 'is' : 'are'} frozen: so is the control group of ${target.unit.name}`
  }
}

/** `python3 (pid 12)`, `master (pid 12 of postfix.service)` */
function holderWords({unit}: Target, holder: Holder): string {
  const of = holder.unit === null || holder.unit === unit.name ? '' : ` of ${holder.unit}`
  return `${holder.name} (pid ${holder.pid}${of})`
}

/** `2 connections of python3 (pid 12), 1 from 192.0.2.7`, with how long they are silent. */
function clientWords(target: Target, held: readonly Held[], holders: readonly Holder[]): string {
  const sockets = held.flatMap(({wait}) => (wait.kind === 'client' ? [wait.socket] : []))
  const names = sockets.map(socket => {
    const peer = holders.find(({pid}) => pid === socket.peers[0]?.pid)
    if (peer) return `of ${holderWords(target, peer)}`
    return socket.kind === 'unix' ? 'of another process' : `from ${hostOf(socket.remote)}`
  })
  const counts = [...Map.groupBy(names, name => name)].sort(([, a], [, b]) => b.length - a.length)
  const shown = counts.slice(0, 3).map(([name, {length}]) => `${connections(length)} ${name}`)
  const silent = sockets.flatMap(({silentFor}) => silentFor ?? [])
  const since = silent.length > 0 ? `, silent for ${Math.round(Math.min(...silent) / 1000)} s` : ''
  const rest = counts.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? ` and others` : ''}${since}`
}

function connections(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`
}

/** Of the ports that every administrator knows. */
const services: Readonly<Record<string, string>> = {
  25: 'SMTP',
  53: 'DNS',
  80: 'HTTP',
  389: 'LDAP',
  443: 'HTTPS',
  465: 'SMTP',
  587: 'SMTP',
  636: 'LDAP',
  3306: 'MySQL',
  5432: 'PostgreSQL',
  5672: 'AMQP',
  6379: 'Redis',
  11211: 'memcached',
}

function placeWords({kind, remote}: ActiveSocket): string {
  if (kind === 'unix') return remote === '*' ? 'the other end of a socket' : remote
  const service = services[remote.slice(remote.lastIndexOf(':') + 1)]
  return `${remote}${service ? `, a port of ${service}` : ''}`
}

function outputWords(number: number): string {
  if (number === 1) return 'its standard output'
  return number === 2 ? 'its standard error' : `its descriptor ${number}`
}

/** What waits in front of the server. */
export function queueWords({queue}: Silence): string {
  if (!queue || queue.waiting === 0) return ''
  const {waiting, most} = queue
  if (waiting >= most) return `; the queue of ${connections(most)} in front of it is full (backlog)`
  return `; ${connections(waiting)}, ours among them, ${waiting === 1 ? 'waits' : 'wait'} to be accepted`
}

/** What each thread was seen to do, a few. */
export function evidenceOf({held, master, workers, complete}: Silence): readonly string[] {
  const seen = held.map(
    ({worker, thread}) => `${worker.name} (pid ${worker.pid}): ${seenOf(thread)}`,
  )
  const more = complete ? [] : ['it has more processes, threads or files than were looked at']
  if (seen.length > 0) return [...seen.slice(0, 8), ...more]
  const idle = workers.map(
    ({name, pid, threads: [main]}) => `${name} (pid ${pid}): ${main ? seenOf(main) : 'no thread'}`,
  )
  const none =
    master && workers.length === 0 ? [`${master.name} (pid ${master.pid}) has no child`] : []
  return [...[...none, ...idle].slice(0, 8), ...more]
}

function seenOf({call, on, state, wchan, load}: ActiveThread): string {
  const what = call === null ? '' : `, in ${call}`
  const about = on.length === 0 ? '' : ` of ${on[0]?.target}`
  const where = wchan === null ? '' : ` (${wchan})`
  return `state ${state}, ${Math.round(load * 100)} % of a processor${what}${about}${where}`
}
