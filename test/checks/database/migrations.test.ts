import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {databaseMigrations} from '../../../src/checks/database/migrations.ts'
import type {DjangoAnswer} from '../../../src/facts/django/django.ts'
import type {MigrationFacts} from '../../../src/facts/django/migrations.ts'
import {NotStated} from '../../../src/host/host.ts'
import {codes, djangoSaid, type Edits, machine, verdicts} from '../../machine.ts'
import type {TestPostgres} from '../../postgres.ts'
import {openServer, withServer} from './machines.ts'

let server: TestPostgres
const facts = (JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer)
  .migrations as MigrationFacts
const tables = facts.tables ?? []

beforeAll(async () => {
  server = await openServer()
  await server.sql(
    'create table django_migrations (id serial, app text, name text); alter table django_migrations owner to prism',
    'prism',
  )
})

beforeEach(async () => {
  const rows = facts.all.map(({app, name}) => `('${app}', '${name}')`)
  await server.sql(
    `${tables.map(name => `create table if not exists ${name} (id int);`).join(' ')}
    truncate django_migrations; insert into django_migrations (app, name) values ${rows.join(', ')}`,
    'prism',
  )
})

afterAll(() => server.stop())

async function said(edits: Edits = {}) {
  const host = withServer(server, edits)
  try {
    return await verdicts(databaseMigrations, host)
  } finally {
    host.close()
  }
}

type Told = MigrationFacts['all'][number]

/** Django finds other migrations on disk. */
function told(change: (facts: MigrationFacts) => MigrationFacts | null): Edits {
  return {django: said => ({...said, migrations: change(facts)})}
}

/** A migration of lighthouse that follows others. */
function follows(name: string, ...parents: readonly string[]): Told {
  return {
    app: 'lighthouse',
    name,
    replaces: [],
    dependencies: parents.map(parent => ['lighthouse', parent]),
  }
}

/** Those of lighthouse beside the others. */
const adding = (...more: readonly Told[]): Edits =>
  told(all => ({...all, all: [...all.all, ...more]}))

test("the package's own migrations and Django's", async () => {
  expect(await codes(databaseMigrations, machine('healthy'))).toEqual(['ok ok'])
  expect(await said()).toMatchObject([
    {status: 'ok', message: 'all 27 migrations of 7 applications are applied'},
  ])
})

test('one that was never applied', async () => {
  const [finding] = await said(adding(follows('0005_note', '0004_beacon_enabled')))
  expect(finding).toMatchObject({status: 'critical', code: 'pending'})
  expect(finding?.message).toContain('lighthouse.0005_note')
  expect(finding?.remedy?.requires).toContain('database/cluster')
})

test("a third-party application's counts as well", async () => {
  await server.sql(
    "delete from django_migrations where app = 'auth' and name like '0012%'",
    'prism',
  )
  expect((await said())[0]?.message).toContain('auth.0012_')
})

test('a table that a migration made is gone', async () => {
  await server.sql('drop table django_session, lighthouse_reading', 'prism')
  const [finding] = await said()
  expect(finding).toMatchObject({status: 'critical', code: 'tables-gone', remedy: {risk: 'manual'}})
  expect(finding?.message).toContain('has no table django_session, lighthouse_reading,')
})

test('no table is missed where routers decide which database has it', async () => {
  await server.sql('drop table django_session', 'prism')
  expect((await said(told(all => ({...all, tables: null}))))[0]?.status).toBe('ok')
})

test('a migration in the middle is gone from the package: that makes the database no newer', async () => {
  const error = {
    kind: 'parent-missing' as const,
    message:
      "Migration lighthouse.0003_first_beacon dependencies reference nonexistent parent node ('lighthouse', '0002_reading')",
    node: ['lighthouse', '0002_reading'],
    origin: ['lighthouse', '0003_first_beacon'],
  }
  const found = await said(
    told(all => ({
      ...all,
      all: all.all.filter(({name}) => name !== '0002_reading'),
      error,
      tables: null,
    })),
  )
  expect(found).toMatchObject([
    {status: 'critical', code: 'parent-missing', because: ['service/active']},
  ])
  expect(found[0]?.message).toContain(
    'lighthouse.0003_first_beacon but not lighthouse.0002_reading',
  )
})

test('one that the package lacks: it was rolled back', async () => {
  await server.sql(
    "insert into django_migrations (app, name) values ('lighthouse', '0005_owner')",
    'prism',
  )
  const [finding] = await said()
  expect(finding).toMatchObject({status: 'critical', code: 'ahead', kind: 'cause'})
  expect(finding?.message).toContain('lighthouse.0005_owner')
  expect(JSON.stringify(finding?.remedy)).not.toContain('--rollback')
})

test('rows of an application that is no longer installed mean nothing', async () => {
  await server.sql(
    "insert into django_migrations (app, name) values ('gone', '0001_initial')",
    'prism',
  )
  expect((await said())[0]?.status).toBe('ok')
})

test('a squashed migration stands for those that it replaces, in both directions', async () => {
  const name = '0001_squashed_0004'
  const own = facts.all
    .filter(({app}) => app === 'lighthouse')
    .map(each => ['lighthouse', each.name] as [string, string])
  const squashed: Told = {app: 'lighthouse', name, replaces: own, dependencies: []}
  const alone = told(all => ({
    ...all,
    all: [...all.all.filter(({app}) => app !== 'lighthouse'), squashed],
  }))
  expect((await said(adding(squashed)))[0]?.status).toBe('ok')
  expect((await said(alone))[0]?.status).toBe('ok')
  await server.sql(
    `insert into django_migrations (app, name) values ('lighthouse', '${name}')`,
    'prism',
  )
  expect((await said(alone))[0]?.status).toBe('ok')
})

test('one whose parent the package lacks, which no restart applies', async () => {
  const error = {
    kind: 'parent-missing' as const,
    message: 'Migration lighthouse.0006_x dependencies reference nonexistent parent node',
    node: ['lighthouse', '0005_gone'],
    origin: ['lighthouse', '0006_x'],
  }
  const more = follows('0006_x', '0005_gone')
  const [finding] = await said(
    told(all => ({...all, all: [...all.all, more], error, tables: null})),
  )
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'parent-missing',
    because: ['service/active'],
    remedy: {risk: 'manual'},
  })
  expect(finding?.message).toContain('lighthouse.0006_x but not lighthouse.0005_gone')
})

test('two that follow the same one', async () => {
  const two = [follows('0005_b', '0004_beacon_enabled'), follows('0005_c', '0004_beacon_enabled')]
  const conflicts = {lighthouse: ['0005_b', '0005_c']}
  const [finding] = await said(
    told(all => ({...all, all: [...all.all, ...two], conflicts, tables: null})),
  )
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'conflict',
    because: ['service/active'],
    remedy: {risk: 'manual'},
  })
  expect(finding?.message).toContain('lighthouse.0005_b, lighthouse.0005_c')
  expect((await said(adding(...two, follows('0006_merge', '0005_b', '0005_c'))))[0]).toMatchObject({
    code: 'pending',
  })
})

test('one that Django cannot read, in its own words', async () => {
  const error = {
    kind: 'bad' as const,
    message: 'Migration 0005_x in app lighthouse has no Migration class',
    node: null,
    origin: null,
  }
  const [finding] = await said(told(all => ({...all, all: [], error, tables: null})))
  expect(finding).toMatchObject({status: 'critical', code: 'broken', because: ['service/active']})
  expect(finding?.message).toContain('Migration 0005_x in app lighthouse has no Migration class')
})

test('one that cannot be imported is named with its line; what a library raises proves nothing', async () => {
  const place = {file: '/srv/app/lighthouse/migrations/0005_x.py', line: 3}
  const link = {
    type: 'ModuleNotFoundError',
    message: "No module named 'wick'",
    place,
    own: true,
    template: null,
    name: 'wick',
    errno: null,
    filename: null,
  }
  const fails = (own: boolean): Edits => ({
    django: said => ({
      ...said,
      migrations: null,
      failures: [{stage: 'migrations', chain: [{...link, own}]}],
    }),
  })
  const [finding] = await said(fails(true))
  expect(finding).toMatchObject({status: 'critical', code: 'broken'})
  expect(finding?.message).toContain(
    "ModuleNotFoundError: No module named 'wick' (/srv/app/lighthouse/migrations/0005_x.py:3)",
  )
  await expect(said(fails(false))).rejects.toThrow('Django did not say which migrations')
})

test('one that is recorded before what it depends on', async () => {
  await server.sql(
    "delete from django_migrations where app = 'lighthouse' and name = '0002_reading'",
    'prism',
  )
  const [finding] = await said()
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'inconsistent',
    kind: 'cause',
    remedy: {risk: 'manual'},
  })
  expect(finding?.message).toContain(
    'lighthouse.0003_first_beacon applied but not lighthouse.0002_reading',
  )
})

test('tables in a schema in which nobody looks are not made a second time', async () => {
  await server.sql('create schema kept; alter table django_migrations set schema kept', 'prism')
  const [finding] = await said()
  await server.sql(
    'alter table kept.django_migrations set schema public; drop schema kept',
    'prism',
  )
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'other-schema',
    because: ['database/privileges'],
    remedy: {risk: 'manual'},
  })
  expect(finding?.message).toContain('schema kept')
})

test('no record beside tables, and nothing at all', async () => {
  await server.sql(
    'truncate django_migrations; create table beacon (id int); alter table beacon owner to prism',
    'prism',
  )
  expect((await said())[0]).toMatchObject({status: 'critical', code: 'record-lost'})
  await server.sql(`drop table beacon, ${tables.join(', ')}`, 'prism')
  expect((await said())[0]).toMatchObject({code: 'never-migrated'})
  await server.sql('alter table django_migrations rename to aside', 'prism')
  expect((await said())[0]).toMatchObject({code: 'never-migrated'})
  await server.sql('alter table aside rename to django_migrations', 'prism')
})

test('a database that the role may not enter or read is left to database/privileges', async () => {
  const left = [{status: 'ok', message: expect.stringMatching(/: see database\/privileges$/)}]
  await server.sql('alter table django_migrations owner to postgres', 'prism')
  expect(await said()).toMatchObject(left)
  await server.sql('alter table django_migrations owner to prism', 'prism')
  await server.sql(
    'alter database prism owner to postgres; revoke connect on database prism from public, prism',
  )
  expect(await said()).toMatchObject(left)
  await server.sql('grant connect on database prism to public; alter database prism owner to prism')
})

test('settings that could not be imported leave it open', async () => {
  const Environment = 'POSTGRES_USER=prism POSTGRES_DB=prism POSTGRES_HOST=localhost'
  const show = {'prism-django.service': {Environment}}
  await expect(said({show, django: said => ({...said, settings: {}})})).rejects.toThrow(NotStated)
})

describe('an extension that a pending migration creates', () => {
  const creating = (...extensions: readonly string[]): Edits =>
    adding({...follows('0005_vector', '0004_beacon_enabled'), extensions: [...extensions]})

  test('and this PostgreSQL has no files of', async () => {
    expect(await said(creating('vector'))).toMatchObject([
      {
        status: 'critical',
        code: 'extension-missing',
        kind: 'cause',
        message:
          'lighthouse.0005_vector creates the extension vector, which PostgreSQL at localhost:5432 has no files of: migrate fails',
        remedy: {
          risk: 'manual',
          summary: 'Install vector for this PostgreSQL, then rebuild',
          nix: 'services.postgresql.extensions = ps: [ ps.pgvector ];',
        },
      },
    ])
  })

  test('before anything was migrated', async () => {
    await server.sql('alter table django_migrations rename to elsewhere', 'prism')
    const found = await said(creating('vector')).finally(() =>
      server.sql('alter table elsewhere rename to django_migrations', 'prism'),
    )
    expect(found).toMatchObject([{code: 'extension-missing'}])
  })

  test('and the role may not create, until somebody did', async () => {
    const extension = 'pg_stat_statements'
    const [finding] = await said(creating(extension))
    expect(finding).toMatchObject({code: 'extension-refused', kind: 'cause'})
    expect(finding?.message).toMatch(
      /creates the extension pg_stat_statements, which role "prism" may not create: migrate fails$/,
    )
    expect(finding?.remedy?.steps[0]?.shell).toBe(
      `sudo -u postgres psql -d prism -c 'create extension ${extension}'`,
    )
    await server.sql(`create extension ${extension}`, 'prism')
    const created = await said(creating(extension))
    await server.sql(`drop extension ${extension}`, 'prism')
    expect(created).toMatchObject([{code: 'pending'}])
  })

  test('and is a trusted one, which the owner of the database may create', async () => {
    expect(await said(creating('hstore'))).toMatchObject([{code: 'pending'}])
    await server.sql('alter database prism owner to postgres')
    const denied = await said(creating('hstore'))
    await server.sql('alter database prism owner to prism')
    expect(denied).toMatchObject([{code: 'extension-refused'}])
  })

  test("is nobody's matter once the migration is applied", async () => {
    const done = {...facts, all: facts.all.map(each => ({...each, extensions: ['vector']}))}
    expect(await said(told(() => done))).toMatchObject([{status: 'ok'}])
  })
})
