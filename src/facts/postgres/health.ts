import type {Host, Statement} from '../../host/host.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'
import {type LockWait, lockWait} from './lock-wait.ts'
import {askAsService, rowsAsService, rowsOf} from './postgres.ts'

/** What a session of the service's role finds in its database. */
export interface Health {
  readonly recovery: boolean
  readonly readOnly: boolean
  /** "role prism, database prism"; null where it is the whole server's. */
  readonly readOnlyBy: string | null
  /**
   * As it was set for the role or the database: "30s", or a number of milliseconds. That of this
   * session says nothing, since it has one of its own.
   */
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
  /** "UTF8", "LATIN1", "SQL_ASCII"; a recording of an older version lacks both of these. */
  readonly encoding?: string
  /** "vector, postgis": the database has them, and the server has no files of theirs. */
  readonly lostExtensions?: string | null
}

/** Everything in one question: a server that runs out of connections must not be asked twice. */
const question = (withCollation: boolean): Statement => ({
  question: withCollation ? 'health' : 'health before PostgreSQL 15',
  sql: `select pg_is_in_recovery() as recovery,
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
  (${lockWait(10)}) as blocked,
  (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()) as encoding,
  (select string_agg(extname, ', ' order by extname) from pg_extension
    where extname <> 'plpgsql' and extname not in (select name from pg_available_extensions())) as "lostExtensions"`,
})

/** @throws CannotLook where the database does not answer it this time. */
export async function askHealth(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<Health> {
  const answer = await askAsService(host, target, database, question(true))
  // Before PostgreSQL 15 no collation has a version: 42703 or 42883 (undefined column, function).
  const isOld = answer.kind === 'error' && /^42(?:703|883)$/.test(answer.sqlstate)
  const rows = isOld
    ? await rowsAsService(host, target, database, question(false))
    : rowsOf(database, answer)
  return rows[0] as unknown as Health
}

export interface Connections {
  readonly used: number
  readonly limit: number
  /** Whose limit it is: `role "prism"`. */
  readonly what: string
}

/** The limit on connections that is reached first. */
export function tightestLimit(health: Health, {user, name}: DatabaseTarget): Connections {
  const limits = [
    {used: health.used, limit: health.max, what: 'the server'},
    {used: health.roleUsed, limit: health.roleLimit, what: `role "${user}"`},
    {used: health.databaseUsed, limit: health.databaseLimit, what: `database "${name}"`},
  ].filter(({limit}) => limit > 0)
  return limits.reduce((tight, next) =>
    next.limit - next.used < tight.limit - tight.used ? next : tight,
  )
}
