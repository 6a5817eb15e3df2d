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
  /** "public.german, pg_catalog.\"de-x-icu\"": columns use them, and their version has changed. */
  readonly otherCollations?: string | null
  /** Limits on time that are set for a session of the service, but for that on statements. */
  readonly timeouts?: readonly Timeout[] | null
  /** "role prism", whoever set {@link statementTimeout}. */
  readonly statementTimeoutBy?: string | null
}

/** A limit of PostgreSQL's on how long something may take. */
export interface Timeout {
  /** "lock_timeout" */
  readonly name: string
  /** Milliseconds. */
  readonly value: number
  /** As pg_settings calls who set it: "user", "database", "configuration file", "client". */
  readonly source: string
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
  (select case when r.rolname is null and d.datname is null then 'every role' else concat_ws(' in ', 'role ' || r.rolname, 'database ' || d.datname) end
    from pg_db_role_setting s cross join unnest(s.setconfig) c left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
    where c like 'statement_timeout=%' and (s.setrole = 0 or r.rolname = current_user) and (s.setdatabase = 0 or d.datname = current_database())
    order by s.setrole desc, s.setdatabase desc limit 1) as "statementTimeoutBy",
  (select json_agg(json_build_object('name', name, 'value', setting::bigint, 'source', source) order by name) from pg_settings
    where name in ('lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout') and setting <> '0') as timeouts,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as max,
  (select coalesce(sum(numbackends), 0)::int from pg_stat_database) as used,
  (select rolconnlimit from pg_roles where rolname = current_user) as "roleLimit",
  (select count(*)::int from pg_stat_activity where usename = current_user) as "roleUsed",
  (select datconnlimit from pg_database where datname = current_database()) as "databaseLimit",
  (select numbackends from pg_stat_database where datname = current_database()) as "databaseUsed",
  ${withCollation ? '(select datcollversion from pg_database where datname = current_database())' : 'null'} as recorded,
  ${withCollation ? '(select pg_database_collation_actual_version(oid) from pg_database where datname = current_database())' : 'null'} as actual,
  (select string_agg(quote_ident(n.nspname) || '.' || quote_ident(c.collname), ', ' order by c.collname) from pg_collation c
    join pg_namespace n on n.oid = c.collnamespace where c.collversion is not null
      and c.oid in (select attcollation from pg_attribute where attrelid >= 16384 and attnum > 0 and not attisdropped)
      and c.collversion <> pg_collation_actual_version(c.oid)) as "otherCollations",
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

/** Every limit on connections that is set. */
export function limitsOf(health: Health, {user, name}: DatabaseTarget): readonly Connections[] {
  return [
    {used: health.used, limit: health.max, what: 'the server'},
    {used: health.roleUsed, limit: health.roleLimit, what: `role "${user}"`},
    {used: health.databaseUsed, limit: health.databaseLimit, what: `database "${name}"`},
  ].filter(({limit}) => limit > 0)
}

/** The limit on connections that is reached first. */
export function tightestLimit(health: Health, database: DatabaseTarget): Connections {
  return limitsOf(health, database).reduce((tight, next) =>
    next.limit - next.used < tight.limit - tight.used ? next : tight,
  )
}
