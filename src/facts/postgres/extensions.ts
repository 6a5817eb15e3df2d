import type {Host} from '../../host/host.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'
import {literal, rowsAsService} from './postgres.ts'

/** An extension that a migration makes and the database does not have. */
export interface WantedExtension {
  readonly name: string
  /** The server has its files: CREATE EXTENSION finds it. */
  readonly available: boolean
  /**
   * The service's role may create it: it is a superuser, or the extension is trusted and the role
   * may create in the database (CREATE EXTENSION, "Description").
   */
  readonly creatable: boolean
}

/** What is trusted, PostgreSQL tells since version 13; before that there was no such thing. */
const question = (names: readonly string[]): string =>
  [
    `select name, exists (select from pg_available_extensions a where a.name = w.name) as available,`,
    `(select rolsuper from pg_roles where rolname = current_user)`,
    `or has_database_privilege(current_database(), 'CREATE') and exists (select`,
    `from pg_available_extension_versions v where v.name = w.name and (not v.superuser`,
    `or coalesce((to_jsonb(v) ->> 'trusted')::boolean, false))) as creatable`,
    `from unnest(array[${names.map(literal).join(', ')}]::text[]) as w(name)`,
    `where not exists (select from pg_extension e where e.extname = w.name) order by 1`,
  ].join(' ')

/**
 * Which of these the database does not have.
 * @throws CannotLook where the database does not answer it this time.
 */
export async function findWantedExtensions(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  names: readonly string[],
): Promise<readonly WantedExtension[]> {
  if (names.length === 0) return []
  const rows = await rowsAsService(host, target, database, {
    question: `extensions ${names.join(', ')}`,
    sql: question(names),
  })
  return rows as unknown as readonly WantedExtension[]
}
