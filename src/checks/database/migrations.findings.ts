import {key, type Migration} from '../../facts/django/migrations.ts'
import {firstFew} from '../../facts/files/tree.ts'
import type {OtherSchema} from '../../facts/postgres/django-migrations.ts'
import {placeOf} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {type CodeOf, cause, findingsOf, symptom} from '../../report/finding.ts'
import {explanation} from './migrations.explanation.ts'

export const found = findingsOf(explanation, {
  pending: symptom(
    'critical',
    ({name}: DatabaseTarget, pending: readonly Migration[]) => {
      const are = `${counted(pending.length, 'migration')} of the package ${pending.length === 1 ? 'is' : 'are'}`
      return `${are} not applied to database "${name}": ${shown(pending)}`
    },
    // A start that migrates first and hangs (test/midship: migration-waits-for-lock) stands above
    // the database.
    {explainedBy: ['service/active']},
  ),
  ahead: cause(
    'critical',
    ({name}: DatabaseTarget, surplus: readonly Migration[]) =>
      `database "${name}" has ${counted(surplus.length, 'migration')} that the package lacks: ${shown(surplus)}`,
  ),
  inconsistent: cause(
    'critical',
    ({name}: DatabaseTarget, migration: Migration, dependency: Migration) => {
      const has = `${key(migration)} applied but not ${key(dependency)}, which it depends on`
      return `database "${name}" has ${has}: migrate refuses to begin`
    },
  ),
  'parent-missing': cause('critical', (migration: Migration | null, dependency: Migration) => {
    const has = migration
      ? `${key(migration)} but not ${key(dependency)}, which it depends on`
      : `no ${key(dependency)}, which another depends on`
    return `the package has ${has}: migrate refuses to begin`
  }),
  conflict: symptom(
    'critical',
    (leaves: readonly Migration[]) =>
      `the package has migrations that conflict, and none merges them: ${shown(leaves)}; migrate refuses to begin`,
  ),
  broken: cause('critical', (application: string, error: string, stage: 'import' | 'read') =>
    stage === 'import'
      ? `a migration of the ${application} cannot be imported: ${error}; migrate refuses to begin`
      : `Django cannot read the migrations of the ${application}: ${error}`,
  ),
  'extension-missing': cause(
    'critical',
    (migration: Migration, names: readonly string[], database: DatabaseTarget) => {
      const lacks = `which PostgreSQL at ${placeOf(database)} has no files of`
      return `${key(migration)} creates the extension ${names.join(', ')}, ${lacks}: migrate fails`
    },
  ),
  'extension-refused': cause(
    'critical',
    (migration: Migration, names: readonly string[], {user}: DatabaseTarget) => {
      const may = `role "${user}" may not create`
      return `${key(migration)} creates the extension ${names.join(', ')}, which ${may}: migrate fails`
    },
  ),
  'other-schema': cause('critical', ({name, user}: DatabaseTarget, {schema, path}: OtherSchema) => {
    const where = `where search_path ${path} of role "${user}" does not look`
    return `the tables of database "${name}" are in schema ${schema}, ${where}`
  }),
  'never-migrated': cause(
    'critical',
    ({name}: DatabaseTarget) =>
      `database "${name}" has no django_migrations: nothing was ever migrated into it`,
  ),
  'tables-gone': cause('critical', ({name}: DatabaseTarget, tables: readonly string[]) => {
    const although = 'although the migration that makes it is recorded as applied'
    return `database "${name}" has no table ${firstFew(tables)}, ${although}`
  }),
  'record-lost': cause('critical', ({name}: DatabaseTarget, tables: number) => {
    const beside = `${counted(tables, 'other table')}: migrating stops at "already exists"`
    return `django_migrations of database "${name}" is empty beside ${beside}`
  }),
})

export type Code = CodeOf<typeof found>

function shown(migrations: readonly Migration[]): string {
  return firstFew(migrations.map(key))
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
