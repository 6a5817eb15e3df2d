import {Client} from 'pg'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {mostInUse} from '../../../src/checks/database/health.findings.ts'
import {databaseHealth} from '../../../src/checks/database/health.ts'
import {findSequencesBehind} from '../../../src/facts/postgres/sequences.ts'
import type {DatabaseTarget} from '../../../src/facts/target/database.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import type {Host} from '../../../src/host/host.ts'
import {journal, journalStart, service, unitName} from '../../journal.ts'
import {codes, type Edits, machine, verdicts} from '../../machine.ts'
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

/** What the service logged a minute ago, and what is set meanwhile. */
async function saidAfter(
  text: string,
  set: string,
  reset: string,
  more: object = {},
  edits: Edits = {},
) {
  const lines = [service(`django.db.utils.OperationalError: ${text}`, {at: -60})]
  await server.sql(set)
  const host = withServer(server, {...edits, journal: {[unitName]: journal(lines), ...more}})
  try {
    return await verdicts(databaseHealth, {...host, now: () => journalStart})
  } finally {
    host.close()
    await server.sql(reset)
    await server.left('prism-doctor')
  }
}

describe('what a limit did within the last hour', () => {
  test.each([
    [
      'canceling statement due to statement timeout',
      "alter role prism set statement_timeout = '5s'",
      'alter role prism reset all',
      /^PostgreSQL ended statements of the service within the last hour \(logged once\): statement_timeout is 5s \(of role prism\)$/,
    ],
    [
      'canceling statement due to lock timeout',
      "alter database prism set lock_timeout = '500ms'",
      'alter database prism reset all',
      /that waited for a lock within .*: lock_timeout is 500 ms \(of the database\)$/,
    ],
    [
      'terminating connection due to idle-in-transaction timeout',
      "alter role prism in database prism set idle_in_transaction_session_timeout = '1min'",
      'alter role prism in database prism reset all',
      /in the middle of a transaction .*: idle_in_transaction_session_timeout is 60 s \(of the role in the database\)$/,
    ],
    [
      'terminating connection due to idle-session timeout\nserver closed the connection unexpectedly',
      "alter role prism set idle_session_timeout = '1min'",
      'alter role prism reset all',
      /ended connections that the service had kept .*: idle_session_timeout is 60 s \(of the role\)$/,
    ],
  ])('%s', async (text, set, reset, message) => {
    const [finding, ...others] = await saidAfter(text, set, reset)
    expect(others).toEqual([])
    expect(finding).toMatchObject({status: 'warning', code: 'timed-out', kind: 'cause'})
    expect(finding?.message).toMatch(message)
    // The same is set, and nothing came of it; or it was lifted since.
    expect((await saidWhile(set, reset))[0]?.status).toBe('ok')
    expect((await saidAfter(text, 'select', 'select'))[0]?.status).toBe('ok')
  })

  test('a session that was idle is told nothing, and the server knows why', async () => {
    const text = 'server closed the connection unexpectedly'
    const postgres = (...said: readonly string[]) => ({
      'postgresql.service': said.map(each => ({
        at: journalStart - 120_000,
        text: `[321] FATAL:  ${each}`,
        unit: 'postgresql.service',
        uid: 0,
        pid: 321,
      })),
    })
    const set = [
      "alter role prism set idle_session_timeout = '1min'",
      'alter role prism reset all',
    ] as const
    const [finding] = await saidAfter(
      text,
      ...set,
      postgres('terminating connection due to idle-session timeout'),
    )
    expect(finding).toMatchObject({code: 'timed-out', status: 'warning'})
    expect(finding?.message).toContain('idle_session_timeout is 60 s (of the role)')
    // Django keeps its connections for longer, so that every pause ends in an error.
    const keeping = {django: {databases: {default: {connMaxAge: 600}}}} as const
    const why = postgres('terminating connection due to idle-session timeout')
    const [again] = await saidAfter(text, ...set, why, keeping)
    expect(again?.status).toBe('critical')
    // It was restarted.
    const other = postgres('terminating connection due to administrator command')
    expect((await saidAfter(text, ...set, other))[0]?.status).toBe('ok')
  })

  test('connections of the role were refused', async () => {
    const text =
      'connection to server at "::1" failed: FATAL:  too many connections for role "prism"'
    const [finding, ...others] = await saidAfter(
      text,
      'alter role prism connection limit 2',
      'alter role prism connection limit -1',
    )
    expect(others).toEqual([])
    expect(finding).toMatchObject({status: 'warning', code: 'connections-refused'})
    expect(finding?.message).toBe(
      'PostgreSQL refused the service connections within the last hour (logged once): role "prism" may have 2, and has 1 now',
    )
    expect(finding?.remedy?.steps.at(-1)?.shell).toContain('alter role prism connection limit -1')
    expect((await saidAfter(text, 'select', 'select'))[0]?.status).toBe('ok')
  })

  test('connections to the server were refused', async () => {
    const [finding] = await saidAfter('FATAL:  sorry, too many clients already', 'select', 'select')
    expect(finding?.message).toMatch(/: the server may have 17, and has \d+ now$/)
  })
})

test('a column whose collation the system has in another version', async () => {
  await server.sql(
    `create collation german (provider = icu, locale = 'de'); create table lamps (name text collate german);
    update pg_collation set collversion = '1.0' where collname = 'german'`,
    'prism',
  )
  const [finding] = await said()
  expect(finding).toMatchObject({status: 'warning', code: 'collation-of-columns'})
  expect(finding?.message).toContain('columns of database "prism" are sorted by public.german,')
  expect(finding?.remedy?.steps.at(-1)?.shell).toContain(
    'alter collation public.german refresh version',
  )
  // Nobody sorts by it any more.
  await server.sql('drop table lamps', 'prism')
  const [unused] = await said()
  await server.sql('drop collation german', 'prism')
  expect(unused?.status).toBe('ok')
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
  const answering = (row: object): Host => ({
    ...machine('healthy'),
    query: async (_, {question}) => ({
      kind: 'rows',
      rows: question.startsWith('sequences') ? [] : [{...row}],
    }),
  })
  const host = answering({...recorded, ...more})
  const [finding] = await verdicts(databaseHealth, host)
  expect(finding).toMatchObject({status: 'warning', code: 'collation'})
  expect(finding?.message).toContain('2.39')
  expect(finding?.remedy?.steps.map(({shell}) => /reindex|refresh/.exec(shell)?.[0])).toEqual([
    'reindex',
    'refresh',
  ])
  const standby = answering({...recorded, ...more, recovery: true})
  expect(await codes(databaseHealth, standby)).toEqual(['critical recovery', 'warning collation'])
})

test('a session that waits for a lock, and who holds it', async () => {
  const asPrism = () =>
    new Client({host: server.host, port: server.port, user: 'prism', database: 'prism'})
  const [holder, waiter] = [asPrism(), asPrism()]
  await Promise.all([holder.connect(), waiter.connect()])
  const [row] = (await holder.query('select pg_backend_pid() as pid')).rows
  await holder.query('create table beacon (id int)')
  holder.on('error', () => undefined)
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
  expect(finding?.message).toContain(`pid ${row.pid}, idle in transaction, for 10 s)`)
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

describe('sequences', () => {
  const own = (text: string) => server.sql(`set role prism; ${text}`, 'prism')

  beforeAll(() => server.sql('alter schema public owner to prism', 'prism'))
  afterEach(() =>
    server.sql('drop schema public cascade; create schema public authorization prism', 'prism'),
  )

  /** A table with 25 rows whose ids PostgreSQL gave. */
  const filled = (table: string, id: string) =>
    own(
      `create table ${table} (id ${id}, note text); insert into ${table} (note) select '' from generate_series(1, 25)`,
    )

  test.each([
    ['serial primary key', "select setval('t_id_seq', 1, false)", 1],
    ['serial primary key', "select setval('t_id_seq', 3)", 4],
    ['bigint generated by default as identity primary key', 'alter sequence t_id_seq restart', 1],
    ['smallint generated always as identity unique', "select setval('t_id_seq', 24)", 25],
  ])('%s, and %s', async (id, fault, next) => {
    await filled('t', id)
    await own(fault)
    const [finding, ...others] = await said()
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'sequence-behind',
      kind: 'cause',
      message: `sequence public.t_id_seq lies behind its table: it gives ${next} next, and t.id goes to 25, so inserts fail`,
      evidence: [`public.t_id_seq: next=${next} taken=${next} last=25`],
      remedy: {risk: 'disruptive', requires: ['database/cluster']},
    })
    await own(statementOf(finding))
    expect(await own("insert into t (note) values ('') returning id")).toEqual([
      {id: id.startsWith('big') ? '26' : 26},
    ])
    expect((await said())[0]?.status).toBe('ok')
  })

  /** What the first step of the remedy has the superuser do. */
  function statementOf(
    finding: {remedy: {steps: readonly {argv: readonly string[] | null}[]} | null} | undefined,
  ): string {
    const argv = finding?.remedy?.steps[0]?.argv ?? []
    expect(argv.slice(0, 6)).toEqual(['runuser', '-u', 'postgres', '--', 'psql', '-X'])
    return argv.at(-1) ?? ''
  }

  test('is never moved back by the remedy', async () => {
    await filled('t', 'serial primary key')
    await own("select setval('t_id_seq', 1)")
    const statement = statementOf((await said())[0])
    await own("select setval('t_id_seq', 100)")
    await own(statement)
    expect(await own('select last_value::int as at from t_id_seq')).toEqual([{at: 100}])
  })

  test('the superuser reads and calls nothing of the service for the remedy', async () => {
    await filled('t', 'serial primary key')
    await own("select setval('t_id_seq', 1)")
    const statement = statementOf((await said())[0])
    expect(statement).toBe(
      "select pg_catalog.setval('public.t_id_seq'::pg_catalog.regclass, greatest('25'::pg_catalog.int8, " +
        "pg_catalog.pg_sequence_last_value('public.t_id_seq'::pg_catalog.regclass)))",
    )
  })

  test.each([
    {next: '1) % 1 = 0; drop table t; --'},
    {last: "25'::text"},
    {increment: '1; drop table t'},
    {increment: 0},
  ])('an answer that holds %o in place of a number is no ground for a remedy', async forged => {
    const row = {schema: 'public', seqSchema: 'public', sequence: 's', table: 't', column: 'id'}
    const numbers = {next: '1', taken: '1', last: '25', increment: 1}
    const host = {
      ...machine('healthy'),
      query: async () => ({kind: 'rows' as const, rows: [{...row, ...numbers, ...forged}]}),
    }
    const target = await findTarget(host, {unit: 'prism-django.service'})
    const database = target.database as DatabaseTarget
    await expect(findSequencesBehind(host, target, database)).rejects.toThrow(/in no numbers/)
  })

  test('that run downwards, and that take turns with another server', async () => {
    await own(`create table down (id int generated by default as identity (increment -1 start -1) primary key);
      insert into down select -i from generate_series(1, 5) i;
      create table odd (id int generated by default as identity (increment 2 start 1) primary key);
      insert into odd values (1), (2), (3), (8)`)
    const [finding] = await said()
    expect(finding?.evidence).toEqual([
      'public.down_id_seq: next=-1 taken=-1 last=-5',
      'public.odd_id_seq: next=1 taken=1 last=8',
    ])
    for (const {argv} of finding?.remedy?.steps ?? []) await own(argv?.at(-1) ?? '')
    expect(await own('insert into down default values returning id')).toEqual([{id: -6}])
    // Past every row, and still an odd one.
    expect(await own('insert into odd default values returning id')).toEqual([{id: 9}])
    expect((await said())[0]?.status).toBe('ok')
  })

  test('whose names need quotes, in a partitioned table, in another schema', async () => {
    await own(`create table "Odd Name" ("Id" serial primary key); insert into "Odd Name" values (1);
      create table part (id serial primary key) partition by range (id);
      create table part1 partition of part for values from (0) to (100); insert into part values (1);
      create schema shop; create table shop.t (id serial primary key); insert into shop.t values (1)`)
    const [finding] = await said()
    expect(finding?.message).toBe(
      '3 sequences lie behind their tables, so inserts fail: public."Odd Name_Id_seq" (next 1, rows to 1), public.part_id_seq (next 1, rows to 1), shop.t_id_seq (next 1, rows to 1)',
    )
    for (const {argv} of finding?.remedy?.steps ?? []) await own(argv?.at(-1) ?? '')
    expect((await said())[0]?.status).toBe('ok')
    await own('drop schema shop cascade')
  })

  test('warns while the next value is free and one soon after it is not', async () => {
    await own('create table t (id serial primary key); insert into t values (50)')
    const [finding] = await said()
    expect(finding).toMatchObject({status: 'warning', code: 'sequence-behind'})
    expect(finding?.message).toMatch(/goes to 50, so inserts fail once it reaches 50$/)
  })

  test.each([
    ['ahead', "create table t (id serial primary key); select setval('t_id_seq', 500)"],
    [
      'cached',
      'create table t (id serial primary key); alter sequence t_id_seq cache 20; insert into t default values',
    ],
    ['of an empty table', 'create table t (id serial primary key)'],
    [
      'of a row far ahead',
      'create table t (id serial primary key); insert into t values (2147483647)',
    ],
    ['of negative ids', 'create table t (id serial primary key); insert into t values (-1)'],
    [
      'of a column that may repeat',
      'create table t (id serial); create index on t (id); insert into t values (1)',
    ],
    [
      'of a part of a key',
      'create table t (id serial, day date, primary key (id, day)); insert into t values (1, now())',
    ],
    [
      'that cycles',
      'create table t (id int generated by default as identity (cycle maxvalue 9) primary key); insert into t values (1)',
    ],
    [
      'of the other of two servers',
      'create table t (id int generated by default as identity (increment 2 start 1) primary key); insert into t values (2), (4)',
    ],
    [
      'that may not be read',
      'create table t (id serial primary key); insert into t values (1); revoke select on t from prism',
    ],
  ])('says nothing of one %s', async (_, make) => {
    await own(make)
    expect((await said()).map(({status}) => status)).toEqual(['ok'])
  })

  test('reads no table without an index, and waits for nobody', async () => {
    await filled('t', 'serial primary key')
    await own("select setval('t_id_seq', 1)")
    const holder = new Client({
      host: server.socketDirectory,
      port: server.port,
      user: 'postgres',
      database: 'prism',
    })
    await holder.connect()
    await holder.query('begin; lock table t in access exclusive mode')
    expect((await said()).map(({status}) => status)).toEqual(['ok'])
    await holder.end()
    expect((await said())[0]?.code).toBe('sequence-behind')
  })
})

test.each(['LATIN2', 'SQL_ASCII'])('a database that is encoded as %s', async encoding => {
  await server.sql(`create database other encoding '${encoding}' template template0 owner prism`)
  const host = withServer(server, {}, 'healthy', 'other')
  const found = await verdicts(databaseHealth, host)
  host.close()
  await server.left('prism-doctor')
  await server.sql('drop database other')
  expect(found).toMatchObject([{status: 'warning', code: 'encoding', kind: 'cause'}])
  expect(found[0]?.message).toContain(`database "prism" is encoded as ${encoding} instead of UTF8`)
  expect(found[0]?.remedy?.steps[2]?.shell).toBe(
    'sudo -u postgres createdb -T template0 -E UTF8 -O prism prism_utf8',
  )
})

test('an extension of which the server has no files', async () => {
  await server.sql(
    "insert into pg_extension select 90001, 'vector', extowner, extnamespace, false, '0.8.0' from pg_extension where extname = 'plpgsql'",
    'prism',
  )
  const [finding] = await said()
  await server.sql("delete from pg_extension where extname = 'vector'", 'prism')
  expect(finding).toMatchObject({
    status: 'warning',
    code: 'extension-gone',
    message: expect.stringMatching(
      /^database "prism" uses vector, of which .* has no files any more$/,
    ),
    remedy: {nix: 'services.postgresql.extensions = ps: [ ps.pgvector ];'},
  })
})
