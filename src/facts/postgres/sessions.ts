import type {ActiveSocket} from '../../host/activity.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {portOf} from '../hold/waits.ts'
import {knownDatabase, type Target} from '../target/target.ts'
import type {LockWait} from './lock-wait.ts'
import {rowsAsService} from './postgres.ts'

/** A connection of the service, as PostgreSQL has it (pg_stat_activity). */
export interface Session {
  readonly pid: number
  /** -1 over a Unix socket. */
  readonly port: number
  readonly state: string | null
  /** "Lock: advisory", "Timeout: PgSleep", "IO: DataFileRead"; null while it computes. */
  readonly waits: string | null
  /** Seconds since the statement began. */
  readonly seconds: number
  /** Who holds the lock that it waits for. */
  readonly blocker: Omit<LockWait, 'seconds'> | null
}

const sql = `select a.pid, a.client_port as port, a.state, a.wait_event_type || ': ' || a.wait_event as waits,
    extract(epoch from now() - a.query_start)::int as seconds,
    (select json_build_object('by', b.pid, 'role', coalesce(b.usename, b.backend_type), 'application', b.application_name, 'state', b.state,
      'held', extract(epoch from now() - b.xact_start)::int) from pg_stat_activity b
      where b.pid = any (pg_blocking_pids(a.pid)) order by cardinality(pg_blocking_pids(b.pid)), b.pid limit 1) as blocker
  from pg_stat_activity a
  where a.usename = current_user and a.datname = current_database() and a.application_name <> 'prism-doctor' and a.state <> 'idle'
  order by a.query_start limit 200`

/** The statement on which PostgreSQL works for a connection; null for none, or where nobody can ask. */
export async function sessionOf(
  host: Host,
  target: Target,
  socket: ActiveSocket,
): Promise<Session | null> {
  const database = knownDatabase(target)
  const statement = {question: 'sessions of the service', sql}
  const rows = database && (await ifSeen(rowsAsService(host, target, database, statement)))
  const sessions = (rows ?? []) as unknown as readonly Session[]
  const isIts = ({pid, port}: Session): boolean =>
    socket.peers.some(peer => peer.pid === pid) ||
    (socket.kind === 'tcp' && String(port) === portOf(socket.local))
  return sessions.find(isIts) ?? null
}
