import {describe, expect, it} from 'vitest'
import {parseBind} from '../../../src/facts/target/bind.ts'
import {boundsOf} from '../../../src/facts/target/bounds.ts'
import type {DatabaseTarget} from '../../../src/facts/target/database.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import {answerOf, databaseOf, knownDatabase, reportedTarget, type Target} from '../../../src/facts/target/target.ts'
import {NotStated} from '../../../src/host/host.ts'
import {
  askedSettings,
  cannotLook,
  type DjangoEdit,
  djangoSaid,
  type Edits,
  fixture,
  machine,
  recorded,
} from '../../machine.ts'

const unit = 'prism-django.service'
const path = '/run/secrets/prism-env'
const settings = {unit}
async function targetWith(edits: Edits): Promise<Target> {
  return findTarget(machine('healthy', edits), settings)
}

/** Django could not be asked, so that variables of usual names are all that is known. */
const unasked: Edits = {asUnit: {[askedSettings]: cannotLook('only root can run a program as a unit', true)}}

/** Environment= of the recorded unit with these assignments alone, where Django could not be asked. */
function environment(changes: Readonly<Record<string, string>>): Edits {
  const assignments = Object.entries(changes).map(([name, value]) => `${name}=${value}`)
  return {...unasked, show: {[unit]: {Environment: assignments.join(' '), EnvironmentFiles: undefined}}}
}

async function databaseWith(edits: Edits): Promise<DatabaseTarget | null> {
  return databaseOf(await targetWith(edits))
}

describe('the target', () => {
  it('is found without configuration', async () => {
    const found = reportedTarget(await targetWith({}), settings)
    expect(found).toMatchObject({
      unit,
      user: 'prism',
      group: 'prism',
      stateDirectory: '/var/lib/prism-django',
      staticRoot: '/var/lib/prism-django/staticfiles',
      url: 'http://127.0.0.1:8000',
      database: {host: 'localhost', port: 5432, name: 'prism', user: 'prism'},
    })
    expect(found.package).toMatch(/^\/nix\/store\/[0-9a-z]{32}-prism-django-unstable$/)
  })

  it('learns from the process what PassEnvironment= gave it, unless the unit says otherwise', async () => {
    const {environment: found} = await targetWith({
      show: {[unit]: {PassEnvironment: 'POSTGRES_DB LC_ALL NOWHERE', Environment: 'LC_ALL=C.UTF-8'}},
      readFile: {'/run/secrets/prism-env': {kind: 'missing'}},
    })
    expect(found.get('POSTGRES_DB')).toBe('prism')
    expect(found.get('LC_ALL')).toBe('C.UTF-8')
    expect(found.has('NOWHERE')).toBe(false)
  })

  it('believes no environment over which a process wrote its title', async () => {
    const [environ = ''] = Object.keys(fixture('healthy').answers.readFile ?? {}).filter(name =>
      /^\/proc\/\d+\/environ$/.test(name),
    )
    const file = recorded('healthy', 'readFile', environ) as {text: string}
    expect((await targetWith({})).running?.get('DEBUG')).toBe('false')
    const text = `gunicorn: master [prism]\0\0\0${file.text.slice(-200)}`
    expect((await targetWith({readFile: {[environ]: {...file, text}}})).running).toBeNull()
  })

  it('takes the database from Django, and says where each part is to be changed', async () => {
    const said: DjangoEdit = {
      databases: {default: {host: 'db.local', port: '', name: 'lamps', options: {sslmode: 'require'}}},
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
    expect((await databaseWith({}))?.stated.password).toEqual({variable: 'POSTGRES_PASSWORD', file: path})
  })

  it.each([
    ['django.contrib.gis.db.backends.postgis'],
    ['psqlextra.backend'],
    ['django_tenants.postgresql_backend'],
    ['django_prometheus.db.backends.postgresql'],
  ])('knows PostgreSQL behind the backend %s', async engine => {
    expect(await databaseWith({django: {databases: {default: {engine}}}})).toMatchObject({name: 'prism'})
  })

  it.each([['django.db.backends.sqlite3'], ['django.db.backends.mysql'], ['django.db.backends.oracle']])(
    'knows that %s is none',
    async engine => {
      expect(await databaseWith({django: {databases: {default: {engine}}}})).toBeNull()
    },
  )

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

  it('takes no placeholder for a fact: what stands for a missing variable is not known', async () => {
    const hole = (JSON.parse(djangoSaid('healthy').stdout) as {placeholder: string}).placeholder
    const nothing = {show: {[unit]: {Environment: '', EnvironmentFiles: undefined, MainPID: '0'}}}
    const host = await targetWith({...nothing, django: {databases: {default: {host: hole}}}})
    expect(host.database).toBe('unknown')
    expect(() => databaseOf(host)).toThrow(NotStated)
    const port = await targetWith({...nothing, django: {databases: {default: {port: '48151623'}}}})
    expect(port.database).toBe('unknown')
    const password = {secrets: {'DATABASES.default.PASSWORD': `x${hole}`}}
    expect((await databaseWith({django: password}))?.password).toBeNull()
    const root = await targetWith({
      ...nothing,
      django: {settings: {STATIC_ROOT: `${hole}/static`, ALLOWED_HOSTS: [hole]}},
    })
    expect(root).toMatchObject({staticRoot: null, hosts: []})
  })

  it('leaves a service of pg_service.conf to libpq', async () => {
    const django: DjangoEdit = {databases: {default: {options: {service: 'prism'}}}}
    const found = await targetWith({django, show: {[unit]: {Environment: '', EnvironmentFiles: undefined}}})
    expect(found.database).toBe('unknown')
  })

  it('knows nothing of a database that nobody states, or of which half is stated', async () => {
    for (const told of [{}, {POSTGRES_PASSWORD: 'x', DEBUG: 'false'}, {POSTGRES_HOST: 'localhost'}]) {
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

  it('says why a fact is not known', async () => {
    const refused = await findTarget(machine('healthy'), {unit, ask: false})
    expect(refused.django.unasked?.kind).toBe('refused')
    expect(() => answerOf(refused, 'it')).toThrow('Django was not asked: the configuration says ask = false')
    const broken = await targetWith({django: {settings: undefined, databases: undefined}})
    expect(() => answerOf(broken, 'it')).toThrow(NotStated)
    const imported = await targetWith({django: said => ({...said, settings: {}, databases: {}})})
    expect(() => answerOf(imported, 'it')).toThrow('it is not known: the settings could not be imported')
  })

  it('runs nothing of the application where the configuration says so', async () => {
    const host = machine('healthy')
    const asked: string[] = []
    const watched = {
      ...host,
      asUnit: async (...args: Parameters<typeof host.asUnit>) => {
        asked.push(args[0])
        return host.asUnit(...args)
      },
    }
    await findTarget(watched, {unit, ask: false})
    expect(asked).toEqual([])
    await findTarget(watched, settings)
    expect(asked).toEqual([unit])
  })

  it('asks again with what the running process has and no unit shows', async () => {
    const [environ = ''] = Object.keys(fixture('healthy').answers.readFile ?? {}).filter(name =>
      /^\/proc\/\d+\/environ$/.test(name),
    )
    const file = recorded('healthy', 'readFile', environ) as {text: string}
    const running = {[environ]: {...file, text: `${file.text}\0FERRY=canary-value\0`}}
    const again = {[`${askedSettings} with FERRY`]: djangoSaid('healthy', {settings: {STATIC_ROOT: '/srv/ferry'}})}
    const asks = (django: DjangoEdit) => targetWith({django, readFile: running, asUnit: again})
    // The edit is made to both answers.
    expect((await asks(said => ({...said, unset: [...said.unset, 'FERRY']}))).staticRoot).toBe('/srv/ferry')
    expect((await asks({})).staticRoot).toBe('/var/lib/prism-django/staticfiles')
    // What any shell sets tells nothing.
    await targetWith({django: said => ({...said, unset: [...said.unset, 'PWD', 'SHLVL']}), readFile: running})
  })

  it('believes the names that the running process admits, then Django', async () => {
    expect((await targetWith({})).hosts).toContain('prism.midship.local')
    expect((await targetWith({django: {settings: {ALLOWED_HOSTS: [' one.local ', 'two.local']}}})).hosts).toEqual([
      'one.local',
      'two.local',
    ])
    expect((await targetWith(environment({ALLOWED_HOSTS: 'one.local,two.local'}))).hosts).toContain(
      'prism.midship.local',
    )
    const stopped = environment({ALLOWED_HOSTS: 'one.local,two.local'})
    const show = {[unit]: {...stopped.show?.[unit], MainPID: '0'}}
    expect((await targetWith({...stopped, show})).hosts).toEqual(['one.local', 'two.local'])
    const chosen = await findTarget(machine('healthy'), {unit, hosts: ['three.local']})
    expect(chosen.hosts).toEqual(['three.local'])
  })

  it('begins a session as the service does: by PGOPTIONS, the URL, or OPTIONS of the settings', async () => {
    const options = async (edits: Edits): Promise<string | undefined> => (await databaseWith(edits))?.options
    const path = '-c search_path=lamps'
    expect(await options({})).toBeUndefined()
    const url = 'postgres://prism@localhost/prism?options=-c%20search_path%3Dlamps'
    expect(await options(environment({DATABASE_URL: url}))).toBe(path)
    expect(await options({show: {[unit]: {Environment: `"PGOPTIONS=${path}"`}}})).toBe(path)
    expect(await options({django: {databases: {default: {options: {options: path}}}}})).toBe(path)
  })

  it('reads the files that a pattern of EnvironmentFile= stands for, in their order', async () => {
    const text = (more: string) => ({kind: 'file', text: `POSTGRES_USER=keeper\n${more}\n`, utf8: true})
    const {secretsFiles, environment: found} = await targetWith({
      show: {[unit]: {EnvironmentFiles: '/run/keys/[!b]*.env (ignore_errors=no)'}},
      list: {'/run/keys': ['c.env', 'a.env', 'b.env', '.d.env', 'a.env.bak']},
      readFile: {'/run/keys/a.env': text('POSTGRES_DB=one'), '/run/keys/c.env': text('POSTGRES_DB=two')},
    })
    expect(secretsFiles.map(file => file.path)).toEqual(['/run/keys/a.env', '/run/keys/c.env'])
    expect(found.get('POSTGRES_DB')).toBe('two')
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
    expect(database).toMatchObject({host: 'localhost', port: 5432, user: 'prism', password: 'p@ss:w%rd\ufffd'})
  })

  it('reads a socket out of DATABASE_URL', async () => {
    const encoded = await targetWith(environment({DATABASE_URL: 'postgresql://prism@%2Frun%2Fpostgresql/prism'}))
    expect(encoded.database).toMatchObject({host: '/run/postgresql', user: 'prism', password: null})
    const query = await targetWith(environment({DATABASE_URL: 'postgresql://prism@/prism?host=/run/postgresql'}))
    expect(query.database).toMatchObject({host: '/run/postgresql'})
  })

  it("falls back on libpq's names and defaults", async () => {
    const named = await targetWith(environment({PGHOST: '/run/pg', PGUSER: 'web', PGDATABASE: 'site', PGPORT: '5434'}))
    expect(named.database).toMatchObject({host: '/run/pg', user: 'web', name: 'site', port: 5434, from: 'PG*'})
    const socket = await databaseWith(environment({PGUSER: 'web', PGDATABASE: 'site'}))
    expect(socket).toMatchObject({host: '/run/postgresql', port: 5432, user: 'web', name: 'site'})
    const role = await databaseWith(
      environment({POSTGRES_USER: 'web', POSTGRES_PASSWORD: 'x', POSTGRES_HOST: 'db.local'}),
    )
    expect(role).toMatchObject({host: 'db.local', user: 'web', name: 'web', source: 'environment', from: 'POSTGRES_*'})
  })

  it('knows when there is no PostgreSQL', async () => {
    expect(await databaseWith(environment({USE_POSTGRES: 'False', POSTGRES_USER: 'x'}))).toBeNull()
    expect(await databaseWith(environment({DATABASE_URL: 'sqlite:////var/lib/x.db'}))).toBeNull()
    expect(await databaseWith({django: said => ({...said, databases: {}})})).toBeNull()
  })

  it('lets the secrets file win over the unit, as systemd does', async () => {
    const answer = recorded('healthy', 'readFile', path) as {text: string}
    const text = `${answer.text}POSTGRES_PORT=5999\n`
    const edits = {...unasked, show: {[unit]: {Environment: 'POSTGRES_HOST=localhost POSTGRES_PORT=5433'}}}
    expect((await databaseWith({...edits, readFile: {[path]: {...answer, text}}}))?.port).toBe(5999)
  })

  describe('where files may be changed', () => {
    const answer = recorded('healthy', 'readFile', path) as {text: string}
    const text = `${answer.text}STATIC_ROOT=/var/lib/other\n`
    const state = '/var/lib/prism-django'
    const bounds = async (edits: Edits, chosen = {}): Promise<readonly string[]> => {
      const host = machine('healthy', {...edits, readFile: {[path]: {...answer, text}}})
      return boundsOf(host, await findTarget(host, {unit, ...chosen}))
    }
    const file = '/run/secrets.d/1/prism-env'
    const stat = recorded('healthy', 'stat', file) as object
    const owned = (uid: number, mode: number): Edits => ({stat: {[file]: {...stat, uid, mode}}})

    it.each([
      [owned(5100, 0o400), [state, `${state}/staticfiles`]],
      [owned(0, 0o660), [state, `${state}/staticfiles`]],
      [owned(0, 0o600), [state, '/var/lib/other']],
    ])('is said by a secrets file only where root alone may write it', async (edits, named) => {
      expect([...(await bounds(edits))].sort()).toEqual([...named].sort())
    })

    it('is said by the configuration before all else', async () => {
      const chosen = {stateDirectory: '/srv/prism', staticRoot: '/srv/static'}
      expect(await bounds(owned(0, 0o600), chosen)).toEqual(expect.arrayContaining(['/srv/prism', '/srv/static']))
    })

    it('is not what the unit hides', async () => {
      const show = {[unit]: {InaccessiblePaths: '/var/lib/hidden'}}
      expect(await bounds({...owned(5100, 0o400), show})).not.toContain('/var/lib/hidden')
    })
  })

  it('says that the environment is incomplete when the secrets may not be read', async () => {
    const found = await targetWith({readFile: {[path]: cannotLook('denied', true)}})
    expect(found.environmentIncomplete).toBe(true)
  })

  it.each([
    ['127.0.0.1:8080', {host: '127.0.0.1', port: 8080}],
    ['[::1]:8000', {host: '::1', port: 8000}],
    [':9000', {host: '0.0.0.0', port: 9000}],
    ['0.0.0.0', {host: '0.0.0.0', port: 8000}],
    ['unix:/run/prism/g.sock', {socketPath: '/run/prism/g.sock'}],
    ['not an address', null],
  ])('reads the bind address %s', (text, bind) => {
    expect(parseBind(text)).toEqual(bind)
  })

  it("believes gunicorn's own word for where it listens, and the configuration before it", async () => {
    const binds = [{path: '/run/prism.sock'}, {host: '0.0.0.0', port: 8100}]
    const edits: Edits = {django: {server: {binds}}}
    const {bind, binds: all} = await targetWith(edits)
    expect(bind).toEqual({socketPath: '/run/prism.sock'})
    expect(all).toEqual([{socketPath: '/run/prism.sock'}, {host: '0.0.0.0', port: 8100}])
    const chosen = await findTarget(machine('healthy', edits), {unit, bind: '127.0.0.1:9000'})
    expect(chosen.bind).toEqual({host: '127.0.0.1', port: 9000})
  })

  it('asks where the unit listens when nothing says it', async () => {
    const {bind} = await targetWith(environment({}))
    expect(bind).toEqual({host: '127.0.0.1', port: 8000})
    const ss = Object.keys(fixture('healthy').answers.exec ?? {}).find(key => key.startsWith('ss ')) ?? ''
    const answer = recorded('healthy', 'exec', ss) as {stdout: string}
    const moved = {...answer, stdout: answer.stdout.replaceAll('127.0.0.1:8000', '127.0.0.1:8077')}
    const elsewhere = await targetWith({...environment({}), exec: {[ss]: moved}})
    expect(elsewhere.bind).toEqual({host: '127.0.0.1', port: 8077})
  })
})
