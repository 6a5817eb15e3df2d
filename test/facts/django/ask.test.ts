import {spawnSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeEach, describe, expect, test} from 'vitest'
import {type Asking, askDjango} from '../../../src/facts/django/ask.ts'
import type {Django} from '../../../src/facts/django/django.ts'
import type {Server} from '../../../src/facts/program/server.ts'
import {shownEntries} from '../../../src/facts/refusals/acl.ts'
import {showUnit} from '../../../src/facts/unit/systemd.ts'
import type {Host} from '../../../src/host/host.ts'
import {literalHost} from '../../literal.ts'

/**
 * ask.py in a real Python. What it says of a real Django, the fixtures hold; here is what it does
 * around it.
 */
const script = fileURLToPath(new URL('../../../src/facts/django/ask.py', import.meta.url))
const python =
  spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  }).stdout?.trim() ?? ''

const root = mkdtempSync(join(tmpdir(), 'prism-doctor-ask-'))
afterAll(() => rmSync(root, {recursive: true, force: true}))

/** The least of Django by which settings are imported: lazily, by DJANGO_SETTINGS_MODULE. */
const standIn = {
  'django/__init__.py':
    "VERSION = (5, 2, 0)\ndef get_version():\n    return '5.2'\ndef setup():\n    raise RuntimeError('the stand-in cannot be set up')\n",
  'django/core/__init__.py': '',
  'django/conf/global_settings.py': "EMAIL_HOST = 'localhost'",
  'django/conf/__init__.py': `
import importlib, os
class Settings:
    def __init__(self):
        self._wrapped = None
    def __getattr__(self, name):
        if self.__dict__.get('_wrapped') is None:
            self.__dict__['_wrapped'] = importlib.import_module(os.environ['DJANGO_SETTINGS_MODULE'])
        return getattr(self.__dict__['_wrapped'], name)
    def is_overridden(self, name):
        return name in vars(self.__dict__['_wrapped'])
settings = Settings()
`,
}

const wsgi =
  "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'lamps.settings')\nfrom django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"

let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(root, 'x'))
})

function lay(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), {recursive: true})
    writeFileSync(join(directory, path), text)
  }
}

interface More {
  readonly environment?: Readonly<Record<string, string>>
  readonly server?: Partial<Server>
  readonly asking?: Asking
  /** Of the unit, what systemd says beside that it is loaded. */
  readonly unit?: Readonly<Record<string, string>>
}

/**
 * As the unit would: its directory, its environment, and of what is printed only what stands behind
 * the last fence.
 */
async function ask({
  environment = {},
  server = {},
  asking = {depth: 'settings'},
  unit = {},
}: More = {}): Promise<Django & {readonly host: Host}> {
  const host = literalHost({
    units: async names => names.map(Id => ({Id, LoadState: 'loaded', ...unit})),
    asUnit: async (_, [program = '', ...args], {input, fence = '', environment: own} = {}) => {
      const ended = spawnSync(program, args, {
        cwd: directory,
        env: {PATH: '/usr/bin:/bin', ...environment, ...own},
        input,
        encoding: 'utf8',
        timeout: 10_000,
      })
      const at = ended.stdout.lastIndexOf(fence)
      const stdout = at < 0 ? '' : (ended.stdout.slice(at + fence.length).split('\n')[0] ?? '')
      return {exitCode: ended.status, stdout, stderr: ended.stderr}
    },
  })
  const whole: Server = {
    kind: 'uvicorn',
    interpreter: python,
    argv: ['uvicorn', 'lamps.wsgi'],
    environment: new Map(),
    touched: new Set(),
    entry: {module: 'lamps.wsgi:application'},
    directory: null,
    pythonPath: [],
    settingsModule: null,
    binds: [],
    bindsFrom: null,
    config: null,
    background: null,
    pidFile: null,
    runsAs: null,
    ...server,
  }
  return {
    ...(await askDjango(host, await showUnit(host, 'prism-django.service'), whole, asking)),
    host,
  }
}

const settings = (text: string): Readonly<Record<string, string>> => ({
  ...standIn,
  'lamps/__init__.py': '',
  'lamps/wsgi.py': wsgi,
  'lamps/settings.py': `import os\nDEBUG = False\n${text}`,
})

test('it is Python that an old interpreter reads as well', () => {
  const feature = '(3, 7)'
  const code = `import ast, sys; ast.parse(sys.stdin.read(), feature_version=${feature})`
  const ended = spawnSync(python, ['-c', code], {
    input: readFileSync(script, 'utf8'),
    encoding: 'utf8',
  })
  expect(ended).toMatchObject({status: 0, stderr: ''})
})

describe('what a picture keeps', () => {
  const site = (name: string) => `site-packages/${name}`
  const lamps = (more = ''): Readonly<Record<string, string>> => ({
    ...settings(`
import sys
SECRET_KEY = 'x' * 50
EMAIL_HOST = 'mail.example'
EMAIL_HOST_PASSWORD = 'hunter2'
API = {'url': 'https://me:hunter2@api.example/', 'token': 'abc', 'retries': 3}
ORDER = {'b', 'a', 'c'}
ANY = object()
${more}`),
    'lamps/templates/home.html': '<p>',
    'lamps/notes.txt': 'not of the code',
    [site('Lamp_Kit-1.2.dist-info/METADATA')]: '',
    [site('lamp_kit/__init__.py')]: '',
    [site('old-0.9-py3.11.egg-info')]: '',
    [site('single.py')]: '',
  })
  const take = async () => {
    const path = join(directory, 'site-packages')
    const {answer} = await ask({environment: {PYTHONPATH: path}})
    return answer?.picture
  }

  test('is what is installed, the settings without secrets, and the code by digest', async () => {
    lay(lamps())
    const picture = await take()
    const {distributions = {}, modules = []} = picture ?? {}
    expect(distributions['lamp-kit']?.[0]).toBe('1.2')
    expect(distributions.old?.[0]).toBe('0.9')
    expect(modules).toEqual(expect.arrayContaining(['lamp_kit', 'single']))
    expect(picture?.settings).toMatchObject({
      EMAIL_HOST: '"mail.example"',
      EMAIL_HOST_PASSWORD: '"***"',
      API: '{"retries": 3, "token": "***", "url": "https://***@api.example/"}',
      ORDER: '["a", "b", "c"]',
      ANY: '"builtins.object"',
    })
    expect(picture?.settings).not.toHaveProperty('SECRET_KEY')
    expect(picture?.own).toEqual(expect.arrayContaining(['ANY', 'API', 'ORDER']))
    expect(picture?.own).not.toContain('EMAIL_HOST')
    const files = Object.keys(picture?.code ?? {}).map(path => path.split('/lamps/')[1])
    expect(files.sort()).toEqual(['__init__.py', 'settings.py', 'templates/home.html', 'wsgi.py'])
    expect(JSON.stringify(picture)).not.toContain('hunter2')
  })

  test('is the same in the next process, and one change is one change', async () => {
    lay(lamps())
    const before = await take()
    expect(await take()).toEqual(before)
    expect(before).toMatchObject({isWhole: false})
    lay({'lamps/templates/home.html': '<div>'})
    const after = await take()
    const digests = (code: object = {}) =>
      Object.entries(code).map(([path, [digest]]) => `${path} ${digest}`)
    const old = digests(before?.code ?? {})
    const changed = digests(after?.code ?? {}).filter(each => !old.includes(each))
    expect(changed).toEqual([expect.stringContaining('templates/home.html')])
    expect({...after, code: null}).toEqual({...before, code: null})
  })

  test('of very many files is how they are called and how large they are, by directory', async () => {
    const many = Array.from({length: 1200}, (_, at) => [`lamps/m${at % 40}/f${at}.py`, 'x = 1\n'])
    lay({...lamps(), ...Object.fromEntries(many)})
    const before = await take()
    expect(before?.code).toBeNull()
    const {directories} = before ?? {}
    expect(Object.keys(directories ?? {}).map(path => path.split('/lamps')[1])).toEqual(
      expect.arrayContaining(['', '/templates', '/m0', '/m39']),
    )
    const digests = (picture: typeof before) =>
      Object.entries(picture?.directories ?? {}).map(([path, [digest]]) => `${path} ${digest}`)
    const changed = async () => {
      const old = digests(before)
      return digests(await take()).filter(each => !old.includes(each))
    }
    // Deployed anew, with another time and the same content, in whatever order.
    rmSync(join(directory, 'lamps/m7'), {recursive: true})
    lay(Object.fromEntries(many.toReversed()))
    expect(await changed()).toEqual([])
    lay({'lamps/m7/f7.py': 'x = 10\n'})
    expect(await changed()).toEqual([expect.stringContaining('/lamps/m7 ')])
  })

  test('tells what is installed also where the settings cannot be imported', async () => {
    lay(lamps('import lamp_kit_that_is_gone\n'))
    const picture = await take()
    expect(picture?.distributions['lamp-kit']?.[0]).toBe('1.2')
    expect(picture).toMatchObject({settings: null, isWhole: false})
    const files = Object.keys(picture?.code ?? {}).map(path => path.split('/lamps/')[1])
    expect(files).toContain('settings.py')
  })
})

describe('access control lists', () => {
  /** setfacl(1), by what it writes: whose entry may do what (acl(5), linux/posix_acl_xattr.h). */
  function setList(name: string, kind: 'access' | 'default', entries: readonly number[][]): void {
    const code = `
import json, os, struct, sys
path, name, entries = json.loads(sys.argv[1])
data = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry) for entry in entries)
os.setxattr(path, 'system.posix_acl_' + name, data)`
    const told = JSON.stringify([join(directory, name), kind, entries])
    expect(spawnSync(python, ['-c', code, told], {encoding: 'utf8'}).stderr).toBe('')
  }
  const nobody = 0xffff_ffff
  const withUser = (id: number, bits: number) => [
    [0x01, 7, nobody],
    [0x02, bits, id],
    [0x04, 5, nobody],
    [0x10, 7, nobody],
    [0x20, 0, nobody],
  ]
  const take = async () => {
    const {answer} = await ask({server: {directory}})
    return answer?.picture?.acls ?? {}
  }
  const laid = () =>
    lay({
      ...settings(`
STATIC_ROOT = ${JSON.stringify(join(directory, 'static'))}
MEDIA_ROOT = 'beside'
open(os.path.join(${JSON.stringify(directory)}, 'lamps.env')).close()`),
      'static/there': '',
      'lamps.env': '',
    })

  test('of what the service needs, and of each directory on the way, are told', async () => {
    laid()
    const found = await take()
    const own = [
      directory,
      join(directory, 'static'),
      join(directory, 'lamps.env'),
      dirname(directory),
    ]
    expect(Object.keys(found)).toEqual(expect.arrayContaining(own))
    expect(Object.keys(found).every(path => path.startsWith('/') && path !== '/')).toBe(true)
    expect(found[directory]).toEqual(['', ''])
  })

  test('are told as people write them', async () => {
    laid()
    setList('static', 'access', withUser(4711, 5))
    setList('static', 'default', withUser(4712, 7))
    setList('lamps.env', 'access', withUser(33, 4))
    const found = await take()
    const [access = '', more = ''] = found[join(directory, 'static')] ?? []
    expect(shownEntries(access, true)).toBe('group::r-x user:4711:r-x')
    expect(shownEntries(more, false)).toBe(
      'group::r-x mask::rwx other::--- user:4712:rwx user::rwx',
    )
    expect(shownEntries(found[join(directory, 'lamps.env')]?.[0] ?? '', true)).toBe(
      'group::r-x user:33:r--',
    )
  })

  test('are not waited for where a file system does not answer', async () => {
    laid()
    // What the settings do here, a dead mount does by itself.
    lay(
      settings(`
import time
def hanging(*_, **__):
    time.sleep(60)
os.getxattr = hanging`),
    )
    const before = performance.now()
    const {answer} = await ask({server: {directory}})
    expect(performance.now() - before).toBeLessThan(8000)
    expect(answer?.picture).toMatchObject({acls: {}, isWhole: false})
    expect(answer?.settings).toHaveProperty('DEBUG')
  })

  test('are told of nothing below another root', async () => {
    laid()
    const shown = {RootDirectory: '/srv/root'}
    expect((await ask({server: {directory}, unit: shown})).answer?.picture?.acls).toEqual({})
  })
})

describe('a dry start', () => {
  const trial = (more: Partial<Asking> = {}): More => ({asking: {depth: 'trial', ...more}})

  test('gathers nothing, and says where it stops', async () => {
    lay(settings('SECRET_KEY = "x" * 50\n'))
    const {answer} = await ask(trial())
    expect(answer).toMatchObject({settings: {}, databases: {}, static: null, apps: null})
    expect(answer?.failures.map(({stage}) => stage)).toEqual(['start'])
  })

  test('looks at the programs first, and names the one that cannot be executed', async () => {
    lay({...settings(''), 'pre-start': '#!/bin/sh\n'})
    const script = join(directory, 'pre-start')
    const programs = ['/bin/sh', script, join(directory, 'gone')]
    const failed = async () => (await ask(trial({programs}))).answer?.failures[0]
    chmodSync(script, 0o755)
    expect(await failed()).toMatchObject({
      stage: 'program',
      chain: [{type: 'FileNotFoundError', errno: 2, filename: join(directory, 'gone')}],
    })
    chmodSync(script, 0o644)
    expect(await failed()).toMatchObject({
      stage: 'program',
      chain: [{type: 'PermissionError', errno: 13, filename: script}],
    })
  })

  test('of one module imports that and nothing of Django', async () => {
    lay({'lamps/__init__.py': '', 'lamps/lens.py': 'open("/proc/there/is/none")\n'})
    const alone = await ask(trial({module: 'lamps.lens'}))
    expect(alone.answer).toMatchObject({
      django: null,
      failures: [{stage: 'alone', chain: [{errno: 2, module: 'lamps.lens'}]}],
    })
    lay({'lamps/lens.py': ''})
    expect((await ask(trial({module: 'lamps.lens'}))).answer?.failures).toEqual([])
  })

  test('names the module of the application that was being imported', async () => {
    lay(settings('from lamps import lens\n'))
    lay({'lamps/lens.py': 'import json\ndef light():\n    json.loads("{")\nlight()\n'})
    const {answer} = await ask({asking: {depth: 'settings'}})
    expect(answer?.failures[0]?.chain[0]).toMatchObject({
      type: 'JSONDecodeError',
      module: 'lamps.lens',
    })
  })
})

test('the URLconf is read with the models, and no application is made ready', async () => {
  lay({
    ...settings("INSTALLED_APPS = ['lamps', 'oil']\n"),
    'django/apps/__init__.py': `
class Config:
    def ready(self):
        raise RuntimeError('made ready')
class Apps:
    apps_ready = models_ready = loading = ready = False
    app_configs = {}
    def clear_cache(self): pass
    def get_app_configs(self): return [Config()]
    def populate(self, names):
        self.app_configs.update({name: Config() for name in names})
        for config in self.get_app_configs(): config.ready()
        self.ready = True
apps = Apps()
`,
    'django/urls.py': `
from django.apps import apps
class Pattern:
    def __init__(self, text, inner=None):
        self.pattern = text
        if inner: self.url_patterns = inner
class Resolver:
    url_patterns = [Pattern('^$'), Pattern('oil/', [Pattern('<int:pk>/'), Pattern('new/')]), Pattern('^wick/(?P<a>x)$')]
def get_resolver():
    assert apps.ready and apps.get_app_configs()
    return Resolver()
`,
  })
  const {answer} = await ask({asking: {depth: 'urls'}})
  expect(answer?.failures).toEqual([])
  expect(answer?.start?.paths).toEqual(['/', '/oil/new/'])
  expect(answer?.migrations).toBeNull()
})

test('the extensions that migrations create, by whatever operation', () => {
  const code = `
import ast, json, re, sys, types
tree = ast.parse(sys.stdin.read())
tree.body = [each for each in tree.body if getattr(each, 'name', '') in ('extensions_of', 'created_in')]
exec(compile(tree, 'ask.py', 'exec'))
class CreateExtension:
    def __init__(self, name): self.name = name
class VectorExtension(CreateExtension):
    def __init__(self): self.name = 'vector'
class RunSQL:
    def __init__(self, sql): self.sql = sql
class SeparateDatabaseAndState:
    def __init__(self, operations): self.database_operations = operations
postgres = types.ModuleType('django.contrib.postgres.operations')
postgres.CreateExtension = CreateExtension
operations = [
    VectorExtension(),
    SeparateDatabaseAndState([CreateExtension('hstore')]),
    RunSQL('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"; create extension Citext with schema public'),
    RunSQL([('create extension ltree', None), 'select 1', ['-- create extension no', []]]),
    RunSQL('/* create extension neither */ drop extension if exists cube'),
    RunSQL(RunSQL),
]
without = list(extensions_of([VectorExtension()]))
sys.modules[postgres.__name__] = postgres
print(json.dumps([without, list(extensions_of(operations))]))`
  const {stdout, stderr} = spawnSync(python, ['-c', code], {
    input: readFileSync(script, 'utf8'),
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([[], ['vector', 'hstore', 'uuid-ossp', 'citext', 'ltree']])
})

test('an interpreter without Django says so, in an answer that is valid', async () => {
  lay({'lamps/wsgi.py': wsgi})
  const {answer, unasked} = await ask({
    server: {argv: ['uvicorn', 'x'], pythonPath: [], interpreter: python},
  })
  expect(unasked).toBeNull()
  expect(answer).toMatchObject({
    django: null,
    executable: expect.stringContaining('python'),
    settings: {},
  })
  expect(answer?.failures).toMatchObject([
    {stage: 'django', chain: [{type: 'ModuleNotFoundError', name: 'django'}]},
  ])
})

describe('the settings', () => {
  test('may go on without a part that fails, which is told; one that is not there is no failure', async () => {
    const part = (name: string) =>
      `try:\n    from .${name} import *\nexcept ImportError:\n    pass\n`
    lay({
      ...settings(`${part('local')}${part('absent')}from .database import DATABASES\n`),
      'lamps/local.py': "SECRET_KEY = 'k'\nimport paperboy\n",
      'lamps/database.py':
        "\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'lamps'}}\n",
    })
    const {answer} = await ask()
    expect(answer?.swallowed).toMatchObject([
      {
        module: 'lamps.local',
        chain: [{name: 'paperboy', place: {file: join(directory, 'lamps/local.py'), line: 2}}],
      },
    ])
    expect(answer?.places.DATABASES).toMatchObject({
      file: join(directory, 'lamps/database.py'),
      line: 2,
    })
  })

  test.runIf(process.getuid?.() === 0)(
    'are imported by whom the configuration of gunicorn names',
    async () => {
      lay({
        ...settings("SECRET_KEY = 'k'\nSTATIC_ROOT = str(os.geteuid())\n"),
        'gunicorn/__init__.py': '',
        'gunicorn/app/__init__.py': '',
        'gunicorn/config.py': 'class Bind:\n    default = None\n',
        'gunicorn/app/wsgiapp.py': `
class Setting:
    def get(self):
        return None
class Config:
    uid, gid, address, env, pythonpath, chdir = 65534, 0, [], {}, None, None
    settings = {'config': Setting(), 'bind': Setting()}
class WSGIApplication:
    def load_default_config(self):
        self.cfg = Config()
    def load_config(self):
        pass
`,
      })
      chmodSync(root, 0o755)
      chmodSync(directory, 0o755)
      const {answer} = await ask({server: {kind: 'gunicorn'}})
      expect(answer?.failures.filter(({stage}) => stage === 'server')).toEqual([])
      expect(answer?.settings.STATIC_ROOT).toBe('65534')
    },
  )

  test('do not start the application for a module on the way to them', async () => {
    lay({
      ...settings("SECRET_KEY = 'k'\n"),
      'serve.py': 'from lamps.wsgi import application\n',
      'lamps/wsgi.py': `${wsgi}open('started', 'w')\n`,
      'django/core/wsgi.py': 'def get_wsgi_application():\n    pass\n',
    })
    const {answer} = await ask({server: {entry: {module: 'serve:application'}}})
    expect(answer).toMatchObject({module: 'lamps.settings', swallowed: []})
    expect(existsSync(join(directory, 'started'))).toBe(false)
  })

  test.each([
    ['', 0],
    [", 'CONN_MAX_AGE': 60", 60],
    [", 'CONN_MAX_AGE': None", 'forever'],
  ])('tell how long a connection is kept: %j', async (more, kept) => {
    const databases = `DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'lamps'${more}}}`
    lay(settings(`SECRET_KEY = 'k'\n${databases}\n`))
    const {answer} = await ask()
    expect(answer?.databases.default?.connMaxAge).toBe(kept)
  })

  test('are those that the entry names, with the place of each, what they read, and the secrets apart', async () => {
    lay({
      ...settings(
        "SECRET_KEY = os.environ['LAMPS_KEY']\nSTATIC_ROOT = os.environ.get('STATIC_ROOT', '/srv/static')\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'lamps', 'PASSWORD': open('.env').read()}}\n",
      ),
      '.env': 'canary-of-the-file',
    })
    const {answer, host} = await ask({environment: {LAMPS_KEY: 'canary-of-the-key'}})
    expect(answer).toMatchObject({
      module: 'lamps.settings',
      file: join(directory, 'lamps/settings.py'),
      settings: {DEBUG: false, STATIC_ROOT: '/srv/static'},
      databases: {default: {name: 'lamps', host: '', port: ''}},
      secretKey: {length: 17, empty: false},
      files: [join(directory, '.env')],
      denied: [],
      absent: [],
      missing: [],
    })
    expect(answer?.places).toMatchObject({SECRET_KEY: {line: 3}, STATIC_ROOT: {line: 4}})
    expect(answer?.read).toEqual(expect.arrayContaining(['LAMPS_KEY', 'STATIC_ROOT']))
    expect(answer?.unset).toContain('STATIC_ROOT')
    expect(answer?.unset).not.toContain('LAMPS_KEY')
    const {secrets, ...rest} = answer ?? {secrets: {}}
    expect(secrets).toMatchObject({
      SECRET_KEY: 'canary-of-the-key',
      'DATABASES.default.PASSWORD': 'canary-of-the-file',
    })
    expect(JSON.stringify(rest)).not.toContain('canary')
    expect(host.secrets.redact('canary-of-the-key, canary-of-the-file')).not.toContain('canary')
  })

  test('that lack variables are imported all the same, and every variable is named at its line', async () => {
    lay(
      settings(
        "SECRET_KEY = os.environ['LAMPS_KEY']\nPORT = int(os.environ['LAMPS_PORT'])\nSTATIC_ROOT = os.environ['LAMPS_ROOT'] + '/static'\n",
      ),
    )
    const {answer} = await ask()
    expect(answer?.failures.filter(({stage}) => stage === 'settings')).toEqual([])
    expect(answer?.missing.map(({name, place}) => [name, place?.line])).toEqual([
      ['LAMPS_KEY', 3],
      ['LAMPS_PORT', 4],
      ['LAMPS_ROOT', 5],
    ])
    expect(answer?.settings.STATIC_ROOT).toContain(answer?.placeholder)
  })

  test('that look for a .env file in vain say which', async () => {
    lay(settings("try:\n    open('.env')\nexcept OSError:\n    pass\n"))
    const {answer} = await ask()
    expect(answer).toMatchObject({files: [], absent: [join(directory, '.env')]})
  })

  test('that cannot be imported are named by the exception, its chain and its line', async () => {
    lay(
      settings(
        "try:\n    {}['wick']\nexcept KeyError as error:\n    raise ValueError('no wick') from error\n",
      ),
    )
    const {answer} = await ask()
    expect(answer?.failures).toMatchObject([
      {
        stage: 'settings',
        chain: [
          {type: 'KeyError', message: 'wick', own: true, place: {line: 4}},
          {
            type: 'ValueError',
            message: 'no wick',
            place: {file: join(directory, 'lamps/settings.py'), line: 6},
          },
        ],
      },
    ])
    expect(answer?.settings).toEqual({})
  })

  test('of a syntax that is none have their line as well', async () => {
    lay(settings('DEBUG = = True\n'))
    const {answer} = await ask()
    expect(answer?.failures).toMatchObject([
      {stage: 'settings', chain: [{type: 'SyntaxError', place: {line: 3}}]},
    ])
  })

  test('that nothing names are not guessed', async () => {
    lay({...settings(''), 'lamps/wsgi.py': 'application = None\n'})
    const {answer} = await ask()
    expect(answer).toMatchObject({
      module: null,
      failures: [{stage: 'module', chain: []}],
      settings: {},
    })
  })

  test('are named by manage.py where there is no entry', async () => {
    const manage =
      "import os\nfrom django.core.management import execute_from_command_line\nif __name__ == '__main__':\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'lamps.settings')\n    execute_from_command_line([])\n"
    lay({...settings("STATIC_URL = '/s/'\n"), 'manage.py': manage})
    const {answer} = await ask({server: {kind: 'manage.py', entry: null, directory}})
    expect(answer).toMatchObject({module: 'lamps.settings', settings: {STATIC_URL: '/s/'}})
  })
})

describe('what the application does', () => {
  test('forges no answer: what it prints goes nowhere', async () => {
    lay(
      settings(
        "import sys\nprint('prism-doctor-answer-x:{\"python\": \"forged\"}', flush=True)\nos.write(1, b'prism-doctor-answer-y:{}\\n')\nSTATIC_URL = '/s/'\n",
      ),
    )
    const {answer} = await ask()
    expect(answer?.settings.STATIC_URL).toBe('/s/')
    expect(answer?.python).not.toBe('forged')
  })

  test.each([
    ['ends the interpreter', 'os._exit(7)\n', /ended with 7 before Django had answered$/],
    ['kills it', 'os.kill(os.getpid(), 9)\n', /was ended by a signal before Django had answered$/],
  ])('%s, which is said', async (_, text, why) => {
    lay(settings(text))
    const {answer, unasked} = await ask()
    expect(answer).toBeNull()
    expect(unasked).toMatchObject({kind: 'died', why: expect.stringMatching(why)})
  })

  test.each([
    ['exits', "raise SystemExit('enough')\n", 'SystemExit'],
    ['interrupts itself', 'raise KeyboardInterrupt\n', 'KeyboardInterrupt'],
    ['recurses without end', 'def f():\n    f()\nf()\n', 'RecursionError'],
  ])('%s: that is an exception as any other', async (_, text, type) => {
    lay(settings(text))
    const {answer} = await ask()
    expect(answer?.failures[0]).toMatchObject({stage: 'settings', chain: [{type}]})
  })

  test('leaves no compiled file behind', async () => {
    lay(settings(''))
    await ask()
    expect(
      readdirSync(directory, {recursive: true, encoding: 'utf8'}).filter(name =>
        /pycache|\.pyc/.test(name),
      ),
    ).toEqual([])
  })

  test('with --deep fails at a start that fails, after all else is known', async () => {
    lay(settings("STATIC_URL = '/s/'\n"))
    const {answer} = await ask({asking: {depth: 'start'}})
    expect(answer?.settings.STATIC_URL).toBe('/s/')
    expect(answer?.failures.length).toBeGreaterThan(0)
  })
})
