import {askAsService, askDatabase, identifier} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {databaseOf} from '../../facts/target/target.ts'
import {blocked, type LockWait, lockWait} from '../../findings/lock-wait.ts'
import {psql} from '../../findings/psql.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {critical, type Metric, ok, type Verdict, warning} from '../../report/finding.ts'
import type {Check} from '../check.ts'
import {databaseExists} from './exists.ts'

/** Everything in one question: a probe of a server that runs out of connections must not need two. */
const question = (withCollation: boolean): string => `select pg_is_in_recovery() as recovery,
  current_setting('default_transaction_read_only') = 'on' as "readOnly",
  (select string_agg(coalesce('role ' || r.rolname, '') || coalesce(' database ' || d.datname, ''), ', ') from pg_db_role_setting s
    left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
    where exists (select from unnest(s.setconfig) c where c like 'default_transaction_read_only=%')
      and (s.setrole = 0 or r.rolname = current_user) and (s.setdatabase = 0 or d.datname = current_database())) as "readOnlyBy",
  (select split_part(c, '=', 2) from pg_db_role_setting s cross join unnest(s.setconfig) c where c like 'statement_timeout=%'
      and s.setrole in (0, (select oid from pg_roles where rolname = current_user))
      and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
    order by s.setrole desc, s.setdatabase desc limit 1) as "statementTimeout",
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as max,
  (select coalesce(sum(numbackends), 0)::int from pg_stat_database) as used,
  (select rolconnlimit from pg_roles where rolname = current_user) as "roleLimit",
  (select count(*)::int from pg_stat_activity where usename = current_user) as "roleUsed",
  (select datconnlimit from pg_database where datname = current_database()) as "databaseLimit",
  (select numbackends from pg_stat_database where datname = current_database()) as "databaseUsed",
  ${withCollation ? '(select datcollversion from pg_database where datname = current_database())' : 'null'} as recorded,
  ${withCollation ? '(select pg_database_collation_actual_version(oid) from pg_database where datname = current_database())' : 'null'} as actual,
  (${lockWait(10)}) as blocked`

interface Health {
  readonly recovery: boolean
  readonly readOnly: boolean
  readonly readOnlyBy: string | null
  /** As it was set for the role or the database: "30s", or a number of milliseconds. This session has one of its own. */
  readonly statementTimeout: string | null
  readonly max: number
  readonly used: number
  /** -1 is no limit. */
  readonly roleLimit: number
  readonly roleUsed: number
  readonly databaseLimit: number
  readonly databaseUsed: number
  readonly recorded: string | null
  readonly actual: string | null
  readonly blocked: LockWait | null
}

export const databaseHealth: Check = {
  id: 'database/health',
  title: 'The database takes writes, sorts as it was made and has connections left',
  explanation: {
    why: `A database that only reads lets pages come and every login, upload and migration fail. One whose sort order changed under
it finds rows by an index that no longer fits. One with its last connections in use refuses the next visitor.`,
    asks: `One question over the service's own connection: pg_is_in_recovery(), default_transaction_read_only and who set it
(pg_db_role_setting), statement_timeout, the limits on connections of the server, the role and the database and how many are in use, who blocks a session of the service, and
the version of the collation that the database was made with beside the one that the system has now.`,
    findings: {
      recovery: {
        means: 'The server is a standby, or has not ended its recovery: it answers questions and takes no writes.',
        remedy: 'Point the service to the primary, or promote this server if it is meant to be one.',
      },
      'read-only': {
        means: 'default_transaction_read_only is on for the role, the database or the whole server (SQLSTATE 25006).',
        remedy:
          'Reset the setting where it was made, then restart the service, since sessions keep what they began with.',
      },
      'statement-timeout': {
        means: `statement_timeout ends every statement of the service after less than a tenth of a second (SQLSTATE 57014), as where
seconds were meant and milliseconds written.`,
        remedy: 'Set it to what was meant, or reset it, for the role or the database; then restart the service.',
      },
      blocked: {
        means: `A session of the service has waited ten seconds or more for a lock that another session holds, as one that was left
open in the middle of a transaction does: pages hang, and a migration never ends.`,
        remedy: 'See what the other session does, and end its transaction. No session is ever ended for you.',
      },
      'few-connections': {
        means: 'Nine tenths or more of the connections that the service may have are in use.',
        remedy: 'See who holds them; fewer workers, a smaller CONN_MAX_AGE or a higher max_connections are the cures.',
      },
      collation: {
        means: `The database was made with another version of the system's collation (glibc or ICU): indexes on text may be
in the wrong order. PostgreSQL says so in its journal at every connection; the application says nothing.`,
        remedy: 'Rebuild the indexes first (REINDEX DATABASE), only then REFRESH COLLATION VERSION.',
      },
    },
    mistakenFor: `A collation that has no version (C, C.UTF-8) has nothing to compare, whatever was recorded. Connections that
superusers hold in reserve are not the service's, and who waits for an advisory lock was told to. A server without any connection left is database/server's (53300).`,
  },
  needs: [databaseExists],
  explainedBy: ['state/space'],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    const first = await askAsService(host, target, database, question(true))
    // Before PostgreSQL 15 a database has no version of its collation (42703 undefined_column, 42883 undefined_function).
    const isOld = first.kind === 'error' && /^42(?:703|883)$/.test(first.sqlstate)
    const rows = await askDatabase(host, target, database, question(!isOld))
    if (rows === 'denied') return ok(`database "${database.name}" may not be entered: a matter of database/privileges`)
    const health = rows[0] as unknown as Health
    const {used, limit, what} = tightest(health, database)
    const connections: Metric = {
      name: 'connections',
      value: used,
      unit: '',
      direction: 'above',
      warning: Math.floor(limit * 0.9),
      critical: limit,
      max: limit,
    }
    const found = [
      recovering(health, database),
      readOnly(health, database),
      hurried(health, database),
      blocked(health.blocked),
    ].filter(verdict => verdict !== null)
    const worrying: readonly (Verdict | null)[] = [
      used >= limit * 0.9 && limit - used < 20
        ? warning(
            'few-connections',
            `${used} of the ${limit} connections of ${what} are in use`,
            remedy('See who holds the connections', 'manual', [
              psql(
                'select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc',
              ),
            ]),
          )
        : null,
      collation(health, database),
    ]
    const said = [...found, ...worrying.filter(verdict => verdict !== null)]
    const [worst, ...rest] = said
    if (worst) return [{...worst, metrics: [connections]}, ...rest]
    return ok(`database "${database.name}" takes writes, and ${used} of ${limit} connections are in use`, {
      metrics: [connections],
    })

    function recovering({recovery}: Health, {name}: DatabaseTarget): Verdict | null {
      if (!recovery) return null
      return critical(
        'recovery',
        `the server of database "${name}" is in recovery (a standby): it takes no writes`,
        remedy('Point the service to the primary, or promote this server', 'manual', [
          psql('select * from pg_stat_wal_receiver'),
        ]),
        {because: []},
      )
    }

    function readOnly(facts: Health, {user, name}: DatabaseTarget): Verdict | null {
      if (!facts.readOnly || facts.recovery) return null
      const by = facts.readOnlyBy?.trim() || 'the server'
      const where = by.startsWith('role') ? `role ${identifier(user)}` : `database ${identifier(name)}`
      const reset =
        facts.readOnlyBy === null
          ? 'alter system reset default_transaction_read_only'
          : `alter ${where} reset default_transaction_read_only`
      return critical(
        'read-only',
        `transactions are read-only: default_transaction_read_only is on for ${by}`,
        remedy('Let the service write again, then restart it', 'manual', [psql(reset), restart(target)]),
        {evidence: ['25006 cannot execute … in a read-only transaction'], because: []},
      )
    }
  },
}

/** Milliseconds that no statement of Django can do with: migrate alone reads the whole catalogue. */
const tooShort = 100

function hurried({statementTimeout}: Health, {name}: DatabaseTarget): Verdict | null {
  const milliseconds = /^(\d+)(?:ms)?$/.exec(statementTimeout ?? '')?.[1]
  if (milliseconds === undefined || Number(milliseconds) === 0 || Number(milliseconds) >= tooShort) return null
  return critical(
    'statement-timeout',
    `statement_timeout ends every statement of the service after ${milliseconds} ms`,
    remedy('Set it to what was meant for the role or the database, then restart', 'manual', [psql('\\drds', name)]),
    {evidence: ['57014 canceling statement due to statement timeout'], because: []},
  )
}

function collation({recorded, actual}: Health, {name}: DatabaseTarget): Verdict | null {
  if (recorded === null || actual === null || recorded === actual) return null
  return warning(
    'collation',
    `database "${name}" was made with collation version ${recorded}, and the system has ${actual}`,
    remedy('Rebuild the indexes, then note the new version', 'manual', [
      psql(`reindex database ${identifier(name)}`, name),
      psql(`alter database ${identifier(name)} refresh collation version`, name),
    ]),
  )
}

/** The limit that is reached first. */
function tightest(health: Health, {user, name}: DatabaseTarget): {used: number; limit: number; what: string} {
  const limits = [
    {used: health.used, limit: health.max, what: 'the server'},
    {used: health.roleUsed, limit: health.roleLimit, what: `role "${user}"`},
    {used: health.databaseUsed, limit: health.databaseLimit, what: `database "${name}"`},
  ].filter(({limit}) => limit > 0)
  return limits.reduce((tight, next) => (next.limit - next.used < tight.limit - tight.used ? next : tight))
}
