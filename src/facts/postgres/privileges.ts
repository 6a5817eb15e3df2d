import type {Host, Statement} from '../../host/host.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'
import {rowsAsService} from './postgres.ts'

/** A table or a sequence that the service's role does not own, or may not use. */
export interface Relation {
  readonly name: string
  /** pg_class.relkind: `S` is a sequence. */
  readonly kind: string
  readonly owner: string
  /** Its owner is the service's role, or one that this is a member of. */
  readonly own: boolean
  readonly usable: boolean
}

/** What the service's role may do in the schema that search_path leads to. */
export interface Privileges {
  /** Null where search_path names no schema that exists. */
  readonly schema: string | null
  /** search_path */
  readonly path: string
  readonly mayCreate: boolean
  /** Who owns the database. */
  readonly owner: string
  /** Those that may not be used come first. */
  readonly foreign: readonly Relation[]
}

/** What an extension brought belongs to whoever created it, and is not the application's. */
const question: Statement = {
  question: 'privileges',
  sql: `select current_schema() as schema, current_setting('search_path') as path,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as "mayCreate",
  (select pg_get_userbyid(datdba) from pg_database where datname = current_database()) as owner,
  (select coalesce(json_agg(t), '[]') from (
    select c.relname as name, c.relkind::text as kind, pg_get_userbyid(c.relowner) as owner, pg_has_role(c.relowner, 'USAGE') as own, usable
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral (select
      case when c.relkind = 'S' then has_sequence_privilege(c.oid, 'USAGE')
        else has_table_privilege(c.oid, 'SELECT') and has_table_privilege(c.oid, 'INSERT') end as usable) u
    where n.nspname = current_schema() and c.relkind in ('r', 'p', 'S')
      and not (pg_has_role(c.relowner, 'USAGE') and usable)
      and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
    order by usable, c.relkind = 'S', c.relname limit 200) t) as foreign`,
}

/** @throws CannotLook where the database does not answer it this time. */
export async function askPrivileges(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<Privileges> {
  const [row] = await rowsAsService(host, target, database, question)
  return row as unknown as Privileges
}
