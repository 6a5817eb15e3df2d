import type {Host} from '../../host/host.ts'
import {identifier, literal, rowsAsService} from '../postgres/postgres.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'

/** How many superusers the application has. */
export interface Superusers {
  /** The tables of its accounts, as the project calls them. */
  readonly tables: readonly string[]
  readonly all: number
  readonly active: number
  /** Active ones with a usable password. */
  readonly usable: number
  /** Active ones that are staff, or all of the active ones where the model knows no staff. */
  readonly staff: number
}

const columns = 'from pg_attribute a where a.attrelid = c.oid and not a.attisdropped'

/** A project's own user model is told by the columns of AbstractUser and PermissionsMixin. */
const tablesQuestion = {
  question: 'tables of accounts',
  sql: `select c.relname as name, exists (select ${columns}
    and a.attname = 'is_staff') as "hasStaff" from pg_class c
  where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and (
    select count(*) ${columns}
      and a.attname in ('password', 'last_login', 'is_superuser', 'is_active')) = 4
  order by c.relname`,
}

/**
 * Null where there is no table of accounts of the usual kind.
 * @throws CannotLook where the database or the accounts may not be asked.
 */
export async function findSuperusers(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<Superusers | null> {
  const found = await rowsAsService(host, target, database, tablesQuestion)
  if (found.length === 0) return null
  const accounts = found
    .map(({name, hasStaff}) => accountsIn(String(name), hasStaff === true))
    .join(' union all ')
  const rows = await rowsAsService(host, target, database, {
    question: 'superusers',
    sql: countQuestion(accounts),
  })
  const count = (name: string): number => Number(rows[0]?.[name])
  return {
    tables: found.map(({name}) => String(name)),
    all: count('all'),
    active: count('active'),
    usable: count('usable'),
    staff: count('staff'),
  }
}

function accountsIn(table: string, hasStaff: boolean): string {
  const staff = hasStaff ? 'is_staff' : 'true'
  const what = `is_superuser, is_active, password like '!%' as unusable, ${staff} as staff`
  return `select ${what} from ${identifier(table)}`
}

function countQuestion(accounts: string): string {
  const counts = [
    'count(*)::int as "all"',
    'count(*) filter (where is_active)::int as active',
    'count(*) filter (where is_active and unusable is not true)::int as usable',
    'count(*) filter (where is_active and staff)::int as staff',
  ]
  return `select ${counts.join(', ')} from (${accounts}) as accounts where is_superuser`
}

/** A schema outside search_path with one of these tables: the accounts may be there. */
export async function schemaOutOfPath(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  tables: readonly string[],
): Promise<string | null> {
  const names = tables.map(literal).join(', ')
  const kinds = "c.relkind in ('r', 'p')"
  const where = `c.relname in (${names}) and ${kinds} and not pg_table_is_visible(c.oid)`
  const classes = 'pg_class c join pg_namespace n on n.oid = c.relnamespace'
  const sql = `select n.nspname as schema from ${classes} where ${where} order by 1 limit 1`
  const rows = await rowsAsService(host, target, database, {
    question: 'tables of accounts in other schemas',
    sql,
  })
  return rows[0] ? String(rows[0].schema) : null
}
