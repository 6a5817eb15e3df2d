import {key, type Migration, type MigrationFacts} from '../../facts/django/migrations.ts'
import {findWantedExtensions, type WantedExtension} from '../../facts/postgres/extensions.ts'
import {identifier} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {provideExtensions} from '../../remedies/extensions.ts'
import {migrate} from '../../remedies/migrate.ts'
import {psql} from '../../remedies/psql.ts'
import {remedy} from '../../remedies/remedy.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {type Code, found} from './migrations.findings.ts'

/** What migrate will fail at once it begins; null where it will find every extension. */
export async function withoutExtension(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  facts: MigrationFacts,
  pending: readonly Migration[],
): Promise<Verdict<Code> | null> {
  const open = new Set(pending.map(key))
  const creating = facts.all.filter(each => open.has(key(each)))
  const names = [...new Set(creating.flatMap(({extensions = []}) => extensions))].sort()
  const wanted = await findWantedExtensions(host, target, database, names)
  const missing = wanted.filter(({available}) => !available)
  const refused = wanted.filter(({available, creatable}) => available && !creatable)
  const said = missing.length > 0 ? missing : refused
  const first = creating.find(({extensions = []}) =>
    said.some(({name}) => extensions.includes(name)),
  )
  if (!first) return null
  const migrated = await migrate(host, target)
  return missing.length > 0
    ? notAvailable(host, target, database, first, missing, migrated.steps)
    : notAllowed(database, first, refused, migrated.steps)
}

type Steps = Awaited<ReturnType<typeof migrate>>['steps']
type Wanted = readonly WantedExtension[]

async function notAvailable(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  migration: Migration,
  missing: Wanted,
  after: Steps,
): Promise<Verdict<Code>> {
  const names = missing.map(({name}) => name)
  const server = await target.platform.findPostgres(host, database.port)
  const cure = provideExtensions(target, database, server, names, after)
  return finding(found['extension-missing'](migration, names, database), cure, {
    evidence: [`not in pg_available_extensions: ${names.join(', ')}`],
  })
}

function notAllowed(
  database: DatabaseTarget,
  migration: Migration,
  refused: Wanted,
  after: Steps,
): Verdict<Code> {
  const names = refused.map(({name}) => name)
  const create = names.map(name => psql(`create extension ${identifier(name)}`, database.name))
  const cure = remedy('Create it as the superuser, then migrate', 'manual', [...create, ...after])
  return finding(found['extension-refused'](migration, names, database), cure)
}
