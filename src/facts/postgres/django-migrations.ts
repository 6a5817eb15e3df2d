import {CannotLook, type Host} from '../../host/host.ts'
import type {Migration} from '../django/migrations.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'
import {askAsService, rowsAsService} from './postgres.ts'

/**
 * The rows of django_migrations; `missing` where there is no such table, `denied` where the role
 * may not read it.
 * @throws CannotLook where the database does not answer it this time.
 */
export async function findAppliedMigrations(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<readonly Migration[] | 'missing' | 'denied'> {
  const sql = 'select app, name from django_migrations order by id'
  const answer = await askAsService(host, target, database, {question: 'applied migrations', sql})
  if (answer.kind === 'rows') return answer.rows as unknown as readonly Migration[]
  if (answer.kind === 'error' && answer.sqlstate === '42P01') return 'missing'
  if (answer.kind === 'error' && answer.sqlstate === '42501') return 'denied'
  throw new CannotLook(`django_migrations could not be read: ${answer.message}`)
}

/** A schema that has django_migrations and in which search_path does not look. */
export interface OtherSchema {
  readonly schema: string
  /** search_path */
  readonly path: string
}

const otherSchemaQuestion = [
  "select n.nspname as schema, current_setting('search_path') as path from pg_class c",
  'join pg_namespace n on n.oid = c.relnamespace',
  "where c.relname = 'django_migrations' and c.relkind in ('r', 'p')",
  'and not pg_table_is_visible(c.oid) order by 1',
].join(' ')

export async function findOtherSchema(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<OtherSchema | null> {
  const answer = await askAsService(host, target, database, {
    question: 'django_migrations in other schemas',
    sql: otherSchemaQuestion,
  })
  const [row] = answer.kind === 'rows' ? answer.rows : []
  return row ? (row as unknown as OtherSchema) : null
}

const tablesQuestion = [
  'select count(*)::int as count from pg_class',
  'where relnamespace = current_schema()::regnamespace',
  "and relkind = 'r' and relname <> 'django_migrations'",
].join(' ')

/** How many tables there are beside django_migrations; 0 also where nobody could ask. */
export async function countTables(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<number> {
  const tables = await askAsService(host, target, database, {
    question: 'number of tables',
    sql: tablesQuestion,
  })
  return tables.kind === 'rows' ? Number(tables.rows[0]?.count) : 0
}

const missingQuestion = (list: string): string =>
  [
    `select name from unnest(array[${list}]) as name`,
    'where not exists (select from pg_class where relname = name',
    "and relkind in ('r', 'p', 'v', 'm', 'f')) order by 1",
  ].join(' ')

/**
 * Which of these tables are in no schema.
 * @throws CannotLook where the database does not answer it this time.
 */
export async function findMissingTables(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  tables: readonly string[],
): Promise<readonly string[]> {
  const plain = tables.filter(name => /^[\w$]{1,63}$/.test(name))
  if (plain.length === 0) return []
  const list = plain.map(name => `'${name}'`).join(', ')
  const rows = await rowsAsService(host, target, database, {
    question: 'tables of migrations that are gone',
    sql: missingQuestion(list),
  })
  return rows.map(({name}) => String(name))
}
