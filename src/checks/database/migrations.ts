import {
  findObstacle,
  key,
  lacking,
  type Migration,
  type MigrationFacts,
  type Obstacle,
  unapplied,
} from '../../facts/django/migrations.ts'
import {firstFew} from '../../facts/files/state-tree.ts'
import {askAsService, askDatabase, identifier, literal} from '../../facts/postgres/postgres.ts'
import {runsBeforeStart} from '../../facts/program/pre-start.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {answerOf, databaseOf, type Target} from '../../facts/target/target.ts'
import {chainEvidence, wordsOf} from '../../findings/exception.ts'
import {psql} from '../../findings/psql.ts'
import {manageStep} from '../../findings/static-files.ts'
import {whileStarting} from '../../findings/while-starting.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {manage, restart} from '../../remedies/service.ts'
import {critical, ok, type Remedy, type Verdict} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {servicePackage} from '../service/package.ts'
import {databaseExists} from './exists.ts'

export const databaseMigrations: Check = {
  id: 'database/migrations',
  title: 'The database has exactly the migrations of the package',
  fix: 'migrates while database/cluster is ok, and restarts the service',
  explanation: {
    why: `The models of the package and the tables of the database must be of the same age. A column that is not there yet answers
500 on some pages only, and one that an older package does not know may refuse every write.`,
    asks: `Django's own loader lists the migrations of every application, third-party ones too, as a new start of the unit would
see them. django_migrations is read over the service's own connection.
A squashed migration counts as applied when all that it replaces are, and the tables that the migrations make are looked for. Where one is pending, the dependencies that the files name
tell whether migrate will begin at all.`,
    findings: {
      pending: {
        means: 'The package has migrations that were never applied to this database.',
        remedy:
          'Migrate: a restart does it where the unit migrates before it starts; --fix does so only in the right cluster.',
      },
      ahead: {
        means: `The database has migrations that the package lacks: the package was rolled back, or an older one was deployed.`,
        remedy: 'Deploy the newer package again. Rolling back further, or removing the rows, makes it worse.',
      },
      inconsistent: {
        means: `A migration is recorded as applied and one that it depends on is not (InconsistentMigrationHistory): migrate refuses
to begin.`,
        remedy: `Find out how the row was lost. Where the tables of the missing one are there, record it (migrate --fake); else
restore the backup.`,
      },
      'parent-missing': {
        means:
          'A migration of the package depends on one that the package lacks (NodeNotFoundError): migrate refuses to begin.',
        remedy: 'Put the missing migration into the package, and deploy it.',
      },
      conflict: {
        means: `Two migrations of an application follow the same one, and nothing comes after either (conflicting leaf nodes): migrate
refuses to begin.`,
        remedy: 'Merge them in the repository (makemigrations --merge), and deploy.',
      },
      broken: {
        means:
          'A migration cannot be imported, or the migrations depend on one another in a circle: migrate refuses to begin.',
        remedy: 'Correct what is quoted, and deploy again.',
      },
      'other-schema': {
        means: 'The tables are there, in a schema in which search_path does not look: migrating would make them twice.',
        remedy: 'Let search_path lead to the schema with the tables, and restart.',
      },
      'never-migrated': {
        means: 'There is no django_migrations in any schema: the database is empty.',
        remedy: 'Make sure that this is the right database, then migrate.',
      },
      'tables-gone': {
        means: `A migration is recorded as applied, and a table that it makes is not there: it was dropped, or a restore was not
complete. Every page that needs it answers 500.`,
        remedy: 'Restore the table from a backup: migrate passes over what it has recorded.',
      },
      'record-lost': {
        means: 'django_migrations is empty, and yet there are tables: migrating stops at "already exists".',
        remedy: 'Restore the table from a backup, or tell Django what is there (migrate --fake), knowing which.',
      },
    },
    mistakenFor: `Rows of applications that are no longer installed stay in django_migrations for ever and mean nothing. "relation does
not exist" may also be a search_path that leads elsewhere: database/privileges says so.`,
  },
  needs: [databaseExists, servicePackage],
  explainedBy: ['database/cluster', 'database/privileges', 'service/active', 'service/package'],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    const broken = brokenMigration(target)
    if (broken) return broken
    const facts = answerOf(target, 'which migrations the application has').migrations
    if (!facts) throw new CannotLook('Django did not say which migrations the application has')
    const applied = await appliedMigrations(host, target, database)
    if (applied === 'denied') return ok(`database "${database.name}" may not be read: a matter of database/privileges`)
    if (applied === 'missing') return neverMigrated(host, target, database)
    if (applied.length === 0) return recordLost(host, target, database)
    const known = new Set(applied.map(key))
    const pending = unapplied(facts, known)
    const surplus = lacking(facts, applied)
    const obstacle = facts.error || pending.length + surplus.length > 0 ? findObstacle(facts, known, pending) : null
    // What the package lost in its middle makes nobody's database too new.
    const isLost = (each: Migration): boolean =>
      obstacle?.kind === 'parent-missing' && key(obstacle.dependency) === key(each)
    const found = [
      ahead(
        target,
        surplus.filter(each => !isLost(each)),
        database,
      ),
      obstacle ? cannotMigrate(target, database, obstacle) : await behind(host, target, pending, database),
    ].filter(verdict => verdict !== null)
    if (found.length > 0) return found
    const gone = await missingTables(host, target, database, facts)
    if (gone.length > 0) return tablesGone(database, gone)
    const apps = new Set(facts.all.map(({app}) => app))
    return ok(`all ${facts.all.length} migrations of ${apps.size} applications are applied`)
  },
}

/** A migration that cannot be imported: migrate stops at it, and the service may run on for a while. */
function brokenMigration(target: Target): Verdict | null {
  const failure = target.django.answer?.failures.find(({stage}) => stage === 'migrations')
  if (!failure?.chain.some(({own}) => own)) return null
  return critical(
    'broken',
    `a migration of the ${target.platform.application} cannot be imported: ${wordsOf(failure.chain, target)}; migrate refuses to begin`,
    mend('Correct the migration', target.platform.code(target)),
    {evidence: chainEvidence(failure.chain), because: ['app/settings']},
  )
}

async function appliedMigrations(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<readonly Migration[] | 'missing' | 'denied'> {
  const answer = await askAsService(host, target, database, 'select app, name from django_migrations order by id')
  if (answer.kind === 'rows') return answer.rows as unknown as readonly Migration[]
  if (answer.kind === 'error' && answer.sqlstate === '42P01') return 'missing'
  if (answer.kind === 'error' && answer.sqlstate === '42501') return 'denied'
  throw new CannotLook(`django_migrations could not be read: ${answer.message}`)
}

function ahead(target: Target, lacking: readonly Migration[], {name}: DatabaseTarget): Verdict | null {
  const {platform} = target
  if (lacking.length === 0) return null
  return critical(
    'ahead',
    `database "${name}" has ${counted(lacking)} that the package lacks: ${firstFew(lacking.map(key))}`,
    remedy(
      `Deploy the ${platform.application} that made them again; do not roll back further`,
      'manual',
      platform.versions ? [platform.versions] : [restart(target)],
    ),
    {because: []},
  )
}

async function behind(
  host: Host,
  target: Target,
  pending: readonly Migration[],
  {name}: DatabaseTarget,
): Promise<Verdict | null> {
  if (pending.length === 0) return null
  const verdict = critical(
    'pending',
    `${counted(pending)} of the package ${pending.length === 1 ? 'is' : 'are'} not applied to database "${name}": ${firstFew(pending.map(key))}`,
    await migrate(host, target),
  )
  return whileStarting(host, target, 'migrate', verdict)
}

/** migrate refuses to begin: no restart will apply what is pending. */
function cannotMigrate(target: Target, {name}: DatabaseTarget, obstacle: Obstacle): Verdict {
  if (obstacle.kind === 'inconsistent') {
    const {migration, dependency} = obstacle
    return critical(
      'inconsistent',
      `database "${name}" has ${key(migration)} applied and not ${key(dependency)}, which it depends on: migrate refuses to begin`,
      remedy('Find out how the row was lost, then record it if its tables are there', 'manual', [
        psql(`select * from django_migrations where app = '${dependency.app}' order by id`, name),
        manage(target, 'migrate', '--fake', dependency.app, dependency.name),
        restart(target),
      ]),
      {because: []},
    )
  }
  // A defect of the package: where the service stops at it, its own last words say the same.
  const details = {because: ['service/active']} as const
  if (obstacle.kind === 'broken') {
    return critical(
      'broken',
      `Django cannot read the migrations of the ${target.platform.application}: ${obstacle.message}`,
      mend('Correct the migrations', target.platform.code(target)),
      details,
    )
  }
  if (obstacle.kind === 'parent-missing') {
    const {migration, dependency} = obstacle
    const has = migration
      ? `${key(migration)} and not ${key(dependency)}, which it depends on`
      : `no ${key(dependency)}, which another depends on`
    return critical(
      'parent-missing',
      `the package has ${has}: migrate refuses to begin`,
      mend(`Put the missing migration into the ${target.platform.application}`, target.platform.code(target)),
      details,
    )
  }
  const [first] = obstacle.leaves
  return critical(
    'conflict',
    `the package has migrations that conflict, since nothing comes after either: ${firstFew(obstacle.leaves.map(key))}; migrate refuses to begin`,
    mend('Merge them in the repository of the application', target.platform.code(target), {
      first: [hand(`python manage.py makemigrations --merge ${first?.app}`)],
    }),
    details,
  )
}

/** Tables that the migrations make, by Django's own account of them, and that are in no schema. */
async function missingTables(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  facts: MigrationFacts,
): Promise<readonly string[]> {
  const tables = (facts.tables ?? []).filter(name => /^[\w$]{1,63}$/.test(name))
  const list = tables.map(literal).join(', ')
  if (list === '') return []
  const rows = await askDatabase(
    host,
    target,
    database,
    `select name from unnest(array[${list}]) as name where not exists (select from pg_class where relname = name and relkind in ('r', 'p', 'v', 'm', 'f')) order by 1`,
  )
  return rows === 'denied' ? [] : rows.map(({name}) => String(name))
}

function tablesGone({name}: DatabaseTarget, gone: readonly string[]): Verdict {
  return critical(
    'tables-gone',
    `database "${name}" has no table ${firstFew(gone)}, although the migration that makes it is recorded as applied`,
    remedy('Restore the table from a backup; migrating will not make it again', 'manual', [
      psql('\\dt', name),
      hand('sudo -u postgres pg_restore --list DUMP'),
    ]),
    {evidence: [`42P01 relation "${gone[0]}" does not exist`]},
  )
}

function counted({length}: readonly Migration[]): string {
  return `${length} ${length === 1 ? 'migration' : 'migrations'}`
}

/** Django and the service read the models once, at start. */
async function migrate(host: Host, target: Target): Promise<Remedy> {
  const requires = ['database/cluster', 'database/privileges'] as const
  if (await runsBeforeStart(host, target, 'migrate'))
    return {...remedy('Restart the service: it migrates before it starts', 'disruptive', [restart(target)]), requires}
  const step = await manageStep(host, target, 'migrate')
  const steps = [step ?? manage(target, 'migrate', '--noinput'), restart(target)]
  return {...remedy('Migrate, then restart', step ? 'disruptive' : 'manual', steps), requires}
}

async function neverMigrated(host: Host, target: Target, database: DatabaseTarget): Promise<Verdict> {
  const {name} = database
  const elsewhere = await findElsewhere(host, target, database)
  if (elsewhere) return inAnotherSchema(target, database, elsewhere)
  const verdict = critical(
    'never-migrated',
    `database "${name}" has no django_migrations: nothing was ever migrated into it`,
    await migrate(host, target),
    {evidence: ['42P01 relation "django_migrations" does not exist']},
  )
  return whileStarting(host, target, 'migrate', verdict)
}

interface Elsewhere {
  readonly schema: string
  readonly path: string
}

/** A schema that has django_migrations and in which search_path does not look. */
async function findElsewhere(host: Host, target: Target, database: DatabaseTarget): Promise<Elsewhere | null> {
  const answer = await askAsService(
    host,
    target,
    database,
    "select n.nspname as schema, current_setting('search_path') as path from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relname = 'django_migrations' and c.relkind in ('r', 'p') and not pg_table_is_visible(c.oid) order by 1",
  )
  const [row] = answer.kind === 'rows' ? answer.rows : []
  return row ? (row as unknown as Elsewhere) : null
}

/** Migrating would make every table a second time. */
function inAnotherSchema(target: Target, {name, user}: DatabaseTarget, {schema, path}: Elsewhere): Verdict {
  return critical(
    'other-schema',
    `the tables of database "${name}" lie in schema ${schema}, where search_path ${path} of role "${user}" does not look`,
    remedy('Let search_path lead to them, then restart', 'manual', [
      psql('\\drds', name),
      psql(`alter role ${identifier(user)} in database ${identifier(name)} set search_path = ${identifier(schema)}`),
      restart(target),
    ]),
    {evidence: ['42P01 relation "django_migrations" does not exist'], because: ['database/privileges']},
  )
}

async function recordLost(host: Host, target: Target, database: DatabaseTarget): Promise<Verdict> {
  const tables = await askAsService(
    host,
    target,
    database,
    "select count(*)::int as count from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> 'django_migrations'",
  )
  const count = tables.kind === 'rows' ? Number(tables.rows[0]?.count) : 0
  if (count === 0) return neverMigrated(host, target, database)
  return critical(
    'record-lost',
    `django_migrations of database "${database.name}" is empty, beside ${count} tables: migrating stops at "already exists"`,
    remedy('Restore django_migrations from a backup', 'manual', [manage(target, 'showmigrations')]),
    {because: []},
  )
}
