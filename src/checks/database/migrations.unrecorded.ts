import {
  countTables,
  findOtherSchema,
  type OtherSchema,
} from '../../facts/postgres/django-migrations.ts'
import {identifier} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {migrate} from '../../remedies/migrate.ts'
import {psql} from '../../remedies/psql.ts'
import {remedy} from '../../remedies/remedy.ts'
import {manage, restart} from '../../remedies/service.ts'
import {whileStarting} from '../../remedies/while-starting.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {type Code, found} from './migrations.findings.ts'

const noTable = ['42P01 relation "django_migrations" does not exist']

/** No table django_migrations where search_path leads. */
export async function neverMigrated(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<Verdict<Code>> {
  const elsewhere = await findOtherSchema(host, target, database)
  if (elsewhere) return inOtherSchema(target, database, elsewhere)
  const cure = await migrate(host, target)
  const verdict = finding(found['never-migrated'](database), cure, {evidence: noTable})
  return whileStarting<Code>(host, target, 'migrate', verdict)
}

/** Migrating would make every table a second time. */
function inOtherSchema(
  target: Target,
  database: DatabaseTarget,
  elsewhere: OtherSchema,
): Verdict<Code> {
  const {name, user} = database
  const schema = identifier(elsewhere.schema)
  const cure = remedy('Let search_path lead to them, then restart', 'manual', [
    psql('\\drds', name),
    psql(
      `alter role ${identifier(user)} in database ${identifier(name)} set search_path = ${schema}`,
    ),
    restart(target),
  ])
  return finding(found['other-schema'](database, elsewhere), cure, {
    evidence: noTable,
    because: ['database/privileges'],
  })
}

/** An empty table django_migrations: critical in another way where there are tables beside it. */
export async function recordEmpty(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<Verdict<Code>> {
  const tables = await countTables(host, target, database)
  if (tables === 0) return neverMigrated(host, target, database)
  const cure = remedy('Restore django_migrations from a backup', 'manual', [
    manage(target, 'showmigrations'),
  ])
  return finding(found['record-lost'](database, tables), cure)
}
