import {createServer} from 'node:net'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {databaseServer} from '../../../src/checks/database/server.ts'
import {CannotLook} from '../../../src/host/host.ts'
import {
  type LiveHost,
  type LiveMachine,
  liveHost,
  runningPostgres,
  runningUnit,
  startOf,
} from '../../live-host.ts'
import {codes, verdicts} from '../../machine.ts'
import {startPostgres, type TestPostgres} from '../../postgres.ts'

const password = 'never-in-a-finding'

let server: TestPostgres
const open: LiveHost[] = []

beforeAll(async () => {
  server = await startPostgres({settings: {max_connections: '8'}})
  await server.sql(`create role prism login password '${password}'`)
  await server.sql('create database prism owner prism')
})

afterAll(() => server.stop())

afterEach(async () => {
  for (const host of open.splice(0)) host.close()
  await server.left()
})

interface Changes extends LiveMachine {
  readonly unit?: Readonly<Record<string, string>>
  readonly postgres?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string | number>>
}

/** The deployment on a machine whose PostgreSQL is the test's. */
function deployment({unit, postgres, environment, ...machine}: Changes = {}): LiveHost {
  const settings = {
    POSTGRES_HOST: 'localhost',
    POSTGRES_PORT: server.port,
    POSTGRES_DB: 'prism',
    ...environment,
  }
  const host = liveHost({
    units: {
      'prism-django.service': {
        ...runningUnit,
        Environment: Object.entries(settings)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
        ...unit,
      },
      'postgresql.service': {...runningPostgres, ...postgres},
    },
    files: {'/run/secrets/prism-env': `POSTGRES_USER=prism\nPOSTGRES_PASSWORD=${password}\n`},
    ...machine,
  })
  open.push(host)
  return host
}

const stopped = {
  ActiveState: 'inactive',
  SubState: 'dead',
  InactiveEnterTimestamp: 'Mon 2026-11-23 03:12:07.123456 UTC',
}

async function one(
  host: LiveHost,
): Promise<Awaited<ReturnType<typeof verdicts>>[number] | undefined> {
  const found = await verdicts(databaseServer, host)
  expect(JSON.stringify(found)).not.toContain(password)
  expect(found).toHaveLength(1)
  return found[0]
}

describe('says nothing', () => {
  test('of a server that answers', async () => {
    expect(await one(deployment())).toMatchObject({
      status: 'ok',
      message: `PostgreSQL answers at localhost:${server.port}`,
    })
  })

  test.each([
    ['a wrong password', {POSTGRES_USER: 'prism', POSTGRES_PASSWORD: 'wrong'}],
    ['a role that is not there', {POSTGRES_USER: 'nosuch', POSTGRES_PASSWORD: 'x'}],
    ['no password', {POSTGRES_USER: 'prism'}],
    [
      'a database that is not there',
      {POSTGRES_DB: 'nosuch', POSTGRES_USER: 'prism', POSTGRES_PASSWORD: password},
    ],
  ])('of %s: that is an answer', async (_, secrets) => {
    const text = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`)
    const host = deployment({files: {'/run/secrets/prism-env': text.join('')}})
    expect(await codes(databaseServer, host)).toEqual(['ok ok'])
  })

  test('of the secrets, which only root reads', async () => {
    const environment = {POSTGRES_USER: 'prism'}
    expect(await codes(databaseServer, deployment({uid: 1000, files: {}, environment}))).toEqual([
      'ok ok',
    ])
  })

  test('of a peer that root is not: the socket answers anybody', async () => {
    const environment = {POSTGRES_HOST: server.socketDirectory}
    const host = deployment({uid: 1000, environment})
    expect(await codes(databaseServer, host)).toEqual(['ok ok'])
  })

  test('where no PostgreSQL is used', async () => {
    const host = deployment({environment: {USE_POSTGRES: 'false'}})
    expect(await one(host)).toMatchObject({status: 'ok', message: 'the service uses no PostgreSQL'})
  })

  test('of a sandbox that lets the database through', async () => {
    const unit = {
      PrivateNetwork: 'no',
      RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6',
      IPAddressDeny: '::/0 0.0.0.0/0',
      IPAddressAllow: '127.0.0.0/8 ::1/128',
    }
    expect(await codes(databaseServer, deployment({unit}))).toEqual(['ok ok'])
  })
})

test.each(['5432a', '54321234'])('a port that is none: %s', async port => {
  const found = await one(deployment({environment: {POSTGRES_PORT: port}}))
  expect(found).toMatchObject({
    code: 'no-port',
    message: `the database port in POSTGRES_PORT is "${port}", which is not a valid port`,
    kind: 'cause',
  })
})

describe('nobody listens', () => {
  const environment = {POSTGRES_PORT: 1}

  test('because PostgreSQL was stopped, and the service with it', async () => {
    const host = deployment({
      environment,
      postgres: stopped,
      unit: {ActiveState: 'inactive', SubState: 'dead'},
    })
    expect(await one(host)).toMatchObject({
      status: 'critical',
      code: 'refused',
      message: 'localhost:1 refuses connections; postgresql.service is inactive (dead)',
      since: '2026-11-23T03:12:07.123Z',
      kind: 'cause',
      remedy: {
        risk: 'disruptive',
        steps: [
          {argv: ['systemctl', 'start', 'postgresql.service']},
          {argv: ['systemctl', 'start', 'prism-django.service']},
        ],
        nix: 'services.postgresql.enable = true;',
      },
    })
  })

  test('and a service that still runs is not started', async () => {
    const found = await one(deployment({environment, postgres: stopped}))
    expect(found?.remedy?.steps.map(({shell}) => shell)).toEqual([
      'sudo systemctl start postgresql.service',
    ])
  })

  test('at the socket of a server that was stopped', async () => {
    const host = deployment({
      environment: {POSTGRES_HOST: server.socketDirectory, POSTGRES_PORT: 1},
      postgres: stopped,
      uid: 1000,
    })
    expect(await one(host)).toMatchObject({
      code: 'no-socket',
      message: `there is no socket ${server.socketDirectory}/.s.PGSQL.1; postgresql.service is inactive (dead)`,
    })
  })

  test.each([
    [{Result: 'signal', ExecMainStatus: '9'}, 'it was killed by signal 9'],
    [{Result: 'oom-kill', ExecMainStatus: '9'}, 'the kernel killed it because memory ran out'],
  ])('because it was killed: %o', async (result, words) => {
    const postgres = {ActiveState: 'failed', SubState: 'failed', ...result}
    const journal = [{at: 0, text: 'FATAL:  could not load pg_hba.conf'}]
    expect(await one(deployment({environment, postgres, journal}))).toMatchObject({
      code: 'failed',
      message: `localhost:1 refuses connections; postgresql.service is failed (failed): ${words}`,
    })
  })

  test('because it failed, in the words of its journal, and a full disk explains it', async () => {
    const journal = [
      'LOG:  starting PostgreSQL 15.16',
      'PANIC:  could not write to file "pg_wal/xlogtemp.31173": No space left on device',
      'postgresql.service: Main process exited, code=exited, status=1/FAILURE',
    ]
    const host = deployment({
      environment,
      postgres: {
        ActiveState: 'failed',
        SubState: 'failed',
        Result: 'exit-code',
        ...{InactiveEnterTimestamp: stopped.InactiveEnterTimestamp},
      },
      journal: journal.map(text => ({at: 0, text})),
    })
    expect(await one(host)).toMatchObject({
      code: 'failed',
      message: expect.stringContaining('is failed (failed): PANIC:'),
      because: ['state/space'],
      remedy: {risk: 'manual'},
    })
  })

  test('because it is starting, or starting again and again', async () => {
    const starting = {ActiveState: 'activating', SubState: 'start'}
    expect(await codes(databaseServer, deployment({environment, postgres: starting}))).toEqual([
      'critical starting',
    ])
    const looping = {ActiveState: 'activating', SubState: 'auto-restart', NRestarts: '7'}
    expect(await codes(databaseServer, deployment({environment, postgres: looping}))).toEqual([
      'critical failed',
    ])
  })

  test('because it is not installed or masked', async () => {
    const missing = deployment({
      environment,
      postgres: {LoadState: 'not-found', ActiveState: 'inactive', SubState: 'dead'},
    })
    expect(await codes(databaseServer, missing)).toEqual(['critical not-installed'])
    const masked = deployment({
      environment,
      postgres: {LoadState: 'masked', ActiveState: 'inactive', SubState: 'dead'},
    })
    expect(await codes(databaseServer, masked)).toEqual(['critical masked'])
  })

  test('because PostgreSQL listens elsewhere', async () => {
    const listeners = [
      'u_str LISTEN 0 104 /run/postgresql/.s.PGSQL.5433 790307 * 0 users:(("postgres",pid=54,fd=7))',
      'tcp   LISTEN 0 104 127.0.0.1:5433 0.0.0.0:* users:(("postgres",pid=54,fd=6))',
      'tcp   LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=56,fd=3))',
    ].join('\n')
    expect(await one(deployment({environment, listeners}))).toMatchObject({
      code: 'elsewhere',
      message: expect.stringContaining(
        'listens on /run/postgresql/.s.PGSQL.5433, 127.0.0.1:5433, but the service asks localhost:1',
      ),
    })
  })

  test("although Debian's wrapper says active", async () => {
    const host = deployment({environment, postgres: {SubState: 'exited'}, listeners: null})
    expect(await one(host)).toMatchObject({
      code: 'refused',
      message: 'localhost:1 refuses connections; postgresql.service is active (exited)',
    })
  })
})

describe('the unit of the service keeps it from', () => {
  test.each([
    [{PrivateNetwork: 'yes'}, 'PrivateNetwork=yes'],
    [{RestrictAddressFamilies: 'AF_UNIX'}, 'RestrictAddressFamilies=AF_UNIX'],
    [{RestrictAddressFamilies: '~AF_INET AF_INET6'}, 'RestrictAddressFamilies=~AF_INET AF_INET6'],
    [{IPAddressDeny: '::/0 0.0.0.0/0'}, 'IPAddressDeny=::/0 0.0.0.0/0'],
  ])('its database: %o', async (unit, obstacle) => {
    expect(await one(deployment({unit}))).toMatchObject({
      code: 'sandboxed',
      evidence: [obstacle],
      kind: 'cause',
    })
  })

  test('nothing, where the kernel does not enforce it and the application proves it', async () => {
    const {createServer: createHttpServer} = await import('node:http')
    const application = createHttpServer((_, response) => response.end('<h1>Log in</h1>'))
    await new Promise<void>(resolve => application.listen(0, '127.0.0.1', resolve))
    const {port} = application.address() as {port: number}
    const ExecStart = startOf(
      '/opt/prism/bin/gunicorn',
      '--bind',
      `127.0.0.1:${port}`,
      'prism.wsgi',
    )
    const unit = {IPAddressDeny: '::/0 0.0.0.0/0', ExecStart}
    const found = await codes(
      databaseServer,
      deployment({unit, environment: {ALLOWED_HOSTS: 'localhost'}}),
    )
    application.close()
    expect(found).toEqual(['ok ok'])
  })

  test('TCP, which matters not to a socket', async () => {
    const host = deployment({
      unit: {PrivateNetwork: 'yes'},
      environment: {POSTGRES_HOST: server.socketDirectory},
      uid: 1000,
    })
    expect(await codes(databaseServer, host)).toEqual(['ok ok'])
  })

  test('a look from outside', async () => {
    const unit = {PrivateNetwork: 'yes', JoinsNamespaceOf: 'postgresql.service'}
    await expect(verdicts(databaseServer, deployment({unit}))).rejects.toThrow(CannotLook)
  })
})

describe('something answers, and lets nobody in', () => {
  test('a listener that says nothing, within the limit', async () => {
    const silent = createServer()
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const {port} = silent.address() as {port: number}
    const host = deployment({
      environment: {POSTGRES_PORT: port, POSTGRES_HOST: '127.0.0.1'},
      patience: 300,
    })
    const found = await one(host)
    const listeners = `tcp LISTEN 0 5 127.0.0.1:${port} 0.0.0.0:* users:(("python3",pid=155,fd=3))`
    const seen = await one(
      deployment({
        environment: {POSTGRES_PORT: port, POSTGRES_HOST: '127.0.0.1'},
        patience: 300,
        listeners,
      }),
    )
    silent.close()
    expect(found).toMatchObject({status: 'critical', code: 'timeout'})
    expect(seen).toMatchObject({
      code: 'not-postgres',
      message: expect.stringContaining('not PostgreSQL but python3 (pid 155)'),
    })
  })

  test('no connection left: who has them', async () => {
    const holders = await Promise.all([1, 2, 3, 4, 5].map(() => hold()))
    const redirect: LiveMachine['redirect'] = connection =>
      connection.as === 'postgres'
        ? {...connection, host: server.socketDirectory, as: null}
        : connection
    const host = deployment({redirect, sockets: [`/run/postgresql/.s.PGSQL.${server.port}`]})
    const found = await one(host)
    await Promise.all(holders.map(holder => holder.end()))
    expect(found).toMatchObject({
      code: 'too-many-connections',
      message: expect.stringMatching(
        /has no connection left for "prism": [67] of 8 are taken \(prism 5, postgres 1\)/,
      ),
      kind: 'cause',
    })
  })

  test('no connection left for the role, as it was told', async () => {
    await server.sql('alter role prism connection limit 0')
    const redirect: LiveMachine['redirect'] = connection =>
      connection.as === 'postgres'
        ? {...connection, host: server.socketDirectory, as: null}
        : connection
    const sockets = [`/run/postgresql/.s.PGSQL.${server.port}`]
    const found = await one(deployment({redirect, sockets}))
    const unprivileged = await one(deployment())
    await server.sql('alter role prism connection limit -1')
    expect(found).toMatchObject({
      code: 'too-many-connections',
      message: 'role "prism" may have 0 connections at a time, and PostgreSQL refuses another',
    })
    expect(unprivileged).toMatchObject({
      code: 'too-many-connections',
      message: `PostgreSQL at localhost:${server.port} has no connection left for "prism"`,
      evidence: ['53300 too many connections for role "prism"'],
    })
  })

  test('no connection left for the database, whose limit it is', async () => {
    await server.sql('alter database prism connection limit 0')
    const redirect: LiveMachine['redirect'] = connection =>
      connection.as === 'postgres'
        ? {...connection, host: server.socketDirectory, as: null}
        : connection
    const found = await one(
      deployment({redirect, sockets: [`/run/postgresql/.s.PGSQL.${server.port}`]}),
    )
    await server.sql('alter database prism connection limit -1')
    expect(found).toMatchObject({
      code: 'too-many-connections',
      message: 'database "prism" may have 0 connections at a time, and PostgreSQL refuses another',
    })
    expect(found?.remedy?.steps.at(-1)?.shell).toContain('alter database prism connection limit -1')
  })

  test('while it shuts down', async () => {
    const second = await startPostgres()
    const holder = await hold(second)
    process.kill(second.pid, 'SIGTERM')
    try {
      await expect
        .poll(
          () => codes(databaseServer, deployment({environment: {POSTGRES_PORT: second.port}})),
          {timeout: 15_000},
        )
        .toEqual(['critical shutting-down'])
      const looping = deployment({
        environment: {POSTGRES_PORT: second.port},
        postgres: {NRestarts: '4'},
      })
      expect(await codes(databaseServer, looping)).toEqual(['critical crash-loop'])
    } finally {
      await holder.end()
      await second.stop()
    }
  })

  test('without the TLS that the service insists on', async () => {
    expect(await codes(databaseServer, deployment({environment: {PGSSLMODE: 'require'}}))).toEqual([
      'critical no-tls',
    ])
  })

  test('a name that does not resolve', async () => {
    const host = deployment({environment: {POSTGRES_HOST: 'db.invalid'}})
    expect(await codes(databaseServer, host)).toEqual(['critical unknown-host'])
  })
})

test('nobody can look where the place of the database is itself a secret', async () => {
  const unit = {
    Environment: 'DEBUG=false',
    ExecStart: startOf('/opt/prism/bin/gunicorn', 'prism.wsgi'),
  }
  const files = {'/opt/prism/bin/gunicorn': '#!/opt/prism/bin/python3\n'}
  await expect(
    verdicts(databaseServer, deployment({unit, uid: 1000, files})),
  ).rejects.toMatchObject({
    privilege: true,
    message: expect.stringMatching(/^Django could not be asked: /),
  })
})

async function hold(of: TestPostgres = server): Promise<{end(): Promise<void>}> {
  const {Client} = await import('pg')
  const own =
    of === server
      ? {host: of.host, user: 'prism', database: 'prism', password}
      : {host: of.socketDirectory, user: 'postgres', database: 'postgres'}
  const client = new Client({port: of.port, ...own})
  client.on('error', () => undefined)
  await client.connect()
  return client
}
