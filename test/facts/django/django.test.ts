import {describe, expect, test} from 'vitest'
import {askDjango} from '../../../src/facts/django/ask.ts'
import {
  type Django,
  type DjangoAnswer,
  isAtLeast,
  listSetting,
  settingsKnown,
  shownPlace,
  sourceOf,
  textSetting,
  versionOf,
} from '../../../src/facts/django/django.ts'
import {findServer, type Server} from '../../../src/facts/program/server.ts'
import {showUnit} from '../../../src/facts/unit/systemd.ts'
import {type AsUnitOptions, CannotLook, type ExecAnswer, type Host} from '../../../src/host/host.ts'
import {record} from '../../../src/host/record.ts'
import {literalHost} from '../../literal.ts'
import {djangoSaid} from '../../machine.ts'

const healthy = djangoSaid('healthy')
const document = JSON.parse(healthy.stdout) as DjangoAnswer
const secret = 'canary-value-of-django'

const printed = (stdout: string, more: Partial<ExecAnswer> = {}): ExecAnswer => ({
  exitCode: 0,
  stdout,
  stderr: '',
  ...more,
})
const saying = (change: Readonly<Record<string, unknown>>): ExecAnswer =>
  printed(JSON.stringify({...document, ...change}))

interface Question {
  readonly argv: readonly string[]
  readonly options: AsUnitOptions
}

/** A host whose application says this; what it was asked goes into `asked`. */
function saysOf(said: ExecAnswer | CannotLook, asked: Question[] = []): Host {
  return literalHost({
    asUnit: async (_, argv, options = {}) => {
      asked.push({argv, options})
      if (said instanceof CannotLook) throw said
      return said
    },
  })
}

const server: Server = {
  kind: 'gunicorn',
  interpreter: '/srv/venv/bin/python3',
  argv: ['/srv/venv/bin/gunicorn', 'lamps.wsgi'],
  environment: new Map([['LAMPS_TOKEN', secret]]),
  touched: new Set(),
  entry: {module: 'lamps.wsgi'},
  directory: null,
  pythonPath: [],
  settingsModule: null,
  binds: [],
  bindsFrom: null,
  config: null,
  background: null,
  pidFile: null,
  runsAs: null,
}

async function ask(host: Host, more: Partial<Server> = {}): Promise<Django> {
  return askDjango(
    host,
    await showUnit(host, 'prism-django.service'),
    {...server, ...more},
    {depth: 'settings'},
  )
}

describe('the question', () => {
  test('is put to the interpreter of the server, and holds no secret where others could read it', async () => {
    const asked: Question[] = []
    await ask(saysOf(healthy, asked))
    const [{argv, options} = {argv: [], options: {}}] = asked
    expect(argv).toEqual(['/srv/venv/bin/python3', '-'])
    expect(options).toMatchObject({
      environment: {LAMPS_TOKEN: secret, PYTHONDONTWRITEBYTECODE: '1'},
      question: 'ask Django: settings',
      holds: 'secrets',
      limit: 4 * 1024 * 1024,
    })
    expect(options.input).not.toContain(secret)
    expect(options.fence?.length).toBeGreaterThan(30)
    expect(options.input).toContain(options.fence)
  })

  test('is not put where nothing names a Python, or the unit is not loaded', async () => {
    const asked: Question[] = []
    expect((await ask(saysOf(healthy, asked), {interpreter: null})).unasked?.kind).toBe('no-server')
    const gone = literalHost({units: async () => [{LoadState: 'not-found'}]})
    expect((await ask(gone)).unasked?.kind).toBe('not-loaded')
    expect(asked).toEqual([])
  })

  test('names in a recording how deep it goes, which page, and what the environment was completed with', async () => {
    const asked: Question[] = []
    const host = saysOf(healthy, asked)
    const unit = await showUnit(host, 'prism-django.service')
    await askDjango(host, unit, server, {depth: 'start', page: {path: '/a/', host: 'a.example'}})
    await askDjango(host, unit, server, {depth: 'settings', passed: ['A', 'B']})
    expect(asked.map(({options}) => options.question)).toEqual([
      'ask Django: start /a/ as a.example',
      'ask Django: settings with A B',
    ])
  })
})

test('what one exception tells is hidden in those before it', async () => {
  const raised = (message: string): object => ({
    stage: 'settings',
    chain: [
      {
        ...{type: 'ValueError', message, place: null, own: false, template: null},
        ...{name: null, errno: null, filename: null},
      },
    ],
  })
  const failures = [raised('it was lamp9tide'), raised('password: lamp9tide')]
  const {answer} = await ask(saysOf(saying({failures})))
  const messages = answer?.failures.map(({chain}) => chain[0]?.message ?? '')
  expect(messages?.map(text => text.replace(/redacted-[0-9a-f]{8}/, 'X'))).toEqual([
    'it was X',
    'password: X',
  ])
})

describe('no answer', () => {
  test.each<[string, ExecAnswer | CannotLook, string, RegExp]>([
    [
      'without root',
      new CannotLook('only root can', {privilege: true}),
      'privilege',
      /^only root can$/,
    ],
    ['in time', new CannotLook('did not end within 10 s'), 'late', /within 10 s/],
    [
      'since it said more than is kept',
      new CannotLook('printed more than 4194304 bytes'),
      'late',
      /more than/,
    ],
    [
      'since systemd could not prepare the process',
      printed('', {
        exitCode: 226,
        notStarted: '226/NAMESPACE',
        stderr: 'Failed to set up mount namespacing\n',
      }),
      'setup',
      /226\/NAMESPACE/,
    ],
    [
      'behind the fence',
      printed('', {exitCode: 1, stderr: 'Traceback\nFatal: x\n'}),
      'died',
      /ended with 1/,
    ],
    ['since a signal ended it', printed('', {exitCode: null}), 'died', /was ended by a signal/],
  ])('%s', async (_, said, kind, why) => {
    const {answer, unasked} = await ask(saysOf(said))
    expect(answer).toBeNull()
    expect(unasked?.kind).toBe(kind)
    expect(unasked?.why).toMatch(why)
  })

  test('a bug of the host is no answer of the application', async () => {
    const host = literalHost({asUnit: async () => Promise.reject(new TypeError('a bug'))})
    await expect(ask(host)).rejects.toThrow('a bug')
  })
})

describe('an answer that is not one', () => {
  test.each<[string, string]>([
    ['no JSON', 'hello'],
    ['half of it', healthy.stdout.slice(0, 5000)],
    ['another shape', '[]'],
    ['null', 'null'],
    ['a number for a path', JSON.stringify({...document, file: 7})],
    ['an object for a list', JSON.stringify({...document, missing: {}})],
    ['a secret that is no text', JSON.stringify({...document, secrets: {SECRET_KEY: ['x']}})],
    ['a table of migrations that is a text', JSON.stringify({...document, migrations: 'all'})],
    [
      'a kind of error that nobody knows',
      JSON.stringify({
        ...document,
        migrations: {
          ...document.migrations,
          error: {kind: 'x', message: '', node: null, origin: null},
        },
      }),
    ],
    ['a field that is missing', JSON.stringify({...document, databases: undefined})],
  ])('%s', async (_, stdout) => {
    const host = saysOf(printed(stdout))
    expect((await ask(host)).unasked?.kind).toBe('died')
  })

  test('of four mebibytes is read as any other', async () => {
    const names = Array.from({length: 60_000}, (_, index) => `css/${'x'.repeat(50)}${index}.css`)
    const sources = [{directory: '/srv/static', prefix: '', names}]
    const {answer} = await ask(saysOf(saying({static: {...document.static, sources}})))
    expect(answer?.static?.sources[0]?.names).toHaveLength(60_000)
  })

  test('fields that nobody asked for go nowhere, __proto__ neither', async () => {
    const stdout = healthy.stdout.replace(/^\{/, '{"evil": 1, "__proto__": {"polluted": true}, ')
    const {answer} = await ask(saysOf(printed(stdout)))
    expect(answer).not.toHaveProperty('evil')
    expect(answer).not.toHaveProperty('polluted')
    expect({}).not.toHaveProperty('polluted')
  })
})

describe('secrets', () => {
  test('land in the secrets of the host, whatever they are called', async () => {
    const host = saysOf(
      saying({secrets: {SECRET_KEY: 'canary-key-1', 'DATABASES.other.PASSWORD': 'canary-word-2'}}),
    )
    await ask(host)
    const told = host.secrets.redact('canary-key-1 and canary-word-2')
    expect(told).toMatch(/^redacted-\w{8} and redacted-\w{8}$/)
  })

  test('within URLs of caches and brokers are found as well', async () => {
    const caches = {
      default: {backend: 'redis', location: ['redis://:canary-cache-3@localhost/1', 'redis://x/2']},
    }
    const settings = {
      ...document.settings,
      CELERY_BROKER_URL: 'amqp://lamps:canary-broker-4@localhost//',
    }
    const host = saysOf(saying({caches, settings}))
    await ask(host)
    expect(host.secrets.redact('canary-cache-3, canary-broker-4')).not.toContain('canary')
  })

  test('stand in no recording: not in the answer, not in what was asked', async () => {
    const said = saying({
      secrets: {SECRET_KEY: secret, PIN: 'ab', EMPTY: ''},
      settings: {...document.settings, LOGIN_URL: `/?${secret}`},
    })
    const recorder = record(saysOf(said))
    await ask(recorder.host)
    const text = JSON.stringify(recorder.recording('midship', 'prism-django.service'))
    expect(text).not.toContain(secret)
    const [kept] = Object.values(
      recorder.recording('midship', 'prism-django.service').answers.asUnit ?? {},
    )
    const {secrets} = JSON.parse((kept as {answer: ExecAnswer}).answer.stdout) as DjangoAnswer
    expect(secrets).toEqual({
      SECRET_KEY: expect.stringMatching(/^redacted-/),
      // Too short to be found in free text, and hidden all the same.
      PIN: expect.stringMatching(/^redacted-/),
      EMPTY: '',
    })
  })

  test('a line that only looks like an answer is veiled whole', async () => {
    const recorder = record(saysOf(printed(`{"secrets": {"SECRET_KEY": "${secret}`)))
    await ask(recorder.host)
    expect(JSON.stringify(recorder.recording('midship', 'prism-django.service'))).not.toContain(
      secret,
    )
  })
})

describe('what is known of a setting', () => {
  const said = (change: Partial<DjangoAnswer>): Django => ({
    answer: {...document, ...change},
    unasked: null,
  })
  const nobody: Django = {answer: null, unasked: {kind: 'late', why: 'x', evidence: []}}

  test('nothing where Django was not asked, or its settings could not be imported', () => {
    expect(settingsKnown(said({}))).toBe(true)
    expect(settingsKnown(said({settings: {}}))).toBe(false)
    expect(settingsKnown(nobody)).toBe(false)
    expect(textSetting(nobody, 'STATIC_URL')).toBeNull()
    expect(listSetting(nobody, 'ALLOWED_HOSTS')).toBeNull()
  })

  test('a text that is one, and holds no placeholder', () => {
    const {placeholder} = document
    const settings = {
      A: '/srv',
      B: 7,
      C: ['x', 1, 'y'],
      D: `/srv/${placeholder}`,
      E: ['x', placeholder],
      F: 'x48151623',
    }
    const django = said({settings})
    expect(textSetting(django, 'A')).toBe('/srv')
    expect(['B', 'D', 'F', 'G'].map(name => textSetting(django, name))).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(listSetting(django, 'C')).toEqual(['x', 'y'])
    expect(['A', 'E', 'G'].map(name => listSetting(django, name))).toEqual([null, null, null])
  })

  test('its place, as people name it', () => {
    const file = '/srv/app/config/base.py'
    expect(shownPlace({file, line: 12}, '/srv/app')).toBe('config/base.py:12')
    expect(shownPlace({file, line: 12}, '/srv/app/')).toBe('config/base.py:12')
    expect(shownPlace({file, line: null}, '/srv/ap')).toBe(file)
    expect(shownPlace({file, line: 0})).toBe(file)
    const places = {DEBUG: {file, line: 3}}
    expect(sourceOf(said({places}), 'DEBUG', '/srv/app')).toBe('DEBUG in config/base.py')
    expect(sourceOf(said({places, file: '/srv/app/prod.py'}), 'STATIC_ROOT', '/srv/app')).toBe(
      'STATIC_ROOT in prod.py',
    )
    expect(sourceOf(nobody, 'DEBUG')).toBe('DEBUG')
  })

  test('the version of Django', () => {
    expect(versionOf(said({django: '5.2.8'}))).toEqual({major: 5, minor: 2, text: '5.2.8'})
    expect(versionOf(said({django: '6.0a1'}))).toMatchObject({major: 6, minor: 0})
    expect(versionOf(said({django: null}))).toBeNull()
    const version = versionOf(said({django: '4.2.28'}))
    expect([isAtLeast(version, 4, 2), isAtLeast(version, 3, 9), isAtLeast(version, 5, 0)]).toEqual([
      true,
      true,
      false,
    ])
    expect(isAtLeast(null, 1, 0)).toBe(false)
  })
})

test('a server that nothing is known of names no interpreter', async () => {
  const host = literalHost()
  const unit = await showUnit(host, 'prism-django.service')
  expect((await findServer(host, unit, new Map())).interpreter).toBeNull()
})
