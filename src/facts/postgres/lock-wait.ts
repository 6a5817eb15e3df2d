import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {knownDatabase, type Target} from '../target/target.ts'
import {rowsAsService} from './postgres.ts'

/** The longest wait of the service for a lock, and who holds it. */
export interface LockWait {
  readonly seconds: number
  /** The process id of the session that holds it. */
  readonly by: number
  readonly role: string
  readonly application: string
  /** Null where that session's role is one that the service's role may not look at. */
  readonly state: string | null
  /** Seconds since its transaction began; recordings of before that was asked have none. */
  readonly held?: number | null
}

/**
 * A query of one value: the {@link LockWait} of at least so many seconds, or null. Since PostgreSQL
 * 14 pg_locks has waitstart. Advisory locks are waited for on purpose, so they do not count.
 */
export const lockWait = (
  seconds: number,
): string => `select json_build_object('seconds', extract(epoch from now() - w.since)::int, 'by', b.pid, 'role', coalesce(b.usename, b.backend_type),
      'application', b.application_name, 'state', b.state, 'held', extract(epoch from now() - b.xact_start)::int)
    from (select *, coalesce((select min((to_jsonb(l) ->> 'waitstart')::timestamptz) from pg_locks l where l.pid = a.pid and not l.granted),
        query_start) as since from pg_stat_activity a) w cross join lateral unnest(pg_blocking_pids(w.pid)) as blocker join pg_stat_activity b on b.pid = blocker
    where w.usename = current_user and w.datname = current_database() and w.wait_event_type = 'Lock' and w.wait_event <> 'advisory'
      and w.application_name <> 'prism-doctor' and w.since < now() - interval '${seconds} s'
    order by cardinality(pg_blocking_pids(b.pid)), w.since limit 1`

/** Null also where nobody could ask. */
export async function findLockWait(
  host: Host,
  target: Target,
  seconds: number,
): Promise<LockWait | null> {
  const database = knownDatabase(target)
  const statement = {question: 'who waits for a lock', sql: `select (${lockWait(seconds)}) as wait`}
  const rows = database && (await ifSeen(rowsAsService(host, target, database, statement)))
  return (rows?.[0]?.wait as LockWait | null | undefined) ?? null
}
