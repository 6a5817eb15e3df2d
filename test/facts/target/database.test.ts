import {describe, expect, it} from 'vitest'
import {databaseOf, knownDatabase, reportedTarget} from '../../../src/facts/target/target.ts'
import {type DjangoEdit, type Edits, recorded} from '../../machine.ts'
import {databaseWith, environment, path, settings, targetWith, unasked, unit} from './targets.ts'

describe('the database', () => {
  it('takes the database from Django, and says where each part is to be changed', async () => {
    const said: DjangoEdit = {
      databases: {
        default: {host: 'db.local', port: '', name: 'lamps', options: {sslmode: 'require'}},
      },
      secrets: {'DATABASES.default.PASSWORD': 'canary-value'},
    }
    const found = await databaseWith({django: said})
    expect(found).toMatchObject({
      host: 'db.local',
      port: 5432,
      name: 'lamps',
      user: 'prism',
      password: 'canary-value',
      sslmode: 'require',
      source: 'settings',
      from: 'DATABASES in prism/settings.py',
    })
    const settingsFile = expect.stringMatching(/^\/nix\/store\/.*\/prism\/settings\.py$/)
    expect(found?.stated).toMatchObject({
      user: {variable: 'POSTGRES_USER', file: path},
      host: {variable: null, file: settingsFile},
    })
    expect((await databaseWith({}))?.stated.password).toEqual({
      variable: 'POSTGRES_PASSWORD',
      file: path,
    })
  })

  it.each([
    ['django.contrib.gis.db.backends.postgis'],
    ['psqlextra.backend'],
    ['django_tenants.postgresql_backend'],
    ['django_prometheus.db.backends.postgresql'],
  ])('knows PostgreSQL behind the backend %s', async engine => {
    expect(await databaseWith({django: {databases: {default: {engine}}}})).toMatchObject({
      name: 'prism',
    })
  })

  it.each([
    ['django.db.backends.sqlite3'],
    ['django.db.backends.mysql'],
    ['django.db.backends.oracle'],
  ])('knows that %s is none', async engine => {
    expect(await databaseWith({django: {databases: {default: {engine}}}})).toBeNull()
  })

  it('takes what the settings leave empty from what libpq looks at', async () => {
    const django: DjangoEdit = {
      databases: {default: {host: '', port: '', name: 'prism', user: ''}},
      secrets: {'DATABASES.default.PASSWORD': ''},
    }
    expect(await databaseWith({django})).toMatchObject({
      host: '/run/postgresql',
      port: 5432,
      user: 'prism',
      password: null,
    })
    const Environment = 'PGHOST=db.local PGPORT=5434 PGUSER=web PGPASSWORD=canary-value'
    const told = {django, show: {[unit]: {Environment}}}
    expect(await databaseWith(told)).toMatchObject({
      host: 'db.local',
      port: 5434,
      user: 'web',
      password: 'canary-value',
      source: 'settings',
    })
  })

  it('leaves a service of pg_service.conf to libpq', async () => {
    const django: DjangoEdit = {databases: {default: {options: {service: 'prism'}}}}
    const found = await targetWith({
      django,
      show: {[unit]: {Environment: '', EnvironmentFiles: undefined}},
    })
    expect(found.database).toBe('unknown')
  })

  it('knows nothing of a database that nobody states, or of which half is stated', async () => {
    for (const told of [
      {},
      {POSTGRES_PASSWORD: 'x', DEBUG: 'false'},
      {POSTGRES_HOST: 'localhost'},
    ]) {
      const found = await targetWith(environment(told))
      expect(found.database).toBe('unknown')
      expect(knownDatabase(found)).toBeNull()
      expect(reportedTarget(found, settings).database).toBeNull()
    }
    const said = 'Django could not be asked: only root can run a program as a unit'
    expect(() =>
      databaseOf({
        database: 'unknown',
        django: {
          answer: null,
          unasked: {kind: 'privilege', why: 'only root can run a program as a unit', evidence: []},
        },
      }),
    ).toThrow(said)
  })

  it('begins a session as the service does: by PGOPTIONS, the URL, or OPTIONS of the settings', async () => {
    const options = async (edits: Edits): Promise<string | undefined> =>
      (await databaseWith(edits))?.options
    const path = '-c search_path=lamps'
    expect(await options({})).toBeUndefined()
    const url = 'postgres://prism@localhost/prism?options=-c%20search_path%3Dlamps'
    expect(await options(environment({DATABASE_URL: url}))).toBe(path)
    expect(await options({show: {[unit]: {Environment: `"PGOPTIONS=${path}"`}}})).toBe(path)
    expect(await options({django: {databases: {default: {options: {options: path}}}}})).toBe(path)
  })

  it('reads DATABASE_URL as dj-database-url does', async () => {
    const database = await databaseWith(
      environment({DATABASE_URL: 'postgres://pr%40ism:p%2Fw@db.local:5433/pr?sslmode=require'}),
    )
    const stated = {variable: 'DATABASE_URL', file: null}
    expect(database).toEqual({
      host: 'db.local',
      port: 5433,
      name: 'pr',
      user: 'pr@ism',
      password: 'p/w',
      sslmode: 'require',
      options: undefined,
      source: 'environment',
      from: 'DATABASE_URL',
      stated: {host: stated, port: stated, name: stated, user: stated, password: stated},
    })
  })

  it('reads a password in DATABASE_URL that was not encoded, as urllib does', async () => {
    const database = await databaseWith(
      environment({DATABASE_URL: 'postgres://prism:p@ss:w%rd%e9@localhost:5432/prism'}),
    )
    expect(database).toMatchObject({
      host: 'localhost',
      port: 5432,
      user: 'prism',
      password: 'p@ss:w%rd\ufffd',
    })
  })

  it('reads a socket out of DATABASE_URL', async () => {
    const encoded = await targetWith(
      environment({DATABASE_URL: 'postgresql://prism@%2Frun%2Fpostgresql/prism'}),
    )
    expect(encoded.database).toMatchObject({host: '/run/postgresql', user: 'prism', password: null})
    const query = await targetWith(
      environment({DATABASE_URL: 'postgresql://prism@/prism?host=/run/postgresql'}),
    )
    expect(query.database).toMatchObject({host: '/run/postgresql'})
  })

  it("falls back on libpq's names and defaults", async () => {
    const named = await targetWith(
      environment({PGHOST: '/run/pg', PGUSER: 'web', PGDATABASE: 'site', PGPORT: '5434'}),
    )
    expect(named.database).toMatchObject({
      host: '/run/pg',
      user: 'web',
      name: 'site',
      port: 5434,
      from: 'PG*',
    })
    const socket = await databaseWith(environment({PGUSER: 'web', PGDATABASE: 'site'}))
    expect(socket).toMatchObject({host: '/run/postgresql', port: 5432, user: 'web', name: 'site'})
    const role = await databaseWith(
      environment({POSTGRES_USER: 'web', POSTGRES_PASSWORD: 'x', POSTGRES_HOST: 'db.local'}),
    )
    expect(role).toMatchObject({
      host: 'db.local',
      user: 'web',
      name: 'web',
      source: 'environment',
      from: 'POSTGRES_*',
    })
  })

  it('knows when there is no PostgreSQL', async () => {
    expect(await databaseWith(environment({USE_POSTGRES: 'False', POSTGRES_USER: 'x'}))).toBeNull()
    expect(await databaseWith(environment({DATABASE_URL: 'sqlite:////var/lib/x.db'}))).toBeNull()
    expect(await databaseWith({django: said => ({...said, databases: {}})})).toBeNull()
  })

  it('lets the secrets file win over the unit, as systemd does', async () => {
    const answer = recorded('healthy', 'readFile', path) as {text: string}
    const text = `${answer.text}POSTGRES_PORT=5999\n`
    const edits = {
      ...unasked,
      show: {[unit]: {Environment: 'POSTGRES_HOST=localhost POSTGRES_PORT=5433'}},
    }
    expect((await databaseWith({...edits, readFile: {[path]: {...answer, text}}}))?.port).toBe(5999)
  })
})
