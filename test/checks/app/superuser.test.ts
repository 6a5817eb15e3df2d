import {afterAll, beforeAll, expect, test} from 'vitest'
import {appSuperuser} from '../../../src/checks/app/superuser.ts'
import type {DjangoAnswer} from '../../../src/facts/django/django.ts'
import {codes, type Edits, machine, verdicts} from '../../machine.ts'
import type {TestPostgres} from '../../postgres.ts'
import {openServer, withServer} from '../database/machines.ts'

let server: TestPostgres

beforeAll(async () => {
  server = await openServer()
  // A user model of the project's own: the name of its table says nothing.
  const columns =
    'password text, last_login timestamptz, is_superuser boolean, is_active boolean, email text'
  await server.sql(`create table people (${columns}); alter table people owner to prism`, 'prism')
})

afterAll(() => server.stop())

async function said(accounts: readonly string[], edits: Edits = {}): Promise<readonly string[]> {
  await server.sql('truncate people', 'prism')
  for (const account of accounts)
    await server.sql(
      `insert into people (is_superuser, is_active, password${account.split(',').length > 3 ? ', is_staff' : ''}) values (${account})`,
      'prism',
    )
  const host = withServer(server, edits)
  try {
    return await codes(appSuperuser, host)
  } finally {
    host.close()
  }
}

test('somebody may administer', async () => {
  expect(await codes(appSuperuser, machine('healthy'))).toEqual(['ok ok'])
  expect(await said(["true, true, 'pbkdf2'", "true, true, '!x'", "false, true, ''"])).toEqual([
    'ok ok',
  ])
})

test('nobody', async () => {
  expect(await said([])).toEqual(['warning none'])
  expect(await said(["false, true, ''"])).toEqual(['warning none'])
})

test('nobody here, since the accounts are in a schema where search_path does not look', async () => {
  await server.sql('create schema kept; create table kept.people (id int)', 'prism')
  const host = withServer(server)
  const [finding] = await verdicts(appSuperuser, host)
  host.close()
  await server.sql('drop schema kept cascade', 'prism')
  expect(finding?.message).toBe(
    'no account in people is a superuser, and schema kept has one of that name as well: see where search_path leads',
  )
})

test('only one who may not log in', async () => {
  expect(await said(["true, false, ''", "false, true, ''"])).toEqual(['warning inactive'])
})

test('only one who is not staff, where the model knows of that', async () => {
  await server.sql('alter table people add is_staff boolean', 'prism')
  const nobody = await said(["true, true, 'pbkdf2', false", "false, true, '', true"])
  const somebody = await said(["true, true, 'pbkdf2', true"])
  await server.sql('alter table people drop is_staff', 'prism')
  expect(nobody).toEqual(['warning not-staff'])
  expect(somebody).toEqual(['ok ok'])
})

test('only one who has no password, unless there are other ways to log in', async () => {
  expect(await said(["true, true, '!x'", "false, true, 'pbkdf2'"])).toEqual(['warning unusable'])
  const backends = (AUTHENTICATION_BACKENDS: unknown) => ({
    django: {settings: {AUTHENTICATION_BACKENDS}},
  })
  expect(await said(["true, true, '!x'"], backends(['sso.Backend']))).toEqual(['ok ok'])
  // Where it is not known, nothing is said either.
  expect(await said(["true, true, '!x'"], backends(undefined))).toEqual(['ok ok'])
})

test('an application without an admin site needs nobody', async () => {
  const without = (said: DjangoAnswer): DjangoAnswer => ({
    ...said,
    apps: (said.apps ?? []).filter(({name}) => name !== 'django.contrib.admin'),
  })
  expect(await said([], {django: without})).toEqual(['ok ok'])
})
