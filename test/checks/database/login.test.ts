import {utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import type {Check} from '../../../src/checks/check.ts'
import {databaseExists} from '../../../src/checks/database/exists.ts'
import {databaseLogin} from '../../../src/checks/database/login.ts'
import {CannotLook, type Connection} from '../../../src/host/host.ts'
import {
  type LiveHost,
  type LiveMachine,
  liveHost,
  runningPostgres,
  runningUnit,
} from '../../live-host.ts'
import {codes, verdicts} from '../../machine.ts'
import {startPostgres, type TestPostgres, usualHba} from '../../postgres.ts'

const password = 'never-in-a-finding'
const old = 'nor-is-the-old-one'

let server: TestPostgres
const open: LiveHost[] = []

beforeAll(async () => {
  server = await startPostgres()
  await server.sql(`
    create role prism login password '${password}';
    create role nopw login;
    create role shut nologin password '${password}';
    create role late login password '${password}' valid until '2020-01-01';
    create role behind login password '${old}';
    set password_encryption = 'md5';
    create role hashed login password '${password}'`)
  await server.sql('create database prism owner prism')
  await server.sql('create database closed allow_connections false')
  await server.sql('create database private')
  await server.sql('revoke connect on database private from public')
})

afterAll(() => server.stop())

afterEach(() => {
  for (const host of open.splice(0)) host.close()
})

interface Changes extends LiveMachine {
  readonly secrets?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string | number>>
  readonly unit?: Readonly<Record<string, string>>
}

/**
 * The socket below /run is the test's server; whoever is meant to ask there, the test asks as what
 * it is.
 */
function redirect(connection: Connection): Connection {
  return connection.host === '/run/postgresql'
    ? {...connection, host: server.socketDirectory, as: null}
    : connection
}

function deployment({secrets, environment, unit, files, ...machine}: Changes = {}): LiveHost {
  const settings = {
    POSTGRES_HOST: 'localhost',
    POSTGRES_PORT: server.port,
    POSTGRES_DB: 'prism',
    ...environment,
  }
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const lines = Object.entries({POSTGRES_USER: 'prism', POSTGRES_PASSWORD: password, ...secrets})
  const host = liveHost({
    units: {
      'prism-django.service': {...runningUnit, Environment: words.join(' '), ...unit},
      'postgresql.service': runningPostgres,
    },
    files: files ?? {
      '/run/secrets/prism-env': lines.map(([name, value]) => `${name}=${value}\n`).join(''),
    },
    sockets: [`/run/postgresql/.s.PGSQL.${server.port}`],
    redirect,
    ...machine,
  })
  open.push(host)
  return host
}

async function one(
  host: LiveHost,
  check: Check = databaseLogin,
): Promise<Awaited<ReturnType<typeof verdicts>>[number] | undefined> {
  const found = await verdicts(check, host)
  expect(JSON.stringify(found)).not.toContain(password)
  expect(JSON.stringify(found)).not.toContain(old)
  expect(found).toHaveLength(1)
  return found[0]
}

describe('says nothing', () => {
  test('of a role that can log in', async () => {
    expect(await one(deployment())).toMatchObject({
      status: 'ok',
      message: 'role "prism" can log in',
    })
  })

  test('of a database that is missing, closed or private: the login comes first', async () => {
    for (const name of ['nosuch', 'closed', 'private']) {
      expect(await codes(databaseLogin, deployment({environment: {POSTGRES_DB: name}}))).toEqual([
        'ok ok',
      ])
    }
  })

  test('of DATABASE_URL with a password that is percent-encoded', async () => {
    await server.sql(`create role url login password 'p@ss/word'`)
    const url = `postgres://url:p%40ss%2Fword@127.0.0.1:${server.port}/prism`
    const files = {'/run/secrets/prism-env': `DATABASE_URL=${url}\n`}
    expect(await codes(databaseLogin, deployment({files}))).toEqual(['ok ok'])
  })
})

describe('28P01 has four causes', () => {
  const refused: readonly [string, Changes, string, string][] = [
    [
      'no such role',
      {secrets: {POSTGRES_USER: 'nosuch'}},
      'role-missing',
      'PostgreSQL has no role "nosuch"',
    ],
    [
      'no password',
      {secrets: {POSTGRES_USER: 'nopw'}},
      'no-password',
      'role "nopw" has no password, and',
    ],
    [
      'an old password',
      {secrets: {POSTGRES_USER: 'late'}},
      'expired',
      'the password of role "late" has expired',
    ],
    [
      'another password',
      {secrets: {POSTGRES_PASSWORD: 'wrong-one'}},
      'wrong-password',
      'role "prism" has a different password than POSTGRES_PASSWORD in /run/secrets/prism-env',
    ],
  ]

  test.each(refused)('%s', async (_, changes, code, message) => {
    expect(await one(deployment(changes))).toMatchObject({
      status: 'critical',
      code,
      message: expect.stringContaining(message),
      remedy: {risk: 'manual'},
    })
  })

  test.each(refused)('%s: root alone can tell', async (_, changes) => {
    const found = await one(deployment({...changes, sockets: []}))
    expect(found).toMatchObject({
      status: 'critical',
      code: 'password-refused',
      message: expect.stringMatching(
        /it is wrong or expired, or the role has none or does not exist$/,
      ),
      evidence: [
        expect.stringMatching(/^28P01 password authentication failed/),
        expect.stringContaining('run as root'),
      ],
    })
  })

  test('either the role gets another password or the secret does, never both', async () => {
    const found = await one(deployment({secrets: {POSTGRES_PASSWORD: 'wrong-one'}}))
    const remedy = found?.remedy
    expect(remedy?.steps.map(({shell}) => shell)).toEqual([
      "sudo -u postgres psql -c '\\password prism'",
      'sudo systemctl restart prism-django.service',
    ])
    expect(remedy?.alternatives.map(({summary}) => summary)).toEqual([
      'Correct the secret, then rebuild',
    ])
  })

  test('a secret that was rotated while the process runs on', async () => {
    const unit = {MainPID: '125'}
    const files = {
      '/run/secrets/prism-env': `POSTGRES_USER=behind\nPOSTGRES_PASSWORD=${password}\n`,
      '/proc/125/environ': `INVOCATION_ID=8a42\0POSTGRES_USER=behind\0POSTGRES_PASSWORD=${old}\0`,
    }
    expect(await one(deployment({unit, files}))).toMatchObject({code: 'rotated', kind: 'cause'})
  })

  test('a password stored as MD5 where SCRAM is asked for', async () => {
    expect(await one(deployment({secrets: {POSTGRES_USER: 'hashed'}}))).toMatchObject({
      code: 'stored-as-md5',
      message: expect.stringContaining('the password of role "hashed" is stored as MD5'),
      kind: 'cause',
    })
  })

  test('a wrong password that is stored as MD5 where a line takes that', async () => {
    await server.hba(
      'host all all 127.0.0.1/32 md5',
      'host all all ::1/128 md5',
      'host other all all scram-sha-256',
    )
    const found = await one(
      deployment({secrets: {POSTGRES_USER: 'hashed', POSTGRES_PASSWORD: 'wrong-one'}}),
    )
    await server.hba(...usualHba)
    expect(found).toMatchObject({code: 'wrong-password'})
  })
})

describe('28000', () => {
  test('a role that may not log in', async () => {
    const secrets = {POSTGRES_USER: 'shut'}
    expect(await codes(databaseLogin, deployment({secrets}))).toEqual(['critical may-not-log-in'])
    expect(await codes(databaseLogin, deployment({secrets, sockets: []}))).toEqual([
      'critical may-not-log-in',
    ])
  })

  test('no line of pg_hba.conf, and where it is', async () => {
    await server.hba('local all all peer')
    const found = await one(deployment())
    await server.hba('host all all 127.0.0.1/32 reject')
    const rejected = await one(deployment({environment: {POSTGRES_HOST: '127.0.0.1'}}))
    await server.hba(...usualHba)
    expect(found).toMatchObject({
      code: 'no-hba-entry',
      message: expect.stringMatching(
        /no entry that admits role "prism" to database "prism" at localhost:\d+ from (?:::1|127\.0\.0\.1)$/,
      ),
      evidence: [
        expect.stringContaining('no encryption'),
        `hba_file=${server.dataDirectory}/pg_hba.conf`,
      ],
      kind: 'cause',
    })
    expect(rejected).toMatchObject({code: 'hba-rejects'})
  })

  /** What it says under these lines, of which the superuser's own is the first. */
  async function under(lines: readonly string[], changes: Changes = {}) {
    await server.hba(...lines)
    const found = await one(deployment({environment: {POSTGRES_HOST: '127.0.0.1'}, ...changes}))
    await server.hba(...usualHba)
    return found
  }
  const inFile = (line: number, text: string) =>
    `line ${line} of ${server.dataDirectory}/pg_hba.conf (${text})`

  test.each<[string, readonly string[], number, string]>([
    ['alone', ['host all all 127.0.0.1/32 ident'], 2, 'host all all 127.0.0.1/32 ident'],
    [
      'of its network',
      ['host all all 127.0.0.0/8 ident'],
      2,
      'host all all 127.0.0.0 255.0.0.0 ident',
    ],
    [
      'behind lines for others',
      [
        'local all all ident',
        'hostssl all all 127.0.0.1/32 trust',
        'host all all ::1/128 trust',
        'host all all 10.0.0.0/8 trust',
        'host other,replication all 127.0.0.1/32 trust',
        'host all other,+pg_monitor 127.0.0.1/32 trust',
        'host sameuser prism samehost ident',
        'host all all all trust',
      ],
      8,
      'host sameuser prism samehost ident',
    ],
    [
      'of a role that it is a member of',
      ['host samerole +prism all ident'],
      2,
      'host samerole +prism all ident',
    ],
  ])('ident, %s: the line and its file', async (_, lines, line, text) => {
    expect(await under(lines)).toMatchObject({
      code: 'other-method',
      kind: 'cause',
      message: `${inFile(line, text)} lets role "prism" in by ident alone, which fails: its password here counts for nothing`,
      evidence: [
        expect.stringMatching(/^28000 Ident authentication failed/),
        `${server.dataDirectory}/pg_hba.conf:${line} ${text}`,
      ],
      remedy: {nix: expect.stringContaining(text.replace(/ident$/, 'scram-sha-256'))},
    })
  })

  test('ident where nobody may look: by the words alone', async () => {
    expect(await under(['host all all 127.0.0.1/32 ident'], {sockets: []})).toMatchObject({
      code: 'other-method',
      message:
        'pg_hba.conf lets role "prism" in by ident alone, which fails: its password here counts for nothing',
    })
  })

  test('ident of the family that a name led to', async () => {
    const lines = ['host all all 127.0.0.1/32 ident', 'host all all ::1/128 ident']
    const found = await under(lines, {environment: {}})
    expect(found?.message).toMatch(/^line [23] of .*\/pg_hba\.conf \(host all all \S+ ident\)/)
  })

  test('ident that is never reached says nothing', async () => {
    const lines = ['host all all 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 ident']
    expect(await under(lines)).toMatchObject({status: 'ok'})
  })

  test('the line that rejects, and no line below it', async () => {
    const lines = ['host all +prism 127.0.0.1/32 reject', 'host all all 127.0.0.1/32 scram-sha-256']
    const found = await under(lines)
    expect(found?.message).toContain(
      `${inFile(2, 'host all +prism 127.0.0.1/32 reject')} rejects role "prism"`,
    )
  })

  test('the line that asked for a password that is wrong', async () => {
    const found = await under(usualHba, {secrets: {POSTGRES_PASSWORD: 'wrong-one'}})
    expect(found?.evidence[1]).toBe(
      `${server.dataDirectory}/pg_hba.conf:3 host all all 127.0.0.1/32 scram-sha-256`,
    )
  })

  test('a file with an error, and one that was not read since', async () => {
    await server.hba('local all all peer')
    const file = join(server.dataDirectory, 'pg_hba.conf')
    const write = (line: string) => writeFileSync(file, `local all postgres trust\n${line}\n`)
    const environment = {POSTGRES_HOST: '127.0.0.1'}
    write('host all all 127.0.0.1/32 scram')
    const invalid = await one(deployment({environment}))
    write('host all all 127.0.0.1/32 scram-sha-256')
    utimesSync(file, new Date(Date.now() + 5000), new Date(Date.now() + 5000))
    const unread = await one(deployment({environment}))
    await server.hba(...usualHba)
    expect(invalid).toMatchObject({
      code: 'hba-error',
      message: `line 2 of ${file} is not valid, so PostgreSQL goes by what it read before: invalid authentication method "scram"`,
    })
    expect(unread).toMatchObject({
      code: 'hba-not-read',
      message: `${inFile(2, 'host all all 127.0.0.1/32 scram-sha-256')} is for role "prism" and database "prism", but PostgreSQL has not read the file since it was changed`,
      remedy: {
        risk: 'disruptive',
        steps: [{argv: ['systemctl', 'reload', 'postgresql.service']}],
      },
    })
  })

  test('a database whose name differs in case', async () => {
    await server.hba('host prism all all scram-sha-256')
    const found = await one(deployment({environment: {POSTGRES_DB: 'Prism'}}))
    await server.hba(...usualHba)
    expect(found).toMatchObject({
      code: 'no-hba-entry',
      message: 'pg_hba.conf admits nobody to database "Prism"; there is one called "prism"',
      remedy: {nix: 'systemd.services.prism-django.environment.POSTGRES_DB = "prism";'},
    })
  })

  test('a peer that is not the role', async () => {
    const environment = {POSTGRES_HOST: '/run/postgresql'}
    expect(await one(deployment({environment, unit: {User: 'other'}}))).toMatchObject({
      code: 'peer',
      message:
        'over the socket PostgreSQL takes the user other for role "other" (peer), but the service asks for role "prism"',
    })
    const missing = deployment({environment, secrets: {POSTGRES_USER: 'nosuch'}})
    expect(await codes(databaseLogin, missing)).toEqual(['critical role-missing'])
    expect((await one(missing))?.message).toMatch(
      /no role "nosuch", which POSTGRES_USER .* names; .* role "prism" \(peer\)$/,
    )
  })

  test('a role that does not exist, without anybody to ask', async () => {
    await server.hba('host all all 127.0.0.1/32 trust')
    const environment = {POSTGRES_HOST: '127.0.0.1'}
    const found = await codes(
      databaseLogin,
      deployment({environment, secrets: {POSTGRES_USER: 'nosuch'}, sockets: []}),
    )
    await server.hba(...usualHba)
    expect(found).toEqual(['critical role-missing'])
  })
})

describe('what postgresql-setup.service should have made', () => {
  const setup = (state: string) => ({
    'prism-django.service': {
      ...runningUnit,
      Environment: `POSTGRES_HOST=localhost POSTGRES_PORT=${server.port} POSTGRES_DB=nosuch`,
    },
    'postgresql-setup.service': {LoadState: 'loaded', ActiveState: state, SubState: state},
  })
  const journal = [{at: 0, text: 'ERROR:  template database "nosuch" does not exist'}]

  test('when it failed, in its own words', async () => {
    const units = setup('failed')
    expect(await one(deployment({units, journal}), databaseExists)).toMatchObject({
      code: 'missing',
      message:
        'database "nosuch" does not exist: postgresql-setup.service, which makes it, failed: ERROR: template database "nosuch" does not exist',
      remedy: {risk: 'manual'},
      because: ['service/dependencies'],
    })
    expect(
      await one(deployment({units, journal, secrets: {POSTGRES_USER: 'nosuch'}})),
    ).toMatchObject({
      code: 'role-missing',
      message: expect.stringContaining('postgresql-setup.service, which makes it, failed'),
    })
  })

  test('while it is still running, and once it has run', async () => {
    expect(await one(deployment({units: setup('activating')}), databaseExists)).toMatchObject({
      message:
        'database "nosuch" does not exist, and postgresql-setup.service, which makes it, is still running',
    })
    expect(await one(deployment({units: setup('active')}), databaseExists)).toMatchObject({
      message: 'database "nosuch" does not exist',
    })
  })
})

test('an empty variable says nothing of ~/.pgpass while Django cannot be asked', async () => {
  const asked = verdicts(databaseLogin, deployment({secrets: {POSTGRES_PASSWORD: ''}}))
  await expect(asked).rejects.toThrow('Django could not be asked')
})

test('nobody can look without the secrets, or as another user', async () => {
  const environment = {POSTGRES_USER: 'prism'}
  const unread = verdicts(databaseLogin, deployment({uid: 1000, files: {}, environment}))
  await expect(unread).rejects.toMatchObject({
    privilege: true,
    message: expect.stringContaining('/run/secrets/prism-env'),
  })
  const gone = verdicts(databaseLogin, deployment({files: {}, environment}))
  await expect(gone).rejects.toMatchObject({privilege: false})
  const unreachable = verdicts(databaseLogin, deployment({environment: {POSTGRES_PORT: 1}}))
  await expect(unreachable).rejects.toThrow(CannotLook)
})

describe('the database', () => {
  test('exists, also where the role may not connect to it', async () => {
    expect(await codes(databaseExists, deployment())).toEqual(['ok ok'])
    expect(
      await codes(databaseExists, deployment({environment: {POSTGRES_DB: 'private'}})),
    ).toEqual(['ok ok'])
  })

  test('is missing, and may be created where no other cluster is', async () => {
    const environment = {POSTGRES_DB: 'nosuch'}
    const directories = {'/var/lib/postgresql': ['.bash_history', '15']}
    expect(await one(deployment({environment, directories}), databaseExists)).toMatchObject({
      code: 'missing',
      message: 'database "nosuch" does not exist',
      evidence: ['3D000 database "nosuch" does not exist', '/var/lib/postgresql holds 15'],
      remedy: {
        risk: 'disruptive',
        steps: [
          {shell: 'sudo runuser -u postgres -- createdb -O prism -- nosuch'},
          {argv: ['systemctl', 'restart', 'prism-django.service']},
        ],
      },
    })
    const two = {'/var/lib/postgresql': ['15', '17']}
    const beside = await one(deployment({environment, directories: two}), databaseExists)
    expect(beside?.remedy?.risk).toBe('manual')
  })

  test('is closed', async () => {
    const host = deployment({environment: {POSTGRES_DB: 'closed'}})
    expect(await one(host, databaseExists)).toMatchObject({code: 'closed', kind: 'cause'})
  })
})
