import {askDatabase} from '../facts/postgres/postgres.ts'
import {knownDatabase, type Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {critical, type Verdict} from '../report/finding.ts'
import {psql} from './psql.ts'
import {remedy} from './remedy.ts'

/** The longest wait of the service for a lock, and who holds it. */
export interface LockWait {
  readonly seconds: number
  /** The process id of the session that holds it. */
  readonly by: number
  readonly role: string
  readonly application: string
  /** Null where it belongs to a role that the service's may not look at. */
  readonly state: string | null
}

/** A query of one value (since PostgreSQL 14 pg_locks has waitstart): the {@link LockWait} of that many seconds or more, or null. Advisory locks are waited for on purpose. */
export const lockWait = (
  seconds: number,
): string => `select json_build_object('seconds', extract(epoch from now() - w.since)::int, 'by', b.pid, 'role', coalesce(b.usename, b.backend_type),
      'application', b.application_name, 'state', b.state)
    from (select *, coalesce((select min((to_jsonb(l) ->> 'waitstart')::timestamptz) from pg_locks l where l.pid = a.pid and not l.granted),
        query_start) as since from pg_stat_activity a) w cross join lateral unnest(pg_blocking_pids(w.pid)) as blocker join pg_stat_activity b on b.pid = blocker
    where w.usename = current_user and w.datname = current_database() and w.wait_event_type = 'Lock' and w.wait_event <> 'advisory'
      and w.application_name <> 'prism-doctor' and w.since < now() - interval '${seconds} s'
    order by cardinality(pg_blocking_pids(b.pid)), w.since limit 1`

/** Null also where nobody could ask. */
export async function findLockWait(host: Host, target: Target, seconds: number): Promise<LockWait | null> {
  const database = knownDatabase(target)
  const question = `select (${lockWait(seconds)}) as wait`
  const rows = database && (await ifSeen(askDatabase(host, target, database, question)))
  return rows && rows !== 'denied' ? ((rows[0]?.wait as LockWait | null | undefined) ?? null) : null
}

/** `a session of role "postgres" holds (psql, pid 123, idle in transaction)` */
function held({by, role, application, state}: LockWait): string {
  return `a session of role "${role}" holds (${[application, `pid ${by}`, state].filter(Boolean).join(', ')})`
}

const cure = ({by}: LockWait) =>
  remedy('See what that session does, then end it', 'manual', [
    psql(`select state, xact_start, query from pg_stat_activity where pid = ${by}`),
    psql(`select pg_terminate_backend(${by})`),
  ])

export function blocked(wait: LockWait | null): Verdict | null {
  if (wait === null) return null
  const message = `the service has waited ${wait.seconds} s for a lock that ${held(wait)}`
  return critical('blocked', message, cure(wait), {because: []})
}

/** A page that gives no answer while the application waits for the lock. */
export function hangsOnLock(place: string, wait: LockWait, evidence: readonly string[]): Verdict {
  const message = `${place} gives no answer: the application waits for a lock that ${held(wait)}`
  return critical('timeout', message, cure(wait), {evidence, because: ['database/health']})
}
