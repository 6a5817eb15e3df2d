import {compare, type Migration, unapplied} from '../../facts/django/migrations.ts'
import {findAppliedMigrations, findMissingTables} from '../../facts/postgres/django-migrations.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {answerOf, type Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {migrate} from '../../remedies/migrate.ts'
import {psql} from '../../remedies/psql.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {whileStarting} from '../../remedies/while-starting.ts'
import {finding, ok, type Verdict} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {CheckOf} from '../check.ts'
import {servicePackage} from '../service/package.ts'
import {databaseExists} from './exists.ts'
import {explanation} from './migrations.explanation.ts'
import {withoutExtension} from './migrations.extensions.ts'
import {migrationsFacts} from './migrations.facts.ts'
import {type Code, found} from './migrations.findings.ts'
import {brokenMigration, cannotMigrate} from './migrations.obstacle.ts'
import {neverMigrated, recordEmpty} from './migrations.unrecorded.ts'

export const databaseMigrations: CheckOf<Code> = {
  id: 'database/migrations',
  title: 'The database has exactly the migrations of the package',
  fix: 'migrates while database/cluster is ok, and restarts the service',
  explanation,
  findings: found,
  needs: [databaseExists, servicePackage],
  facts: migrationsFacts,
  async run({host, target, resultOf}) {
    const opened = await resultOf(databaseExists)
    if (!opened) return ok('the service uses no PostgreSQL')
    const {database, mayConnect} = opened
    const broken = brokenMigration(target)
    if (broken) return broken
    const facts = answerOf(target, 'which migrations the application has').migrations
    if (!facts) throw new CannotLook('Django did not say which migrations the application has')
    const applied = mayConnect ? await findAppliedMigrations(host, target, database) : 'denied'
    if (applied === 'denied')
      return ok(`the role may not read database "${database.name}": see database/privileges`)
    if (applied === 'missing' || applied.length === 0) {
      const all = unapplied(facts, new Set())
      const lacking = await withoutExtension(host, target, database, facts, all)
      if (lacking) return lacking
      const none = applied === 'missing' ? neverMigrated : recordEmpty
      return none(host, target, database)
    }
    const {pending, surplus, obstacle} = compare(facts, applied)
    const bad = [
      surplus.length > 0 ? ahead(target, database, surplus) : null,
      obstacle
        ? cannotMigrate(target, database, obstacle)
        : ((await withoutExtension(host, target, database, facts, pending)) ??
          (await behind(host, target, database, pending))),
    ].filter(verdict => verdict !== null)
    if (bad.length > 0) return bad
    const gone = await findMissingTables(host, target, database, facts.tables ?? [])
    if (gone.length > 0) return tablesGone(database, gone)
    const apps = new Set(facts.all.map(({app}) => app))
    return ok(`all ${facts.all.length} migrations of ${apps.size} applications are applied`)
  },
}

function ahead(
  target: Target,
  database: DatabaseTarget,
  surplus: readonly Migration[],
): Verdict<Code> {
  const {application, versions} = target.platform
  const summary = `Deploy the ${application} that made them again; do not roll back further`
  return finding(
    found.ahead(database, surplus),
    remedy(summary, 'manual', [versions ?? restart(target)]),
  )
}

/** Null where nothing is pending. */
async function behind(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  pending: readonly Migration[],
): Promise<Verdict<Code> | null> {
  if (pending.length === 0) return null
  const verdict = finding(found.pending(database, pending), await migrate(host, target))
  return whileStarting<Code>(host, target, 'migrate', verdict)
}

function tablesGone(database: DatabaseTarget, gone: readonly string[]): Verdict<Code> {
  const cure = remedy(
    'Restore the table from a backup; migrating will not make it again',
    'manual',
    [psql('\\dt', database.name), hand('sudo -u postgres pg_restore --list DUMP')],
  )
  return finding(found['tables-gone'](database, gone), cure, {
    evidence: [`42P01 relation "${gone[0]}" does not exist`],
  })
}
