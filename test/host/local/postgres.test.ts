import {execFileSync} from 'node:child_process'
import {chmodSync, writeFileSync} from 'node:fs'
import {createServer as createHttpServer} from 'node:http'
import {type AddressInfo, createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {CannotLook, type Connection, type QueryAnswer} from '../../../src/host/host.ts'
import {createPostgres} from '../../../src/host/local/postgres.ts'
import {endTime, startTime} from '../../../src/host/time-left.ts'
import {startPostgres, type TestPostgres, usualHba} from '../../postgres.ts'
import {resolve} from '../../resolve.ts'

const password = 'k3ep-me-0ut/of@reports'
const root = process.geteuid?.() === 0

let server: TestPostgres
const ends: (() => void)[] = []

beforeAll(async () => {
  server = await startPostgres({
    settings: {max_connections: '8', superuser_reserved_connections: '3'},
  })
  await server.sql(`
    create role prism login password '${password}';
    create role nopw login;
    create role shut nologin password '${password}';
    create role expired login password '${password}' valid until '2020-01-01';
    create role narrow login password '${password}' connection limit 1;
    create role nobody login`)
  await server.sql('create database prism owner prism')
  await server.sql('create database closed allow_connections false')
  await server.sql('create database private')
  await server.sql('revoke connect on database private from public')
})

afterAll(() => server.stop())

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

const flood = "select repeat('x', 16 * 1024 * 1024) as x"

/** One question, as the service would ask. */
async function ask(
  changes: Partial<Connection> = {},
  sql = 'select 1 as one',
  patience = 8000,
): Promise<QueryAnswer> {
  const {query, close} = createPostgres(resolve, {connect: patience, query: patience})
  ends.push(close)
  const connection = {
    host: server.host,
    port: server.port,
    user: 'prism',
    database: 'prism',
    password,
    as: null,
  }
  const answer = await query({...connection, ...changes}, sql)
  expect(JSON.stringify(answer)).not.toContain(password)
  return answer
}

async function listening(listener: Server): Promise<number> {
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  ends.push(() => listener.close())
  return (listener.address() as AddressInfo).port
}

describe('what the server says', () => {
  test('rows, over one connection for all questions', async () => {
    const {query, close} = createPostgres(resolve)
    ends.push(close)
    const connection = {
      host: 'localhost',
      port: server.port,
      user: 'prism',
      database: 'prism',
      password,
      as: null,
    }
    const asked = [
      'select pg_backend_pid() as pid',
      'select pg_backend_pid() as pid',
      'select 1 from nothing',
    ]
    const [first, second, third] = await Promise.all(asked.map(sql => query(connection, sql)))
    expect(first).toEqual({kind: 'rows', rows: [{pid: expect.any(Number)}]})
    expect(second).toEqual(first)
    expect(third).toMatchObject({kind: 'error', sqlstate: '42P01'})
  })

  test.each([
    ['28P01', {password: 'wrong'}],
    ['28P01', {user: 'nosuch'}],
    ['28P01', {user: 'nopw'}],
    ['28P01', {user: 'expired'}],
    ['28000', {user: 'shut'}],
    ['3D000', {database: 'Prism'}],
    ['55000', {database: 'closed'}],
    ['42501', {database: 'private'}],
  ])('%s for %o', async (sqlstate, changes) => {
    expect(await ask(changes)).toMatchObject({kind: 'error', severity: 'FATAL', sqlstate})
  })

  test('28000 where pg_hba.conf has no line, and what it says of TLS', async () => {
    await server.hba('host all all 127.0.0.1/32 reject')
    expect(await ask()).toMatchObject({
      sqlstate: '28000',
      message: expect.stringContaining('rejects connection'),
    })
    await server.hba('local all all peer')
    expect(await ask()).toMatchObject({
      sqlstate: '28000',
      message: `no pg_hba.conf entry for host "127.0.0.1", user "prism", database "prism", no encryption`,
    })
    await server.hba(...usualHba)
  })

  test('53300 when the places are taken', async () => {
    await server.left()
    const holders = createPostgres(resolve)
    const connection = {host: server.host, port: server.port, database: 'prism', password, as: null}
    await holders.query({...connection, user: 'narrow'}, 'select 1')
    expect(await ask({user: 'narrow'})).toMatchObject({
      sqlstate: '53300',
      message: 'too many connections for role "narrow"',
    })
    for (const database of ['prism', 'postgres', 'template1']) {
      await holders.query({...connection, user: 'prism', database}, 'select 1')
    }
    await holders.query({...connection, user: 'prism', sslmode: 'disable'}, 'select 1')
    const full = await ask()
    holders.close()
    expect(full).toMatchObject({
      sqlstate: '53300',
      message: expect.stringContaining('remaining connection slots'),
    })
    await server.left()
  })

  test('57P03 while it shuts down', async () => {
    const second = await startPostgres()
    await second.sql(`create role prism login password '${password}'`)
    const {Client} = await import('pg')
    const holder = new Client({
      host: second.socketDirectory,
      port: second.port,
      user: 'postgres',
      database: 'postgres',
    })
    holder.on('error', () => undefined)
    await holder.connect()
    try {
      // A smart shutdown waits for the session that is open.
      process.kill(second.pid, 'SIGTERM')
      await expect
        .poll(() => ask({port: second.port, database: 'postgres'}), {timeout: 15_000})
        .toMatchObject({
          kind: 'error',
          sqlstate: '57P03',
          message: 'the database system is shutting down',
        })
    } finally {
      await holder.end()
      await second.stop()
    }
  })

  test('a statement that takes too long', async () => {
    expect(await ask({}, 'select pg_sleep(30)', 500)).toMatchObject({
      kind: expect.stringMatching(/error|unreachable/),
    })
  })
})

describe('when no server answers', () => {
  test('EMSGSIZE of more than any answer to us holds, in one message or in many', async () => {
    const many = "select repeat('x', 1000) as x from generate_series(1, 20000)"
    for (const sql of [flood, many])
      expect(await ask({}, sql)).toEqual({
        kind: 'unreachable',
        code: 'EMSGSIZE',
        message: 'it sent more than 8 MiB, which no answer to us has',
      })
  })

  test('ECONNREFUSED, also by a name with two addresses', async () => {
    const unused = createServer()
    const port = await listening(unused)
    await new Promise(resolve => unused.close(resolve))
    expect(await ask({port})).toMatchObject({kind: 'unreachable', code: 'ECONNREFUSED'})
    const named = await ask({host: 'localhost', port})
    expect(named).toMatchObject({
      kind: 'unreachable',
      code: 'ECONNREFUSED',
      message: expect.stringContaining('connect'),
    })
  })

  test('ENOENT of a socket', async () => {
    const answer = await ask({host: server.socketDirectory, port: 1})
    expect(answer).toMatchObject({kind: 'unreachable', code: 'ENOENT'})
  })

  test('ENOTFOUND of a name', async () => {
    const answer = await ask({host: 'db.invalid'})
    expect(answer).toMatchObject({
      kind: 'unreachable',
      code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    })
  })

  test('ETIMEDOUT of a listener that says nothing', async () => {
    const sockets: {destroy(): void}[] = []
    const port = await listening(createServer(socket => sockets.push(socket)))
    const started = performance.now()
    expect(await ask({port}, 'select 1', 500)).toMatchObject({
      kind: 'unreachable',
      code: 'ETIMEDOUT',
    })
    expect(performance.now() - started).toBeLessThan(5000)
    for (const socket of sockets) socket.destroy()
  })

  test.each(['prefer', 'disable'])('a web server is no PostgreSQL (sslmode %s)', async sslmode => {
    const port = await listening(createHttpServer())
    expect(await ask({port, sslmode}, 'select 1', 1000)).toMatchObject({
      kind: 'unreachable',
      code: expect.stringMatching(/not-postgres|ETIMEDOUT|ECONNRESET/),
    })
  })

  test('a listener that greets first is no PostgreSQL', async () => {
    const port = await listening(
      createServer(socket => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.9\r\n')),
    )
    expect(await ask({port})).toMatchObject({kind: 'unreachable', code: 'not-postgres'})
  })

  test('no password where one is asked for, whatever PGPASSWORD says', async () => {
    process.env.PGPASSWORD = password
    expect(await ask({password: null})).toMatchObject({
      kind: 'unreachable',
      code: 'password-required',
    })
    expect(await ask({password: ''})).toMatchObject({
      kind: 'unreachable',
      code: 'password-required',
    })
  })

  test('one that hangs is one that does not answer before the run is over', async () => {
    const sockets: {destroy(): void}[] = []
    const port = await listening(createServer(socket => sockets.push(socket)))
    const begun = performance.now()
    startTime(3000)
    const answer = await ask({host: '127.0.0.1', port}).finally(endTime)
    expect(answer).toMatchObject({kind: 'unreachable', code: 'ETIMEDOUT'})
    // The usual limit is 8 s.
    expect(performance.now() - begun).toBeLessThan(7500)
    for (const socket of sockets) socket.destroy()
  })

  test('what is silent to the end of a short run has been silent for long enough', async () => {
    const sockets: {destroy(): void}[] = []
    const port = await listening(createServer(socket => sockets.push(socket)))
    const silence = async (changes: Partial<Connection>, sql?: string) => {
      const begun = performance.now()
      const {kind} = await ask(changes, sql)
      return [kind, performance.now() - begun >= 2400] as const
    }
    await ask()
    startTime(100)
    const silences = await Promise.all([
      silence({host: '127.0.0.1', port}),
      silence({}, 'select pg_sleep(30)'),
      ...(root ? [silence({host: '127.0.0.1', port, as: 'nobody'})] : []),
    ]).finally(endTime)
    for (const [kind, isLong] of silences)
      expect({kind, isLong}).toEqual({
        kind: expect.stringMatching(/error|unreachable/),
        isLong: true,
      })
    for (const socket of sockets) socket.destroy()
  })

  test('closing does not wait for an attempt that hangs', async () => {
    const sockets: {destroy(): void}[] = []
    const port = await listening(createServer(socket => sockets.push(socket)))
    const {query, close} = createPostgres(resolve, {connect: 300, query: 300})
    const answer = query(
      {host: '127.0.0.1', port, user: 'x', database: 'x', password, as: null},
      'select 1',
    )
    close()
    expect(await answer).toMatchObject({kind: 'unreachable'})
    for (const socket of sockets) socket.destroy()
  })
})

describe('TLS', () => {
  test('a server without it, where the service insists', async () => {
    expect(await ask({sslmode: 'require'})).toMatchObject({kind: 'unreachable', code: 'no-tls'})
  })

  test('is tried first, so that a hostssl line is no refusal; hostnossl is none either', async context => {
    const key = join(server.dataDirectory, 'server.key')
    const certificate = join(server.dataDirectory, 'server.crt')
    try {
      const subject = ['-subj', '/CN=localhost', '-days', '2']
      const out = ['-keyout', key, '-out', certificate]
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...out],
        {stdio: 'ignore'},
      )
    } catch {
      context.skip('openssl is not installed')
    }
    if (root) execFileSync('chown', ['65534:65534', key, certificate])
    chmodSync(key, 0o600)
    await server.sql('alter system set ssl = on')
    await server.hba('hostssl all all 127.0.0.1/32 scram-sha-256')
    const encrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
    expect(await ask({}, encrypted)).toEqual({kind: 'rows', rows: [{ssl: true}]})
    expect(await ask({sslmode: 'require'}, encrypted)).toEqual({kind: 'rows', rows: [{ssl: true}]})
    expect(await ask({}, flood)).toMatchObject({kind: 'unreachable', code: 'EMSGSIZE'})
    expect(await ask({sslmode: 'disable'})).toMatchObject({sqlstate: '28000'})
    await server.hba('hostnossl all all 127.0.0.1/32 scram-sha-256')
    expect(await ask({}, encrypted)).toEqual({kind: 'rows', rows: [{ssl: false}]})
    await server.hba(...usualHba)
  })
})

describe('the socket', () => {
  const overSocket = (changes: Partial<Connection> = {}): Promise<QueryAnswer> =>
    ask({host: server.socketDirectory, database: 'postgres', password: null, ...changes})

  test('peer authentication knows who asks', async () => {
    const answer = await overSocket({user: 'prism'})
    expect(answer).toMatchObject({
      sqlstate: '28000',
      message: 'Peer authentication failed for user "prism"',
    })
  })

  test.runIf(root)('as the user of the service, by a child', async () => {
    const answer = await overSocket({user: 'nobody', as: 'nobody'})
    expect(answer).toEqual({kind: 'rows', rows: [{one: 1}]})
    const other = await overSocket({user: 'prism', as: 'nobody'})
    expect(other).toMatchObject({sqlstate: '28000'})
  })

  test.runIf(root)('a child answers all questions of one turn over one connection', async () => {
    const {query} = createPostgres(resolve)
    const connection = {
      host: server.socketDirectory,
      port: server.port,
      user: 'nobody',
      database: 'postgres',
    }
    const ask = (): Promise<QueryAnswer> =>
      query({...connection, password: null, as: 'nobody'}, 'select pg_backend_pid() as pid')
    const [first, second] = await Promise.all([ask(), ask()])
    expect(first).toEqual(second)
    expect(await ask()).not.toEqual(first)
  })

  test.runIf(root)('role "nobody" does not exist is 28000 here', async () => {
    await server.hba('local all all peer map=any')
    writeFileSync(join(server.dataDirectory, 'pg_ident.conf'), 'any nobody missing\n')
    await server.hba('local all all peer map=any', '# read again')
    const answer = await overSocket({user: 'missing', as: 'nobody'})
    expect(answer).toMatchObject({sqlstate: '28000', message: 'role "missing" does not exist'})
    await server.hba(...usualHba)
  })

  test('a user that does not exist cannot look', async () => {
    await expect(overSocket({as: 'no-such-user'})).rejects.toThrow(CannotLook)
  })
})
