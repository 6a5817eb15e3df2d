import {describe, expect, it} from 'vitest'
import {boundsOf, findTarget, parseBind, reportedTarget, type Target} from '../src/target.ts'
import {cannotLook, type Edits, fixture, machine, recorded} from './machine.ts'

const unit = 'prism-django.service'
const path = '/run/secrets/prism-env'
const settings = {unit}
const settingsPath =
  Object.keys(fixture('healthy').answers.readFile ?? {}).find(name => name.endsWith('/prism/settings.py')) ?? ''

async function targetWith(edits: Edits): Promise<Target> {
  return findTarget(machine('healthy', edits), settings)
}

/** Environment= of the recorded unit with assignments replaced or added. */
function environment(changes: Readonly<Record<string, string>>): Edits {
  const assignments = Object.entries({USE_POSTGRES: 'true', ...changes}).map(([name, value]) => `${name}=${value}`)
  return {show: {[unit]: {Environment: assignments.join(' '), EnvironmentFiles: undefined}}}
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

  it('takes what the environment leaves open of the database from the defaults of the settings', async () => {
    const file = recorded('healthy', 'readFile', settingsPath) as {text: string}
    const text = file.text
      .replace("config('POSTGRES_DB', default='prism')", 'config("POSTGRES_DB", default="lamps", cast=str)')
      .replace("config('POSTGRES_HOST', default='localhost')", "os.environ.get('POSTGRES_HOST', 'db.local')")
    const told = environment({POSTGRES_USER: 'keeper', POSTGRES_PASSWORD: 'canary-value'})
    const edits = (more: Readonly<Record<string, string>>, wrapper = ''): Edits => {
      const [server = ''] = Object.keys(fixture('healthy').answers.readFile ?? {}).filter(name =>
        name.endsWith('/bin/prism-gunicorn'),
      )
      const script = recorded('healthy', 'readFile', server) as {text: string}
      return {
        show: {[unit]: {...told.show?.[unit], ...more}},
        readFile: {
          [settingsPath]: {...file, text},
          [server]: {...script, text: script.text.replace('\n', `\n${wrapper}\n`)},
        },
      }
    }
    const stopped = {MainPID: '0'}
    expect((await targetWith(edits(stopped))).database).toMatchObject({
      host: 'db.local',
      port: 5432,
      name: 'lamps',
      user: 'keeper',
    })
    // An empty value is one; a process or a script that sets a name knows better than a default.
    const empty = {...stopped, Environment: 'USE_POSTGRES=true POSTGRES_USER=keeper POSTGRES_PASSWORD=x POSTGRES_HOST='}
    expect((await targetWith(edits(empty))).database?.host).toBe('localhost')
    expect((await targetWith(edits({}))).database?.name).toBe('keeper')
    const byScript = {Environment: 'USE_POSTGRES=true POSTGRES_USER=keeper'}
    expect((await targetWith(edits(byScript))).database).toMatchObject({password: expect.any(String), name: 'keeper'})
    expect((await targetWith(edits({...byScript, ...stopped}))).database?.password).toBeNull()
    expect((await targetWith(edits(stopped, "export POSTGRES_DB='wicks'"))).database?.name).toBe('wicks')
    expect((await targetWith(edits(stopped, 'export POSTGRES_DB="$(cat /run/db)"'))).database?.name).toBe('keeper')
    const off = {...stopped, Environment: 'POSTGRES_USER=keeper'}
    expect((await targetWith(edits(off))).database).toBeNull()
    expect((await targetWith(edits(off, "export USE_POSTGRES='true'"))).database).not.toBeNull()
  })

  it('begins a session as the service does: by PGOPTIONS, the URL, or OPTIONS of the settings', async () => {
    const options = async (edits: Edits): Promise<string | undefined> => (await targetWith(edits)).database?.options
    const path = '-c search_path=lamps'
    expect(await options({})).toBeUndefined()
    const url = `DATABASE_URL=postgres://prism@localhost/prism?options=-c%20search_path%3Dlamps`
    expect(await options({show: {[unit]: {Environment: url}}})).toBe(path)
    expect(await options({show: {[unit]: {Environment: `USE_POSTGRES=true "PGOPTIONS=${path}"`}}})).toBe(path)
    const file = recorded('healthy', 'readFile', settingsPath) as {text: string}
    const said = (more: string) => options({readFile: {[settingsPath]: {...file, text: `${file.text}\n${more}\n`}}})
    expect(await said(`DATABASES['default']['OPTIONS'] = {'options': "${path}"}`)).toBe(path)
    expect(await said(`A = {'options': '-c a=b'}\nB = {'options': '-c c=d'}`)).toBeUndefined()
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
    const {database} = await targetWith(
      environment({DATABASE_URL: 'postgres://pr%40ism:p%2Fw@db.local:5433/pr?sslmode=require'}),
    )
    expect(database).toEqual({
      host: 'db.local',
      port: 5433,
      name: 'pr',
      user: 'pr@ism',
      password: 'p/w',
      sslmode: 'require',
      source: 'DATABASE_URL',
    })
  })

  it('reads a password in DATABASE_URL that was not encoded, as urllib does', async () => {
    const {database} = await targetWith(
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
    expect(named.database).toMatchObject({host: '/run/pg', user: 'web', name: 'site', port: 5434, source: 'PG*'})
    const unread = {readFile: {[settingsPath]: {kind: 'missing'}}}
    const alone = {show: {[unit]: {...environment({}).show?.[unit], MainPID: '0'}}}
    const defaults = await targetWith({...alone, ...unread})
    expect(defaults.database).toMatchObject({host: '/run/postgresql', user: 'prism', name: 'prism', source: 'defaults'})
  })

  it('knows when there is no PostgreSQL', async () => {
    // The settings of the recorded package choose it only where USE_POSTGRES says so.
    const unsaid = environment({POSTGRES_HOST: 'localhost'})
    const show = {[unit]: {...unsaid.show?.[unit], Environment: 'POSTGRES_HOST=localhost', MainPID: '0'}}
    expect((await targetWith({...unsaid, show})).database).toBeNull()
    expect((await targetWith(environment({USE_POSTGRES: 'False'}))).database).toBeNull()
    expect((await targetWith(environment({DATABASE_URL: 'sqlite:////var/lib/x.db'}))).database).toBeNull()
  })

  it('lets the secrets file win over the unit, as systemd does', async () => {
    const answer = recorded('healthy', 'readFile', path) as {text: string}
    const text = `${answer.text}POSTGRES_PORT=5999\n`
    const {database} = await targetWith({readFile: {[path]: {...answer, text}}})
    expect(database?.port).toBe(5999)
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

  it('finds where uvicorn listens', async () => {
    const {bind} = await targetWith(environment({UVICORN_HOST: '127.0.0.2', UVICORN_PORT: '8100'}))
    expect(bind).toEqual({host: '127.0.0.2', port: 8100})
    const ordered = await targetWith(environment({GUNICORN_CMD_ARGS: '-b127.0.0.1:8200', GUNICORN_BIND: ':1'}))
    expect(ordered.bind).toEqual({host: '127.0.0.1', port: 8200})
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
