import {describe, expect, it} from 'vitest'
import {databaseLogin} from '../../../src/checks/database/login.ts'
import {databaseServer} from '../../../src/checks/database/server.ts'
import {secretsKeys} from '../../../src/checks/secrets/keys.ts'
import {environmentFacts, libpqFacts} from '../../../src/facts/picture/variables.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import type {Target} from '../../../src/facts/target/target.ts'
import {NotStated} from '../../../src/host/host.ts'
import {codes, type DjangoEdit, type Edits, machine, verdicts} from '../../machine.ts'

const unit = 'prism-django.service'
const own = '/var/lib/prism-django/.pgpass'

/** What the service was told of its password file, with a change. */
const told = (change: object): DjangoEdit => ({libpq: {passfile: change}}) as DjangoEdit

async function said(fixture: string, edits: Edits = {}) {
  const [finding, ...others] = await verdicts(secretsKeys, machine(fixture, edits))
  expect(others).toEqual([])
  return finding
}

const targetOf = (fixture: string, edits: Edits = {}): Promise<Target> =>
  findTarget(machine(fixture, edits), {unit})

describe('a password that stands where only libpq looks', () => {
  it.each(['healthy-pgpass', 'healthy-pg-service'])('is no fault: %s', async fixture => {
    expect(await codes(secretsKeys, machine(fixture))).toEqual(['ok ok'])
    expect(await codes(databaseLogin, machine(fixture))).toEqual(['ok ok'])
    expect(await codes(databaseServer, machine(fixture))).toEqual(['ok ok'])
  })

  it('is known, with its file and line, and where a service states the rest', async () => {
    const {database} = await targetOf('healthy-pgpass')
    expect(database).toMatchObject({
      host: 'localhost',
      password: expect.stringMatching(/^redacted-/),
      stated: {
        password: {variable: null, file: own, within: 'line 2'},
        user: {variable: 'POSTGRES_USER'},
      },
    })
    const file = '/var/lib/prism-django/.pg_service.conf'
    const stated = {variable: null, file, within: 'service "prism"'}
    expect((await targetOf('healthy-pg-service')).database).toMatchObject({
      host: 'localhost',
      port: 5432,
      name: 'prism',
      user: 'prism',
      password: expect.stringMatching(/^redacted-/),
      from: `service "prism" of ${file}`,
      stated: {host: stated, port: stated, name: stated, user: stated, password: stated},
    })
  })

  it('counts less than one that the settings state', async () => {
    const django: DjangoEdit = {secrets: {'DATABASES.default.PASSWORD': 'canary-value'}}
    const {database} = await targetOf('healthy-pgpass', {django})
    expect(database).toMatchObject({
      password: 'canary-value',
      stated: {password: expect.not.objectContaining({within: 'line 2'})},
    })
  })

  it('stands in PGPASSWORD of the unit, where the service states none', async () => {
    const edits: Edits = {
      show: {[unit]: {Environment: 'PGPASSWORD=canary-value'}},
      django: {libpq: {passfile: null}, secrets: {'libpq.password': 'canary-value'}},
    }
    const {database} = await targetOf('healthy-pg-service', edits)
    expect(database).toMatchObject({
      password: 'canary-value',
      stated: {password: {variable: 'PGPASSWORD', file: null}},
    })
  })

  it('is looked for in the directory of sockets by one name, however libpq names it', async () => {
    const django: DjangoEdit = {
      databases: {default: {host: ''}},
      libpq: {host: '/var/run/postgresql'},
    }
    expect((await targetOf('healthy-pgpass', {django})).database).toMatchObject({
      host: '/run/postgresql',
    })
  })
})

describe('a password file that libpq takes no password from', () => {
  it('is open to others', async () => {
    expect(await said('pgpass-open')).toMatchObject({
      code: 'passfile-open',
      status: 'critical',
      message: `libpq ignores the password file ${own}, since others have access to it (mode 0644)`,
      evidence: [`0644 prism ${own}`],
      remedy: {
        summary: 'Close the file to everybody else, then restart the service',
        risk: 'manual',
        steps: [{shell: `sudo -u prism chmod 0600 ${own}`}, {argv: ['systemctl', 'restart', unit]}],
      },
    })
  })

  it('is open, and was installed by the platform, by systemd, or by nobody for this role', async () => {
    const sops = await said('pgpass-open', {django: told({path: '/run/secrets/pgpass'})})
    expect(sops?.remedy).toMatchObject({nix: 'sops.secrets."pgpass".mode = "0400";'})
    const credential = `/run/credentials/${unit}/pgpass`
    const mask = told({path: credential, access: {mode: 0o440, uid: 0, gid: 0}})
    const handed = await said('pgpass-open', {django: mask})
    expect(handed).toMatchObject({message: expect.stringContaining('(mode 0440)')})
    expect(handed?.remedy?.summary).toContain('Name a file in PGPASSFILE')
    expect(JSON.stringify(handed?.remedy)).not.toContain('chmod')
    const foreign = told({differs: ['host', 'database']})
    expect(await said('pgpass-open', {django: foreign})).toMatchObject({
      code: 'missing',
      message: expect.stringContaining('POSTGRES_PASSWORD is not set'),
    })
  })

  it('belongs to root', async () => {
    const path = '/etc/prism/pgpass'
    expect(await said('pgpass-of-root')).toMatchObject({
      code: 'passfile-denied',
      message: `prism may not read the password file ${path} (mode 0600)`,
      evidence: [`0600 root ${path}`],
      remedy: {
        steps: [
          {argv: ['chown', '-h', 'prism', path]},
          {shell: `sudo -u prism chmod 0600 ${path}`},
          {argv: ['systemctl', 'restart', unit]},
        ],
      },
    })
  })

  it.each([
    ['pgpass-open', own],
    ['pgpass-of-root', '/etc/prism/pgpass'],
  ])('is only looked at where a link or a second name leads elsewhere: %s', async (name, path) => {
    const file = {type: 'file', mode: 0o644, uid: 0, gid: 0, nlink: 1, size: 9, mtime: 0, dev: 1}
    const restarted = {argv: ['systemctl', 'restart', unit]}
    for (const change of [{type: 'symlink', link: '/etc/shadow'}, {nlink: 2}])
      expect(
        (await said(name, {stat: {[path]: {...file, ...change}}}))?.remedy?.steps,
      ).toMatchObject([{shell: `sudo namei -l ${path}`}, restarted])
    const plain = await said(name, {stat: {[path]: file}})
    expect(plain?.remedy?.steps).toContainEqual(
      expect.objectContaining({shell: `sudo -u prism chmod 0600 ${path}`}),
    )
  })

  it('is hidden by the sandbox, and is not there at all', async () => {
    const path = '/home/prism/.pgpass'
    expect(await said('pgpass-hidden')).toMatchObject({
      code: 'passfile-hidden',
      message: `ProtectHome=yes hides the password file ${path} from the service`,
    })
    const gone: Edits = {stat: {[path]: null}}
    expect(await said('pgpass-hidden', gone)).toMatchObject({
      code: 'passfile-missing',
      message: `the password file ${path} does not exist`,
    })
    expect((await said('pgpass-hidden', gone))?.remedy?.steps).toContainEqual(
      expect.objectContaining({
        argv: ['install', '-T', '-m', '0600', '-o', 'prism', '/dev/null', path],
      }),
    )
    // Nobody named it: libpq only looks there.
    expect(await said('pgpass-hidden', {...gone, django: told({named: false})})).toMatchObject({
      code: 'missing',
    })
  })

  it('is there, and the service does not see it', async () => {
    const path = '/tmp/pgpass'
    const file = {type: 'file', mode: 0o600, uid: 0, gid: 0, nlink: 1, size: 9, mtime: 0, dev: 1}
    const django = told({path, state: 'missing'})
    const seen = await said('pgpass-hidden', {django, stat: {[path]: file}})
    expect(seen).toMatchObject({
      code: 'passfile-hidden',
      message: `the service does not see the password file ${path}, which is there`,
    })
    expect(JSON.stringify(seen?.remedy)).not.toContain('install')
    const dangling = {...file, type: 'symlink', link: '/nowhere'}
    expect(await said('pgpass-hidden', {django, stat: {[path]: dangling}})).toMatchObject({
      code: 'passfile-missing',
    })
  })

  it('is no file', async () => {
    expect(
      await said('pgpass-open', {django: told({named: true, state: 'irregular'})}),
    ).toMatchObject({
      code: 'passfile-not-a-file',
    })
  })

  it.each([
    [['user'], 2, 'line 2 is for another user'],
    [['host'], 1, 'line 1 is for another host'],
  ])('has a line for another: %j', async (differs, line, words) => {
    expect(await said('pgpass-other-user', {django: told({differs, line})})).toMatchObject({
      code: 'passfile-unmatched',
      message: `the password file ${own} has no line for localhost:5432:prism:prism: ${words}`,
      remedy: {steps: [{shell: `sudoedit ${own}`}, {argv: ['systemctl', 'restart', unit]}]},
    })
  })

  it('was meant although little of it fits, where it is named', async () => {
    const words = async (change: object) =>
      (await said('pgpass-other-user', {django: told({named: true, ...change})}))?.message
    expect(await words({differs: ['host', 'port', 'user']})).toMatch(
      /line 2 is for another host, port and user$/,
    )
    expect(await words({differs: ['form']})).toMatch(/line 2 has less than five fields$/)
    expect(await words({differs: [], line: 3})).toBe(
      `line 3 of the password file ${own} has no password`,
    )
    expect(await words({differs: [], line: null})).toBe(
      `the password file ${own} has no entry; localhost:5432:prism:prism is asked for`,
    )
  })

  it('was not meant where the settings look for a variable and nobody can read it', async () => {
    for (const [fixture, change] of [
      ['pgpass-hidden', {named: false}],
      ['pgpass-of-root', {named: false}],
      ['pgpass-open', {state: 'irregular'}],
    ] as const)
      expect(await said(fixture, {django: told(change)})).toMatchObject({
        code: 'missing',
        message: expect.stringContaining('POSTGRES_PASSWORD is not set'),
      })
  })

  it('was not meant where the settings look for a variable and little of it fits', async () => {
    for (const change of [
      {differs: ['form']},
      {differs: ['host', 'user']},
      {differs: [], line: null},
    ])
      expect(await said('pgpass-other-user', {django: told(change)})).toMatchObject({
        code: 'missing',
        message: expect.stringContaining('POSTGRES_PASSWORD is not set'),
      })
  })

  it('is the reason for a login without a password', async () => {
    for (const fixture of ['pgpass-open', 'pgpass-of-root', 'pgpass-hidden', 'pgpass-other-user'])
      expect(await verdicts(databaseLogin, machine(fixture))).toMatchObject([
        {code: 'no-password-sent', kind: 'symptom', because: ['secrets/keys', 'secrets/file']},
      ])
  })

  it('is not known where the driver could not be asked', async () => {
    const django: DjangoEdit = answer => ({...answer, libpq: {unasked: 'MemoryError'}})
    const why = /the database driver could not be asked \(MemoryError\)/
    await expect(verdicts(secretsKeys, machine('pgpass-open', {django}))).rejects.toThrow(why)
    await expect(verdicts(databaseLogin, machine('pgpass-open', {django}))).rejects.toThrow(why)
    // What else is known is said all the same.
    const lacking: DjangoEdit = answer => ({
      ...answer,
      libpq: {unasked: 'MemoryError'},
      missing: [{name: 'EMAIL_KEY', place: null, chain: []}],
    })
    expect(await said('pgpass-open', {django: lacking})).toMatchObject({
      code: 'missing',
      message: expect.stringContaining('EMAIL_KEY'),
    })
  })
})

it('says where the password stands that PostgreSQL refuses', async () => {
  expect(await verdicts(databaseLogin, machine('pgpass-wrong-password'))).toMatchObject([
    {
      code: 'wrong-password',
      message: `role "prism" has a different password than line 2 of ${own}`,
      remedy: {
        summary: `Set the role's password to the one in line 2 of ${own}, then restart`,
        alternatives: [
          {steps: [{shell: `sudoedit ${own}`}, {argv: ['systemctl', 'restart', unit]}]},
        ],
      },
    },
  ])
})

it('does not know which database it is where there are several', async () => {
  const service: DjangoEdit = {libpq: {several: true, host: 'db1', port: '5432,5433'}}
  const settings: DjangoEdit = {databases: {default: {host: 'db1,db2', port: '5432,5433'}}}
  for (const [fixture, django] of [
    ['healthy-pg-service', service],
    ['healthy-pgpass', settings],
  ] as const) {
    expect((await targetOf(fixture, {django})).database).toBe('unknown')
    await expect(verdicts(databaseServer, machine(fixture, {django}))).rejects.toThrow(NotStated)
  }
})

it('says that a service of pg_service.conf is not defined, and where it should be', async () => {
  expect(await verdicts(databaseServer, machine('pg-service-undefined'))).toMatchObject([
    {
      code: 'unusable-service',
      status: 'critical',
      message: expect.stringContaining('definition of service "prism" not found'),
      remedy: {steps: [{shell: 'sudoedit /var/lib/prism-django/.pg_service.conf'}, {}]},
    },
  ])
  // Which file of the system libpq reads was compiled in.
  const django: DjangoEdit = {libpq: {service: {file: null}}}
  expect(await verdicts(databaseServer, machine('pg-service-undefined', {django}))).toMatchObject([
    {remedy: {steps: [{shell: 'pg_config --sysconfdir'}, {}]}},
  ])
})

describe('in a picture', () => {
  const facts = async (fixture: string, edits: Edits = {}) =>
    libpqFacts(await targetOf(fixture, edits)).filter(seen => 'name' in seen)

  it('is the file with who may read it, and the password as a secret', async () => {
    const file = {source: own, at: expect.any(Number)}
    expect(await facts('healthy-pgpass')).toEqual([
      {...file, name: `password file/${own}`, value: '5100:5100 0600'},
      {...file, name: `password/${own}`, value: expect.any(String), secret: true},
    ])
    expect(await facts('pgpass-open')).toEqual([
      {...file, name: `password file/${own}`, value: '5100:5100 0644'},
    ])
    const gone: DjangoEdit = told({state: 'missing'})
    expect(await facts('pgpass-hidden', {django: gone})).toMatchObject([{value: 'missing'}])
  })

  it('is what a service states', async () => {
    expect(await facts('healthy-pg-service')).toMatchObject([
      {name: 'database service/prism', value: 'localhost:5432 prism prism'},
      {name: 'password//var/lib/prism-django/.pg_service.conf', secret: true},
    ])
  })

  it('tells that a file is gone, and nothing where nobody could look', async () => {
    expect(libpqFacts(await targetOf('healthy'))).toEqual([
      {whole: 'password file/'},
      {whole: 'database service/'},
    ])
    expect(libpqFacts(await targetOf('pgpass-hidden'))).toEqual([{whole: 'database service/'}])
    const django: DjangoEdit = answer => ({...answer, libpq: {unasked: 'MemoryError'}})
    expect(libpqFacts(await targetOf('healthy', {django}))).toEqual([])
  })

  it('does not tell a variable twice', async () => {
    const edits: Edits = {
      show: {[unit]: {Environment: 'PGPASSWORD=canary-value'}},
      django: {secrets: {'libpq.password': 'canary-value'}},
    }
    const host = machine('healthy-pg-service', edits)
    const target = await findTarget(host, {unit})
    const names = [...(await environmentFacts(host, target)), ...libpqFacts(target)]
    expect(
      names.flatMap(seen =>
        'name' in seen && /PASSWORD|password/.test(seen.name) ? [seen.name] : [],
      ),
    ).toEqual(['environment/PGPASSWORD'])
  })
})
