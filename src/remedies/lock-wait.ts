import type {LockWait} from '../facts/postgres/lock-wait.ts'
import type {Remedy} from '../report/finding.ts'
import {psql} from './psql.ts'
import {remedy} from './remedy.ts'

type LockSession = Omit<LockWait, 'seconds'>

/**
 * After "a lock that": `a session of role "postgres" holds (psql, pid 123, idle in transaction)`.
 */
export function sessionHolds({by, role, application, state, held}: LockSession): string {
  const since = held === undefined || held === null ? null : `for ${held} s`
  const session = [application, `pid ${by}`, state, since].filter(Boolean).join(', ')
  return `a session of role "${role}" holds (${session})`
}

/** What to do about the session that holds the lock: nobody but a human ends it. */
export function endHolder({by}: LockWait): Remedy {
  return remedy('See what that session does, then end it', 'manual', [
    psql(`select state, xact_start, query from pg_stat_activity where pid = ${by}`),
    psql(`select pg_terminate_backend(${by})`),
  ])
}
