import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest'
import {databaseMigrations} from '../../../src/checks/database/migrations.ts'
import {findMigrations, type MigratedApp, tablesOf} from '../../../src/probes/migrations.ts'
import {findTarget} from '../../../src/target.ts'
import {cannotLook, codes, type Edits, machine, recorded, verdicts} from '../../machine.ts'
import type {TestPostgres} from '../../postgres.ts'
import {keyEnding} from '../static/machines.ts'
import {openServer, withServer} from './machines.ts'

let server: TestPostgres
let apps: readonly MigratedApp[] = []
let tables: readonly string[] = []

beforeAll(async () => {
  server = await openServer()
  const host = machine('healthy')
  const target = await findTarget(host, {unit: 'prism-django.service'})
  apps = (await findMigrations(host, target)).apps
  await server.sql(
    'create table django_migrations (id serial, app text, name text); alter table django_migrations owner to prism',
    'prism',
  )
  tables = await tablesOf(host, target, apps)
})

beforeEach(async () => {
  const rows = apps.flatMap(({label, names}) => names.map(name => `('${label}', '${name}')`))
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

const lighthouse = (): string => keyEnding('list', '/lighthouse/migrations')
const listed = (...more: readonly string[]): readonly string[] => [
  ...(apps.find(({label}) => label === 'lighthouse')?.names ?? []).map(name => `${name}.py`),
  '__init__.py',
  ...more,
]

test("the package's own migrations and Django's", async () => {
  expect(apps.map(({label}) => label).sort()).toEqual([
    'accounts',
    'admin',
    'auth',
    'contenttypes',
    'lighthouse',
    'notifications',
    'sessions',
  ])
  expect(await codes(databaseMigrations, machine('healthy'))).toEqual(['ok ok'])
  expect((await said())[0]?.status).toBe('ok')
})

test('one that was never applied', async () => {
  const [finding] = await said({list: {[lighthouse()]: listed('0005_note.py')}})
  expect(finding).toMatchObject({status: 'critical', code: 'pending'})
  expect(finding?.message).toContain('lighthouse.0005_note')
  expect(finding?.remedy?.requires).toContain('database/cluster')
})

test("a third-party application's counts as well", async () => {
  await server.sql("delete from django_migrations where app = 'auth' and name like '0012%'", 'prism')
  expect((await said())[0]?.message).toContain('auth.0012_')
})

test('what begins with "_" or "~", and what is no module, is none', async () => {
  const odd = ['__pycache__', '_draft.py', '~backup.py', 'README', '.0005_note.py.swp']
  expect((await said({list: {[lighthouse()]: listed(...odd)}}))[0]?.status).toBe('ok')
})

test('a table that a migration made is gone', async () => {
  await server.sql('drop table django_session, lighthouse_reading', 'prism')
  const [finding] = await said()
  expect(finding).toMatchObject({status: 'critical', code: 'tables-gone', remedy: {risk: 'manual'}})
  expect(finding?.message).toContain('has no table django_session, lighthouse_reading,')
})

test('the tables of an application, by what its files tell', async () => {
  const directory = '/srv/app/lamps/migrations'
  const app = {label: 'lamps', directory, names: ['0001_initial', '0002_more']}
  const made = async (first: string, second = '', settings?: string): Promise<readonly string[]> => {
    const path = keyEnding('readFile', '/prism/settings.py')
    const file = recorded('healthy', 'readFile', path) as {text: string}
    const host = machine('healthy', {
      readFile: {
        [`${directory}/0001_initial.py`]: {kind: 'file', text: first, utf8: true},
        [`${directory}/0002_more.py`]: {kind: 'file', text: second, utf8: true},
        ...(settings && {[path]: {...file, text: `${file.text}\n${settings}\n`}}),
      },
    })
    return tablesOf(host, await findTarget(host, {unit: 'prism-django.service'}), [app])
  }
  const create = (name: string, options = ''): string =>
    `migrations.CreateModel(\n  name='${name}',\n  fields=[('id', models.BigAutoField())],\n  options={${options}},\n),\n`
  expect(await made(create('Lamp'), "migrations.CreateModel('Wick', [])")).toEqual(['lamps_lamp', 'lamps_wick'])
  expect(await made(create('Lamp', "'db_table': 'lights'"))).toEqual(['lights'])
  expect(await made(create('Lamp', "'proxy': True") + create('View', "'managed': False"))).toEqual([])
  const keeper = create('Keeper', "'swappable': 'AUTH_USER_MODEL'")
  expect(await made(keeper)).toEqual(['lamps_keeper'])
  expect(await made(keeper, '', "AUTH_USER_MODEL = 'other.User'")).toEqual([])
  expect(await made(create('Application', "'swappable': 'OAUTH_APPLICATION'"))).toEqual([])
  expect(await made(create('Lamp'), "migrations.RunSQL('DROP TABLE lamps_lamp')")).toEqual([])
  for (const changed of ['DeleteModel', 'RenameModel', 'AlterModelTable', 'SeparateDatabaseAndState'])
    expect(await made(create('Lamp'), `migrations.${changed}('Lamp')`)).toEqual([])
  expect(await made(create('Lamp'), '', "DATABASE_ROUTERS = ['x.Router']")).toEqual([])
})

test('a migration in the middle is gone from the package: that makes the database no newer', async () => {
  const names = listed().filter(name => name !== '0002_reading.py')
  const said_ = await said({list: {[lighthouse()]: names}})
  expect(said_).toMatchObject([{status: 'critical', code: 'parent-missing', because: ['service/active']}])
  expect(said_[0]?.message).toContain('lighthouse.0003_first_beacon and not lighthouse.0002_reading')
})

test('migrations that MIGRATION_MODULES moves are looked for there, and passed over where it says None', async () => {
  const path = keyEnding('readFile', '/prism/settings.py')
  const file = recorded('healthy', 'readFile', path) as {text: string}
  const project = path.replace(/\/prism\/settings\.py$/, '')
  const apps = async (modules: string, list: Edits['list'] = {}) => {
    const text = `${file.text}\nMIGRATION_MODULES = ${modules}\n`
    const host = machine('healthy', {readFile: {[path]: {...file, text}}, list})
    return findMigrations(host, await findTarget(host, {unit: 'prism-django.service'}))
  }
  const there = await apps("{'sessions': 'prism.moved'}", {[`${project}/prism/moved`]: ['0001_own.py', '__init__.py']})
  expect(there.complete).toBe(true)
  expect(there.apps.find(({label}) => label === 'sessions')?.names).toEqual(['0001_own'])
  expect((await apps("{'sessions': None}")).apps.map(({label}) => label)).not.toContain('sessions')
  expect((await apps('dict(moved)')).complete).toBe(false)
})

test('one that the package lacks: it was rolled back', async () => {
  await server.sql("insert into django_migrations (app, name) values ('lighthouse', '0005_owner')", 'prism')
  const [finding] = await said()
  expect(finding).toMatchObject({status: 'critical', code: 'ahead', because: []})
  expect(finding?.message).toContain('lighthouse.0005_owner')
  expect(JSON.stringify(finding?.remedy)).not.toContain('--rollback')
})

test('rows of an application that is no longer installed mean nothing', async () => {
  await server.sql("insert into django_migrations (app, name) values ('gone', '0001_initial')", 'prism')
  expect((await said())[0]?.status).toBe('ok')
})

test('a squashed migration stands for those that it replaces, in both directions', async () => {
  const squashed = '0001_squashed_0004'
  const names = apps.find(({label}) => label === 'lighthouse')?.names ?? []
  const replaces = names.map(name => `('lighthouse', '${name}')`).join(', ')
  const text = `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    replaces = [${replaces}]\n`
  const file = {[`${lighthouse()}/${squashed}.py`]: {kind: 'file', text, utf8: true}}
  const beside = {list: {[lighthouse()]: listed(`${squashed}.py`)}, readFile: file}
  const alone = {list: {[lighthouse()]: [`${squashed}.py`, '__init__.py']}, readFile: file}
  expect((await said(beside))[0]?.status).toBe('ok')
  expect((await said(alone))[0]?.status).toBe('ok')
  await server.sql(`insert into django_migrations (app, name) values ('lighthouse', '${squashed}')`, 'prism')
  expect((await said(alone))[0]?.status).toBe('ok')
})

/** A migration of lighthouse that follows others. */
function follows(name: string, ...parents: readonly (readonly [string, string])[]): Readonly<Record<string, unknown>> {
  const pairs = parents.map(([app, parent]) => `('${app}', '${parent}')`).join(', ')
  const text = `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [\n        ${pairs},\n    ]\n`
  return {[`${lighthouse()}/${name}.py`]: {kind: 'file', text, utf8: true}}
}

/** The files of lighthouse as they are, each after the one before. */
function chain(): Readonly<Record<string, unknown>> {
  const names = apps.find(({label}) => label === 'lighthouse')?.names ?? []
  return Object.assign(
    {},
    ...names.map((name, at) => follows(name, ...(at > 0 ? [['lighthouse', names[at - 1] ?? ''] as const] : []))),
  )
}

test('one whose parent the package lacks, which no restart applies', async () => {
  const readFile = {...chain(), ...follows('0006_x', ['lighthouse', '0005_gone'])}
  const [finding] = await said({list: {[lighthouse()]: listed('0006_x.py')}, readFile})
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'parent-missing',
    because: ['service/active'],
    remedy: {risk: 'manual'},
  })
  expect(finding?.message).toContain('lighthouse.0006_x and not lighthouse.0005_gone')
})

test('two that follow the same one', async () => {
  const parent = ['lighthouse', '0004_beacon_enabled'] as const
  const readFile = {...chain(), ...follows('0005_b', parent), ...follows('0005_c', parent)}
  const two = {list: {[lighthouse()]: listed('0005_b.py', '0005_c.py')}, readFile}
  const [finding] = await said(two)
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'conflict',
    because: ['service/active'],
    remedy: {risk: 'manual'},
  })
  expect(finding?.message).toContain('lighthouse.0005_b, lighthouse.0005_c')
  const merged = {...readFile, ...follows('0006_merge', ['lighthouse', '0005_b'], ['lighthouse', '0005_c'])}
  const three = {list: {[lighthouse()]: listed('0005_b.py', '0005_c.py', '0006_merge.py')}, readFile: merged}
  expect((await said(three))[0]).toMatchObject({code: 'pending'})
  // Computed dependencies, as of a third-party application: nothing is known of what they follow.
  const computed = {...readFile, ...follows('0005_c')}
  expect((await said({...two, readFile: computed}))[0]).toMatchObject({code: 'pending'})
})

test('one that is recorded before what it depends on', async () => {
  await server.sql("delete from django_migrations where app = 'lighthouse' and name = '0002_reading'", 'prism')
  const [finding] = await said({readFile: chain()})
  expect(finding).toMatchObject({status: 'critical', code: 'inconsistent', because: [], remedy: {risk: 'manual'}})
  expect(finding?.message).toContain('lighthouse.0003_first_beacon applied and not lighthouse.0002_reading')
})

test('tables in a schema in which nobody looks are not made a second time', async () => {
  await server.sql('create schema kept; alter table django_migrations set schema kept', 'prism')
  const [finding] = await said()
  await server.sql('alter table kept.django_migrations set schema public; drop schema kept', 'prism')
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

test('settings that may not be read leave it open', async () => {
  const settings = keyEnding('readFile', '/prism/settings.py')
  await expect(said({readFile: {[settings]: cannotLook('may not be read', true)}})).rejects.toThrow('could not be read')
})
