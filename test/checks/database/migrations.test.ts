import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest'
import {databaseMigrations} from '../../../src/checks/database/migrations.ts'
import {findMigrations, type MigratedApp} from '../../../src/probes/migrations.ts'
import {findTarget} from '../../../src/target.ts'
import {cannotLook, codes, type Edits, machine, verdicts} from '../../machine.ts'
import type {TestPostgres} from '../../postgres.ts'
import {keyEnding} from '../static/machines.ts'
import {openServer, withServer} from './machines.ts'

let server: TestPostgres
let apps: readonly MigratedApp[] = []

beforeAll(async () => {
  server = await openServer()
  const host = machine('healthy')
  apps = (await findMigrations(host, await findTarget(host, {unit: 'prism-django.service'}))).apps
  await server.sql(
    'create table django_migrations (id serial, app text, name text); alter table django_migrations owner to prism',
    'prism',
  )
})

beforeEach(async () => {
  const rows = apps.flatMap(({label, names}) => names.map(name => `('${label}', '${name}')`))
  await server.sql(
    `truncate django_migrations; insert into django_migrations (app, name) values ${rows.join(', ')}`,
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
  await server.sql('drop table beacon', 'prism')
  expect((await said())[0]).toMatchObject({code: 'never-migrated'})
  await server.sql('alter table django_migrations rename to aside', 'prism')
  expect((await said())[0]).toMatchObject({code: 'never-migrated'})
  await server.sql('alter table aside rename to django_migrations', 'prism')
})

test('settings that may not be read leave it open', async () => {
  const settings = keyEnding('readFile', '/prism/settings.py')
  await expect(said({readFile: {[settings]: cannotLook('may not be read', true)}})).rejects.toThrow('could not be read')
})
