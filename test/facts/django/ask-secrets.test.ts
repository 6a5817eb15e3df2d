import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect, it} from 'vitest'
import {askScript} from '../../../src/facts/django/ask-script.ts'

/** As much of Django as importing settings takes: what is tested here ends there. */
const django = {
  'django/__init__.py': "VERSION = (5, 2, 0)\ndef get_version(): return '5.2'\ndef setup(): pass",
  'django/core/__init__.py': '',
  'django/conf/__init__.py': `
import importlib, os
class Lazy:
    def __getattr__(self, name):
        return getattr(importlib.import_module(os.environ['DJANGO_SETTINGS_MODULE']), name)
settings = Lazy()`,
}

const wsgi = `import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()`

interface Answer {
  readonly failures: readonly {stage: string; chain: readonly {message: string}[]}[]
  readonly files: readonly string[]
  readonly secrets: Readonly<Record<string, string>>
  readonly module: string | null
}

function ask(files: Readonly<Record<string, string>>): Answer & {readonly directory: string} {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-ask-'))
  for (const [name, text] of Object.entries({
    ...django,
    'shop/__init__.py': '',
    'shop/wsgi.py': wsgi,
    ...files,
  })) {
    mkdirSync(dirname(join(directory, name)), {recursive: true})
    writeFileSync(join(directory, name), text)
  }
  const parameters = JSON.stringify({
    placeholder: 'prism-doctor-has-no-value-for-this',
    number: '48151623',
    fence: 'FENCE',
    limit: 1_000_000,
    depth: 'settings',
    entry: {module: 'shop.wsgi:application'},
    argv: [],
  })
  const input = `PARAMETERS = ${JSON.stringify(parameters)}\n${askScript()}`
  const env = {PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1'}
  const {stdout, stderr} = spawnSync('python3', ['-'], {
    cwd: directory,
    input,
    env,
    encoding: 'utf8',
  })
  const at = stdout.lastIndexOf('FENCE')
  if (at < 0) throw new Error(stderr)
  return {...JSON.parse(stdout.slice(at + 5)), directory}
}

it('tells what an exception may quote although the settings could not be imported', () => {
  const {failures, files, secrets, directory} = ask({
    '.env': 'MAIL_PASSWORD=ferry-stone-40\n',
    'shop/settings.py': `
import os
DB_PASSWORD = 'harbour-lamp-17'
PARTNER_KEYS = {'north': 'tide-glass-88'}
CACHE_KEY_PREFIX = 'shop-prefix'
for line in open('.env'):
    name, _, value = line.strip().partition('=')
    os.environ[name] = value
PORT = int(DB_PASSWORD)`,
  })
  expect(failures.map(({stage, chain}) => [stage, chain[0]?.message])).toEqual([
    ['settings', "invalid literal for int() with base 10: 'harbour-lamp-17'"],
  ])
  expect(files).toEqual([join(directory, '.env')])
  expect(new Set(Object.values(secrets))).toEqual(
    new Set(['harbour-lamp-17', 'tide-glass-88', 'ferry-stone-40']),
  )
})

it('tells settings that are called like nothing, and variables that a script added', () => {
  const {secrets} = ask({
    'shop/settings.py': `
import os
LIGHTHOUSE = 'Hx8Kw2Tz9Rq4Lm7Pb5Vn'
GATES = {'north': {'STRIPE_WEBHOOK': 'tide-glass'}, 'PAT': 'ferry'}
RELEASE = 'of-the-ferry-and-the-tide'
BACKEND = 'shop.backends.v2.FerryBackend2'
os.environ['KEEPER'] = 'harbour9lamp'
os.environ['STAGE'] = 'production'
raise ValueError()`,
  })
  expect(new Set(Object.values(secrets))).toEqual(
    new Set(['Hx8Kw2Tz9Rq4Lm7Pb5Vn', 'tide-glass', 'ferry', 'harbour9lamp']),
  )
})

it('cuts a long message before a word, since a part of a secret is not recognised as one', () => {
  const {failures} = ask({
    'shop/settings.py': `
DB_PASSWORD = 'harbour-lamp-17'
raise ValueError('%s %s' % ('far ' * 498, DB_PASSWORD))`,
  })
  const message = failures[0]?.chain[0]?.message ?? ''
  expect(message.length).toBeGreaterThan(1900)
  expect(message).not.toContain('harbour')
})

it('quotes neither what pydantic was given nor a password that stands where a port should', () => {
  const pydantic = `
class ValidationError(ValueError):
    def errors(self):
        return [{'loc': ('database_password',), 'msg': 'Field required', 'input': {'secret_key': 'tide-glass-88'}}]
    def __str__(self):
        return "1 validation error\\ndatabase_password\\n Field required [input_value={'secret_key': 'tide-glass-88'}]"`
  const missing = ask({
    'pydantic_core/__init__.py': pydantic,
    'shop/settings.py': 'from pydantic_core import ValidationError\nraise ValidationError()',
  })
  expect(missing.failures[0]?.chain[0]?.message).toBe('database_password: Field required')
  const url = ask({
    'shop/settings.py': `
from urllib.parse import urlsplit
PORT = urlsplit('postgres://shop:harbour/lamp@localhost/shop').port`,
  })
  expect(url.failures[0]?.chain[0]?.message).toBe('Port could not be cast to integer value as ...')
})

it('takes the settings from an entry that names Django by its full path', () => {
  const {module, failures} = ask({
    'shop/settings.py': 'raise OSError(13, "closed")',
    'shop/wsgi.py': `import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
import django.core.wsgi
application = django.core.wsgi.get_wsgi_application()`,
  })
  expect([module, failures.map(({stage}) => stage)]).toEqual(['shop.settings', ['settings']])
})
