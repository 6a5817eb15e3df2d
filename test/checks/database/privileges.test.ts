import {afterAll, beforeAll, expect, test} from 'vitest'
import {databasePrivileges} from '../../../src/checks/database/privileges.ts'
import {codes, type Edits, machine, verdicts} from '../../machine.ts'
import type {TestPostgres} from '../../postgres.ts'
import {openServer, withServer} from './machines.ts'

let server: TestPostgres

beforeAll(async () => {
  server = await openServer()
})

afterAll(() => server.stop())

async function said(edits: Edits = {}) {
  const host = withServer(server, edits)
  try {
    return await verdicts(databasePrivileges, host)
  } finally {
    host.close()
  }
}

const stopped: Edits = {show: {'prism-django.service': {ActiveState: 'failed'}}}

test('a recorded healthy machine, and a healthy server', async () => {
  expect(await codes(databasePrivileges, machine('healthy'))).toEqual(['ok ok'])
  expect((await said())[0]?.status).toBe('ok')
})

test('no CONNECT privilege', async () => {
  await server.sql(
    'alter database prism owner to postgres; revoke connect on database prism from public, prism',
  )
  const [finding] = await said()
  await server.sql('grant connect on database prism to public; alter database prism owner to prism')
  expect(finding).toMatchObject({status: 'critical', code: 'connect', kind: 'cause'})
  expect(finding?.remedy?.steps[0]?.shell).toBe(
    "sudo -u postgres psql -c 'grant connect on database prism to prism'",
  )
})

test('the schema of a database that postgres owns takes nothing: since PostgreSQL 15 only its owner may create there', async () => {
  await server.sql('alter database prism owner to postgres')
  const [running] = await said()
  const [down] = await said(stopped)
  await server.sql('alter database prism owner to prism')
  expect(running).toMatchObject({status: 'warning', code: 'may-not-create'})
  expect(down).toMatchObject({
    status: 'critical',
    code: 'may-not-create',
    remedy: {risk: 'disruptive', requires: ['database/cluster']},
  })
  expect(down?.message).toContain('belongs to postgres')
})

test('search_path leads nowhere', async () => {
  await server.sql('alter role prism set search_path = nowhere')
  const [finding] = await said()
  await server.sql('alter role prism reset search_path')
  expect(finding).toMatchObject({status: 'critical', code: 'no-schema'})
  expect(finding?.message).toContain('"nowhere"')
})

test('tables of another role: those that cannot be used are worse than those that cannot be changed', async () => {
  await server.sql('create table lighthouse_beacon_lamps (id serial primary key)', 'prism')
  const [locked] = await said()
  expect(locked).toMatchObject({status: 'critical', code: 'foreign-tables'})
  expect(locked?.message).toContain('lighthouse_beacon_lamps (postgres)')
  expect(locked?.remedy?.steps[0]?.shell).toContain(
    'alter table public.lighthouse_beacon_lamps owner to prism',
  )
  await server.sql(
    'grant all on all tables in schema public to prism; grant all on all sequences in schema public to prism',
    'prism',
  )
  expect((await said())[0]).toMatchObject({status: 'warning', code: 'foreign-tables'})
  await server.sql('drop table lighthouse_beacon_lamps', 'prism')
})

test('tables of another program in the same schema are its own matter', async () => {
  await server.sql('create table grafana (id serial primary key)', 'prism')
  expect((await said())[0]?.status).toBe('ok')
  await server.sql('drop table grafana', 'prism')
})

test('a table of a role that the service is a member of is its own', async () => {
  await server.sql('create role owners; grant owners to prism')
  await server.sql('create table shared (id int); alter table shared owner to owners', 'prism')
  expect((await said())[0]?.status).toBe('ok')
  await server.sql('drop table shared', 'prism')
})

test('a table of its own that it may no longer read is granted to it again, and needs no other owner', async () => {
  await server.sql(
    'create table lighthouse_reading (id int); alter table lighthouse_reading owner to prism; revoke select on lighthouse_reading from prism',
    'prism',
  )
  const [finding] = await said()
  await server.sql('drop table lighthouse_reading', 'prism')
  expect(finding).toMatchObject({status: 'critical', code: 'foreign-tables'})
  expect(finding?.message).toContain('may not use lighthouse_reading (prism)')
  expect(finding?.remedy?.steps[0]?.shell).toContain(
    'grant all on table public.lighthouse_reading to prism',
  )
})
