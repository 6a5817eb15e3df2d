import {spawnSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import * as v from 'valibot'
import {afterAll, beforeEach, describe, expect, it} from 'vitest'
import {libpq as libpqSchema, type passfile} from '../../src/facts/django/answer-schema.ts'
import {askScript} from '../../src/facts/django/ask-script.ts'

/**
 * What ask.py learns of the real libpq by the real drivers, without a connection. Django's part,
 * which makes the driver's words of the settings, is a stand-in; midship has the real one.
 */
const python = '/usr/bin/python3'
const placeholder = 'prism-doctor-has-no-value-for-this'

function hasDriver(name: string): boolean {
  const {status} = spawnSync(python, ['-c', `import ${name}`])
  if (status !== 0 && process.env.CI) throw new Error(`CI has no python3-${name}: see .ci/run`)
  return status === 0
}

const root = mkdtempSync(join(tmpdir(), 'prism-doctor-libpq-'))
afterAll(() => rmSync(root, {recursive: true, force: true}))

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(root, 'x'))
})

function lay(name: string, text: string, mode = 0o600): string {
  const path = join(home, name)
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

interface Asked {
  readonly driver: string
  readonly settings?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
  /** Files of the site, in place of the stand-in's. */
  readonly site?: Readonly<Record<string, string>>
}

const answerSchema = v.object({
  libpq: v.nullable(v.union([libpqSchema, v.object({unasked: v.string()})])),
  secrets: v.record(v.string(), v.string()),
})

const standIn = (driver: string): Readonly<Record<string, string>> => ({
  'django/__init__.py': "def get_version(): return '5.2'",
  'django/core/__init__.py': '',
  'django/conf/__init__.py': `
import shop.settings
class Settings:
    def __getattr__(self, name):
        return getattr(shop.settings, name)
    def is_overridden(self, name):
        return hasattr(shop.settings, name)
settings = Settings()`,
  // As django.db.backends.postgresql.base has it.
  'django/db/__init__.py': `
import ${driver}
from django.conf import settings
class Wrapper:
    Database = ${driver}
    def get_connection_params(self):
        values = settings.DATABASES['default']
        named = {'dbname': 'NAME', 'user': 'USER', 'password': 'PASSWORD', 'host': 'HOST', 'port': 'PORT'}
        given = {word: values[name] for word, name in named.items() if values.get(name)}
        return dict(given, client_encoding='UTF8', cursor_factory=object, **values.get('OPTIONS', {}))
connections = {'default': Wrapper()}`,
  'shop/__init__.py': '',
})

/** All that it says, as it stands there. */
function told({driver, settings = {}, environment = {}, site = {}}: Asked): object {
  const database = {ENGINE: 'django.db.backends.postgresql', NAME: 'shop', USER: 'web', ...settings}
  const files = {
    ...standIn(driver),
    ...site,
    'shop/settings.py': `import json\nDEBUG = False\nSECRET_KEY = 'x'\nDATABASES = {'default': json.loads(${JSON.stringify(JSON.stringify(database))})}`,
  }
  for (const [name, text] of Object.entries(files)) lay(`site/${name}`, text, 0o644)
  const parameters = JSON.stringify({
    placeholder,
    number: '48151623',
    fence: 'FENCE',
    limit: 1_000_000,
    depth: 'settings',
    settingsModule: 'shop.settings',
    argv: [],
  })
  const {stdout} = spawnSync(python, ['-'], {
    cwd: join(home, 'site'),
    input: `PARAMETERS = ${JSON.stringify(parameters)}\n${askScript()}`,
    env: {PATH: '/usr/bin:/bin', HOME: home, PYTHONDONTWRITEBYTECODE: '1', ...environment},
    encoding: 'utf8',
  })
  const text = stdout.slice(stdout.lastIndexOf('FENCE') + 'FENCE'.length)
  return JSON.parse(text)
}

function ask(asked: Asked): v.InferOutput<typeof answerSchema> {
  return v.parse(answerSchema, told(asked))
}

/** How libpq completed it, and the password that it found. */
function completed(asked: Asked) {
  const {libpq, secrets} = ask(asked)
  if (libpq === null || 'unasked' in libpq) throw new Error(`not asked: ${JSON.stringify(libpq)}`)
  return {...libpq, password: secrets['libpq.password']}
}

type Passfile = v.InferOutput<typeof passfile>
const fileOf = (asked: Asked): Partial<Passfile> | null => completed(asked).passfile

describe.each(['psycopg2', 'psycopg'])('%s', driver => {
  const has = hasDriver(driver)
  const test = it.skipIf(!has)

  test('is not asked where nothing but the settings says anything', () => {
    expect(ask({driver}).libpq).toBeNull()
    lay('.pgpass', '*:*:*:*:secret')
    expect(ask({driver, settings: {PASSWORD: 'stated'}}).libpq).toBeNull()
    expect(ask({driver, settings: {ENGINE: 'django.db.backends.mysql'}}).libpq).toBeNull()
  })

  test('finds the password in ~/.pgpass, escapes and stars in it, the first line that fits', () => {
    lay(
      '.pgpass',
      '# web\n\ndb.example:*:shop:web:far\nlocalhost:5432:*:w\\eb:a\\:b\\\\c\r\n*:*:*:*:last\n',
    )
    expect(completed({driver})).toMatchObject({
      name: 'shop',
      user: 'web',
      port: '5432',
      failure: null,
      password: 'a:b\\c',
      passfile: {state: 'read', named: false, line: 4, differs: [], wanted: 'localhost'},
    })
    const far = completed({driver, settings: {HOST: 'db.example', PORT: '6000'}})
    expect(far).toMatchObject({host: 'db.example', password: 'far', passfile: {line: 3}})
    // "localhost" is no other name of 127.0.0.1.
    const address = completed({driver, settings: {HOST: '127.0.0.1'}})
    expect(address).toMatchObject({password: 'last', passfile: {line: 5}})
  })

  test("finds the line of localhost where the host is libpq's own directory of sockets", () => {
    lay('.pgpass', 'db.example:*:*:*:far\nlocalhost:5432:shop:web:near\n')
    const own = completed({driver}).host
    expect(own).toMatch(/^\//)
    const near = {password: 'near', passfile: {line: 2, differs: [], wanted: 'localhost'}}
    expect(completed({driver, settings: {HOST: own}})).toMatchObject(near)
    const variable = {driver, environment: {PGHOST: own}}
    expect(completed(variable)).toMatchObject(near)
    expect(completed({driver, settings: {HOST: '/elsewhere'}})).toMatchObject({
      password: undefined,
      passfile: {differs: ['host'], wanted: '/elsewhere'},
    })
  })

  test('takes a path for the host as Django does', () => {
    lay('.pgpass', '/elsewhere:*:*:*:secret')
    const text = standIn(driver)['django/db/__init__.py'] ?? ''
    const site = {
      'django/db/__init__.py': text.replace(
        "values = settings.DATABASES['default']",
        "values = dict(settings.DATABASES['default'], HOST=__import__('pathlib').Path('/elsewhere'))",
      ),
    }
    expect(completed({driver, site})).toMatchObject({host: '/elsewhere', password: 'secret'})
  })

  test('ignores a file that others may read, even by their group', () => {
    for (const mode of [0o644, 0o640, 0o620]) {
      const path = lay('.pgpass', 'localhost:5432:shop:web:secret', mode)
      expect(completed({driver})).toMatchObject({
        password: undefined,
        passfile: {path, state: 'open', access: {mode}, line: 1, differs: []},
      })
    }
    lay('.pgpass', 'localhost:5432:shop:web:secret', 0o400)
    expect(completed({driver})).toMatchObject({password: 'secret'})
  })

  test('looks where PGPASSFILE or the settings say, and not at home', () => {
    lay('.pgpass', '*:*:*:*:secret')
    const path = lay('site/passwords', '*:*:*:*:named')
    const asked = {driver, environment: {PGPASSFILE: path}}
    expect(completed(asked)).toMatchObject({password: 'named', passfile: {path, named: true}})
    const relative = {driver, settings: {OPTIONS: {passfile: 'passwords'}}}
    expect(completed(relative)).toMatchObject({password: 'named', passfile: {path, named: true}})
    const nowhere = {driver, environment: {PGPASSFILE: '/nowhere/pgpass'}}
    expect(completed(nowhere)).toMatchObject({
      password: undefined,
      passfile: {path: '/nowhere/pgpass', named: true, state: 'missing', access: null},
    })
    expect(fileOf({driver, environment: {PGPASSFILE: home}})).toMatchObject({state: 'irregular'})
  })

  test('tells which line comes nearest, and nothing of what stands in it', () => {
    lay('.pgpass', 'secret-alone\ndb:5432:other:web:secret\nlocalhost:5432:other:web:secret\n')
    expect(fileOf({driver})).toMatchObject({line: 3, differs: ['database']})
    const all = JSON.stringify({...told({driver}), secrets: null})
    expect(all).toContain('"line":3')
    expect(all).not.toMatch(/secret-alone|other/)
    lay('.pgpass', 'web:secret')
    expect(fileOf({driver})).toMatchObject({line: 1, differs: ['form']})
    lay('.pgpass', '# nothing\n\n')
    expect(fileOf({driver})).toMatchObject({line: null, differs: []})
    lay('.pgpass', 'localhost:5432:shop:web:')
    expect(completed({driver})).toMatchObject({
      password: undefined,
      passfile: {line: 1, differs: []},
    })
  })

  test('finds all that a service states, and its password before that of a file', () => {
    const file = lay(
      '.pg_service.conf',
      '[shop]\nhost=db.example\nport=6000\nuser=clerk\nsslmode=require\n',
    )
    lay('.pgpass', 'db.example:6000:shop:clerk:secret')
    const asked = {driver, settings: {USER: '', OPTIONS: {service: 'shop'}}}
    expect(completed(asked)).toMatchObject({
      host: 'db.example',
      port: '6000',
      user: 'clerk',
      sslmode: 'require',
      service: {name: 'shop', file},
      password: 'secret',
    })
    lay('.pg_service.conf', '[shop]\nhost=db.example\npassword=given\n')
    expect(completed(asked)).toMatchObject({password: 'given', passfile: null})
    const variable = {driver, environment: {PGSERVICE: 'shop'}}
    expect(completed(variable)).toMatchObject({host: 'db.example', password: 'given'})
  })

  test('tells that a service leads to more places than one', () => {
    const stating = (lines: string) => {
      lay('.pg_service.conf', `[shop]\n${lines}\n`)
      return completed({driver, settings: {OPTIONS: {service: 'shop'}}})
    }
    expect(stating('host=db1,db2\nport=5432,5433')).toMatchObject({several: true, failure: null})
    expect(stating('host=db1\nhostaddr=127.0.0.1')).toMatchObject({several: true})
    expect(stating('host=db1\nport=5433')).toMatchObject({several: false, port: '5433'})
    expect(stating('hostaddr=127.0.0.1')).toMatchObject({several: false, host: '127.0.0.1'})
  })

  test('says why a service cannot be used, and where it should be defined', () => {
    const settings = {OPTIONS: {service: 'shop'}}
    const file = lay('.pg_service.conf', '[other]\nhost=db.example\n')
    expect(completed({driver, settings})).toMatchObject({
      failure: 'definition of service "shop" not found',
      service: {name: 'shop', file},
    })
    lay('.pg_service.conf', '[shop]\nhots=db.example\n')
    expect(completed({driver, settings})).toMatchObject({
      failure: expect.stringMatching(/syntax error in service file .*line 2/),
      service: {name: 'shop', file},
    })
    rmSync(file)
    expect(completed({driver, settings}).service).toEqual({name: 'shop', file: null})
    const system = lay('system/pg_service.conf', '[other]\nhost=db.example\n')
    const environment = {PGSYSCONFDIR: dirname(system)}
    expect(completed({driver, settings, environment}).service).toMatchObject({file: system})
  })

  test('is not asked about what stands for a missing variable', () => {
    lay('.pgpass', '*:*:*:*:secret')
    for (const settings of [
      {OPTIONS: {service: placeholder}},
      {NAME: `${placeholder}_live`},
      {PORT: 48_151_623},
    ])
      expect(ask({driver, settings}).libpq).toBeNull()
    for (const name of ['PGSERVICE', 'PGPASSFILE'])
      expect(ask({driver, environment: {[name]: placeholder}}).libpq).toBeNull()
  })

  test('leaves a backend alone that makes the password itself, and asks one made of Django', () => {
    lay('site/vault/__init__.py', '')
    lay(
      'site/vault/postgresql.py',
      `class Wrapper:
    def get_connection_params(self):
        raise RuntimeError('it was called')`,
    )
    const vault = 'import vault.postgresql\nconnections = {"default": vault.postgresql.Wrapper()}'
    const settings = {ENGINE: 'vault.postgresql'}
    const asked = (text: string, more = {}) => {
      const site = {'django/db/__init__.py': `${standIn(driver)['django/db/__init__.py']}\n${text}`}
      return ask({driver, settings: {...settings, ...more}, site}).libpq
    }
    expect(asked(vault)).toEqual({unasked: 'own backend'})
    expect(asked(vault, {PASSWORD: 'stated'})).toBeNull()
    expect(asked('')).toBeNull()
    lay('.pgpass', '*:*:*:*:secret')
    expect(asked(vault)).toEqual({unasked: 'own backend'})
    expect(
      asked('class Inherits(Wrapper): pass\nconnections = {"default": Inherits()}'),
    ).toMatchObject({passfile: {state: 'read'}})
  })

  test('says that the driver could not be asked', () => {
    lay('.pgpass', '*:*:*:*:secret')
    const broken = {driver: 'no_such_driver'}
    expect(ask(broken).libpq).toEqual({unasked: 'ModuleNotFoundError'})
  })
})

it('is not begun with a libpq that would not stop before it connects', () => {
  lay('.pgpass', '*:*:*:*:secret')
  const site = {
    'psycopg/__init__.py': '',
    'psycopg/conninfo.py': 'make_conninfo = None',
    'psycopg/pq.py': `
class Option:
    keyword = b'host'
class Conninfo:
    get_defaults = staticmethod(lambda: [Option])
class PGconn:
    connect_start = None`,
  }
  expect(ask({driver: 'psycopg', site}).libpq).toEqual({unasked: 'NotImplementedError'})
})
