import {Client} from 'pg'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {mostInUse} from '../../../src/checks/database/health.findings.ts'
import {databaseHealth} from '../../../src/checks/database/health.ts'
import {codes, machine, verdicts} from '../../machine.ts'
import type {TestPostgres} from '../../postgres.ts'
import {openServer, withServer} from './machines.ts'

let server: TestPostgres

beforeAll(async () => {
  server = await openServer()
})

afterAll(() => server.stop())

async function said() {
  const host = withServer(server)
  try {
    return await verdicts(databaseHealth, host)
  } finally {
    host.close()
    await server.left('prism-doctor')
  }
}

/** What it says while something is set, which no other test must find. */
async function saidWhile(set: string, reset: string) {
  await server.sql(set)
  try {
    return await said()
  } finally {
    await server.sql(reset)
  }
}

test('a recorded healthy machine', async () => {
  expect(await codes(databaseHealth, machine('healthy'))).toEqual(['ok ok'])
})

test('a healthy server tells how many connections are in use', async () => {
  const [finding] = await said()
  expect(finding).toMatchObject({
    status: 'ok',
    metrics: [{name: 'connections', direction: 'above', max: 17}],
  })
})

test.each([5, 17, 40, 100, 199, 200, 201, 1000])(
  'of %d connections there are few left right above the threshold that the number states',
  limit => {
    const few = (used: number): boolean => used >= limit * 0.9 && limit - used < 20
    expect([few(mostInUse(limit)), few(mostInUse(limit) + 1)]).toEqual([false, true])
  },
)

test.each([
  [
    'alter role prism set default_transaction_read_only = on',
    'alter role prism reset all',
    'role prism',
  ],
  [
    'alter database prism set default_transaction_read_only = on',
    'alter database prism reset all',
    'database prism',
  ],
  [
    'alter role prism set default_transaction_read_only = true',
    'alter role prism reset all',
    'role prism',
  ],
])('%s', async (broken, repaired, who) => {
  const [finding] = await saidWhile(broken, repaired)
  expect(finding).toMatchObject({status: 'critical', code: 'read-only', kind: 'cause'})
  expect(finding?.message).toContain(`is on for ${who}`)
  expect(finding?.remedy?.steps[0]?.shell).toContain(
    `alter ${who} reset default_transaction_read_only`,
  )
})

test('the role has nearly no connection left', async () => {
  const [finding] = await saidWhile(
    'alter role prism connection limit 1',
    'alter role prism connection limit -1',
  )
  expect(finding).toMatchObject({status: 'warning', code: 'few-connections'})
  expect(finding?.message).toBe('1 of the 1 connections of role "prism" are in use')
})

test('a statement_timeout in milliseconds where seconds were meant', async () => {
  const reset = 'alter role prism reset statement_timeout'
  expect(
    (await saidWhile("alter role prism set statement_timeout = '30s'", reset))[0]?.status,
  ).toBe('ok')
  const [finding] = await saidWhile('alter role prism set statement_timeout = 30', reset)
  expect(finding).toMatchObject({status: 'critical', code: 'statement-timeout', kind: 'cause'})
  expect(finding?.message).toContain('after 30 ms')
})

test('another version of the collation', async () => {
  await server.sql("update pg_database set datcollversion = '2.39' where datname = 'prism'")
  // The C locale of this server has no version: what was recorded means nothing then.
  expect((await said())[0]?.status).toBe('ok')
  const recorded = {
    recovery: false,
    readOnly: false,
    readOnlyBy: null,
    statementTimeout: 0,
    max: 97,
    used: 3,
    roleLimit: -1,
    roleUsed: 1,
  }
  const more = {databaseLimit: -1, databaseUsed: 2, recorded: '2.39', actual: '2.40', blocked: null}
  const host = {
    ...machine('healthy'),
    query: async () => ({kind: 'rows' as const, rows: [{...recorded, ...more}]}),
  }
  const [finding] = await verdicts(databaseHealth, host)
  expect(finding).toMatchObject({status: 'warning', code: 'collation'})
  expect(finding?.message).toContain('2.39')
  expect(finding?.remedy?.steps.map(({shell}) => /reindex|refresh/.exec(shell)?.[0])).toEqual([
    'reindex',
    'refresh',
  ])
  const standby = {
    ...host,
    query: async () => ({kind: 'rows' as const, rows: [{...recorded, ...more, recovery: true}]}),
  }
  expect(await codes(databaseHealth, standby)).toEqual(['critical recovery', 'warning collation'])
})

test('a session that waits for a lock, and who holds it', async () => {
  const asPrism = () =>
    new Client({host: server.host, port: server.port, user: 'prism', database: 'prism'})
  const [holder, waiter] = [asPrism(), asPrism()]
  await Promise.all([holder.connect(), waiter.connect()])
  const [row] = (await holder.query('select pg_backend_pid() as pid')).rows
  await holder.query('create table beacon (id int)')
  await holder.query('begin; lock table beacon')
  const waited = waiter.query('select * from beacon')
  const waiting = "select from pg_stat_activity where wait_event_type = 'Lock'"
  await expect.poll(() => server.sql(waiting), {timeout: 15_000}).toHaveLength(1)
  expect((await said())[0]?.status).toBe('ok')
  // Ten seconds later, by the clock that the check asks.
  await server.sql(
    "create schema later authorization prism; create function later.now() returns timestamptz language sql as $$select pg_catalog.now() + interval '10 s'$$",
    'prism',
  )
  const [finding] = await saidWhile(
    'alter role prism set search_path = later, pg_catalog, public',
    'alter role prism reset search_path',
  )
  await holder.query('rollback')
  await waited
  await Promise.all([holder.end(), waiter.end()])
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'blocked',
    kind: 'cause',
    remedy: {risk: 'manual'},
  })
  expect(finding?.message).toMatch(/waited \d\d s for a lock that a session of role "prism" holds/)
  expect(finding?.message).toContain(`pid ${row.pid}, idle in transaction)`)
})

test('a database that the role may not enter is left to database/privileges', async () => {
  await server.sql(
    'alter database prism owner to postgres; revoke connect on database prism from public, prism',
  )
  const found = await said()
  await server.sql('grant connect on database prism to public; alter database prism owner to prism')
  expect(found).toMatchObject([
    {status: 'ok', message: expect.stringMatching(/: see database\/privileges$/)},
  ])
})

test('a server that does not answer this time is not called healthy', async () => {
  const silent = {kind: 'unreachable' as const, code: 'ETIMEDOUT', message: 'no answer'}
  await expect(
    verdicts(databaseHealth, {...machine('healthy'), query: async () => silent}),
  ).rejects.toThrow('no answer')
})
