import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {checks} from '../../src/checks/index.ts'
import {type AsUnitOptions, CannotLook, type Host} from '../../src/host/host.ts'
import {once} from '../../src/host/once.ts'
import {record} from '../../src/host/record.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {replayHost} from '../../src/host/replay.ts'
import {addAssignment} from '../../src/host/secrecy/assignments.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {ok} from '../../src/report/finding.ts'
import {render} from '../../src/report/reporters/index.ts'
import {run} from '../../src/report/step.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {critical, diagnosed, literalCheck, literalHost} from '../literal.ts'
import {djangoSaid} from '../machine.ts'
import {propertiesIn} from '../shown.ts'

/** Where each secret is known from; every one of them is a word that nothing else holds. */
const canaries = {
  unit: 'canary-Unit0token',
  file: 'canary-File"quo$te\\d',
  exported: 'canary-Exported1',
  lone: 'canaryLoneLine77',
  url: 'canary/Url@pass word',
  process: 'canary-Process42',
  short: 'c4nary9',
  django: 'canary-Django99',
  broker: 'canary-Broker55',
}

const dsn = `postgres://prism:${encodeURIComponent(canaries.url)}@localhost/prism`
const environmentFile = `SECRET_KEY="${canaries.file.replace(/["\\`$]/g, '\\$&')}"
export EXPORTED=${canaries.exported}
${canaries.lone}
DATABASE_URL=${dsn}
PIN=${canaries.short}
TINY=abc
`
const show = `Id=prism-django.service
LoadState=loaded
ActiveState=failed
SubState=failed
MainPID=4242
User=prism
ExecStart={ path=/nix/store/${'a'.repeat(32)}-prism/bin/gunicorn ; argv[]=/nix/store/${'a'.repeat(32)}-prism/bin/gunicorn ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
Environment=API_TOKEN=${canaries.unit} DEBUG=false
EnvironmentFiles=/run/secrets/prism-env (ignore_errors=no)
`
/** Everything the machine says holds every secret, in every form it may take there. */
const gossip = Object.values(canaries)
  .flatMap(value => [
    value,
    encodeURIComponent(value),
    JSON.stringify(value),
    Buffer.from(value).toString('base64'),
  ])
  .concat(dsn)
  .join('\n')

/** Django tells everything that it knows, wherever there is room for it. */
const told = djangoSaid('healthy', {
  settings: {CELERY_BROKER_URL: `amqp://lamps:${canaries.broker}@localhost//`, TIME_ZONE: gossip},
  secrets: {
    SECRET_KEY: canaries.file,
    LAMPS_TOKEN: canaries.django,
    'DATABASES.default.PASSWORD': canaries.url,
  },
  databases: {default: {options: {application_name: gossip}}},
  failures: [{stage: 'static', chain: []}],
}).stdout

function gossipingHost(asked: string[], answerOf: () => string = () => told): Host {
  const say = (question: string): void => {
    asked.push(question)
  }
  return literalHost({
    uid: 1000,
    units: async names => {
      say(names.join(' '))
      return names.map(() => propertiesIn(show))
    },
    journal: async sources => {
      say(JSON.stringify(sources))
      return [
        {at: 0, text: gossip, uid: 0, unit: 'prism-django.service', about: 'prism-django.service'},
      ]
    },
    exec: async (argv, options) => {
      say([...argv, options.question].join(' '))
      return {exitCode: 1, stdout: gossip, stderr: gossip}
    },
    readFile: async path => {
      say(path)
      if (path.endsWith('/bin/gunicorn'))
        return {kind: 'file', text: '#!/opt/venv/bin/python3\n', utf8: true}
      if (path === '/run/secrets/prism-env')
        return {kind: 'file', text: environmentFile, utf8: true}
      if (path === '/proc/4242/environ')
        return {kind: 'file', text: `SECRET_KEY=${canaries.process}\0PATH=/bin\0`, utf8: true}
      return {kind: 'file', text: gossip, utf8: true}
    },
    asUnit: async (unit, argv, options = {}) => {
      // What goes to it in a file of root's, or on its standard input, is no question that others
      // see.
      say([unit, ...argv, options.question ?? ''].join(' '))
      return {exitCode: 0, stdout: answerOf(), stderr: gossip}
    },
    stat: async path => {
      say(path)
      throw new CannotLook(`cannot look: ${gossip}`)
    },
    list: async path => {
      say(path)
      return [gossip.split('\n')[0] ?? '']
    },
    walk: async root => {
      say(root)
      throw new Error(`a bug that knows too much: ${gossip}`)
    },
    digests: async root => {
      say(root)
      throw new Error(`a bug that knows too much: ${gossip}`)
    },
    query: async ({password: _, ...connection}, {question, sql}) => {
      say(JSON.stringify(connection) + question + sql)
      return {
        kind: 'error',
        sqlstate: '28P01',
        severity: 'FATAL',
        message: gossip,
        detail: gossip,
        hint: null,
      }
    },
    request: async request => {
      say(JSON.stringify(request))
      return {
        kind: 'response',
        status: 500,
        headers: {server: gossip},
        body: gossip,
        size: 1,
        md5: '0',
      }
    },
  })
}

const tattle: Check = {
  ...literalCheck('a/tattle', []),
  run: async ({host, target}) => {
    const {stdout} = await host.exec(['gossip'], {question: 'gossip'})
    const {variables} = {
      variables: [...target.environment].map(([name, value]) => `${name}=${value}`),
    }
    const cure = remedy(stdout, 'manual', [{shell: stdout, argv: ['echo', stdout]}], stdout)
    return critical('tattle', stdout, cure, {evidence: variables})
  },
}

describe('no secret leaves, whatever the machine says and whichever check runs', () => {
  const leaked = (text: string): readonly string[] =>
    Object.values(canaries).filter(value =>
      [
        value,
        encodeURIComponent(value),
        JSON.stringify(value).slice(1, -1),
        Buffer.from(value).toString('base64'),
      ].some(form => text.includes(form)),
    )

  test.each<[string, () => string, readonly string[]]>([
    ['Django answers', () => told, []],
    // What it alone knows, it did not tell then.
    ['Django gossips', () => gossip, [canaries.django, canaries.broker]],
    ['Django answers half', () => told.slice(0, -2), [canaries.django, canaries.broker]],
  ])('report, text, recording, questions, where %s', async (_, answerOf, untold) => {
    const leaks = (text: string): readonly string[] =>
      leaked(text).filter(value => !untold.includes(value))
    const asked: string[] = []
    const recorder = record(gossipingHost(asked, answerOf))
    const report = await diagnosed([...checks, tattle], {
      host: once(recorder.host),
    })
    const text = await render(report, 'text', {
      verbose: true,
      privileged: false,
      terminal: plainTerminal,
    })
    const recording = JSON.stringify(recorder.recording('midship', 'prism-django.service'))
    expect(report.checks.find(({id}) => id === 'a/tattle')?.status).toBe('critical')
    expect(leaks(JSON.stringify(report))).toEqual([])
    expect(leaks(text)).toEqual([])
    expect(leaks(recording)).toEqual([])
    expect(leaks(asked.join('\n'))).toEqual([])
    expect(recording).not.toContain('TINY=\\"abc')
    expect(JSON.stringify(report)).toMatch(/redacted-[0-9a-f]{8}/)
  })

  test('a recording says the same of the same machine, and knows no secret', async () => {
    const recorder = record(gossipingHost([]))
    await diagnosed([...checks, tattle], {
      host: once(recorder.host),
    })
    const file = recorder.recording('midship', 'prism-django.service').answers.readFile?.[
      '/run/secrets/prism-env'
    ] as {
      answer: {text: string}
    }
    expect(
      file.answer.text.split('\n').map(line => line.replaceAll(/redacted-[0-9a-f]{8}/g, 'X')),
    ).toEqual([
      'SECRET_KEY="X"',
      'export EXPORTED=X',
      'X',
      'DATABASE_URL="postgres://prism:X@localhost/prism"',
      'PIN="X"',
      'TINY="X"',
      '',
    ])
  })
})

describe('what a program said that was run as the unit', () => {
  const fence = 'fence-0123456789abcdef'
  const said = (document: string): Host =>
    literalHost({
      asUnit: async () => ({
        exitCode: 0,
        stdout: `noise\n${fence}\n${document}\n${fence}\n`,
        stderr: '',
      }),
    })
  const ask = async (document: string, options: AsUnitOptions): Promise<string> => {
    const {host, recording} = record(said(document))
    await host.asUnit('prism-django.service', ['/venv/bin/python', '-'], options)
    const answers = recording('midship', 'prism-django.service').answers.asUnit ?? {}
    expect(Object.keys(answers)).toEqual([
      'prism-django.service: ask settings without PrivateTmp,ProtectSystem',
    ])
    return (Object.values(answers)[0] as {answer: {stdout: string}}).answer.stdout
  }
  const options = {
    question: 'ask settings',
    without: ['PrivateTmp', 'ProtectSystem'],
    holds: 'secrets',
  } as const

  test('each secret is veiled whatever its length, and all else is left', async () => {
    const document = {
      user: 'abc',
      secrets: {databases: {default: 'abc', other: ''}, keys: ['a"b', 'long enough a key']},
    }
    const stdout = await ask(JSON.stringify(document), options)
    const [noise, first, line = '', last] = stdout.split('\n')
    expect([noise, first, last]).toEqual(['noise', fence, fence])
    expect(JSON.parse(line.replaceAll(/redacted-[0-9a-f]{8}/g, 'X'))).toEqual({
      user: 'abc',
      secrets: {databases: {default: 'X', other: ''}, keys: ['X', 'X']},
    })
  })

  test('a document that cannot be read is veiled whole', async () => {
    const stdout = await ask('{"secrets": {"databases": {"default": "hunter2"', options)
    expect(stdout).toMatch(new RegExp(`^noise\n${fence}\nredacted-[0-9a-f]{8}\n${fence}\n$`))
  })

  test('what an application printed beside its answer is not kept', async () => {
    const said = {exitCode: 0, stdout: '{"secrets": {}}', stderr: 'secret-of-nobody'}
    const {host, recording} = record(literalHost({asUnit: async () => said}))
    await host.asUnit('prism-django.service', ['/venv/bin/python', '-'], {holds: 'secrets'})
    expect(JSON.stringify(recording('midship', 'prism-django.service'))).not.toContain(
      'secret-of-nobody',
    )
  })

  test('a file that is nothing but a key does not become the name of a variable', async () => {
    const key = `${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldY'}==`
    const pem =
      '-----BEGIN PRIVATE KEY-----\nTUlJRXZRSUJBREFOQmdr\nZFNlY3JldA==\n-----END PRIVATE KEY-----\n'
    const lone = 'half+of/a-secret-that-nobody-else-knows-of=the other half'
    const texts: Record<string, string> = {
      '/srv/key': `${key}\n`,
      '/srv/pem': pem,
      '/srv/lone': lone,
    }
    const readFile = async (path: string) => ({
      kind: 'file' as const,
      text: texts[path] ?? '',
      utf8: true,
    })
    const {host, recording} = record(literalHost({readFile}))
    for (const path of Object.keys(texts)) await host.readFile(path, {holds: 'assignments'})
    addAssignment(host.secrets, 'SECRET_KEY', key, 'secret')
    const kept = JSON.stringify(recording('midship', 'prism-django.service'))
    for (const part of [key.slice(0, -2), 'TUlJ', 'ZFNl', 'half']) expect(kept).not.toContain(part)
  })

  test('it is answered again from the recording', async () => {
    const {host, recording} = record(said('{"secrets":{"a":"b"}}'))
    const argv = ['/venv/bin/python', '-']
    await host.asUnit('prism-django.service', argv, options)
    const replayed = replayHost(recording('midship', 'prism-django.service'), createSecrets())
    const answer = await replayed.asUnit('prism-django.service', argv, {...options, timeout: 1})
    expect(answer.stdout).toMatch(/"secrets":\{"a":"redacted-/)
    await expect(replayed.asUnit('prism-django.service', argv)).rejects.toThrow(
      /no answer to asUnit/,
    )
  })
})

const tidy = remedy('Repair it', 'manual', [])

describe('the redactor', () => {
  test('the same value has the same placeholder in one run, another in the next', () => {
    const secrets = createSecrets()
    secrets.add('hunter2222')
    const [first, second] = [secrets.redact('is hunter2222'), secrets.redact('hunter2222!')]
    expect(first.slice(3)).toBe(second.slice(0, -1))
    const other = createSecrets()
    other.add('hunter2222')
    expect(other.redact('is hunter2222')).not.toBe(first)
  })

  test('a short secret is replaced where it stands alone, and does not mangle words', () => {
    const secrets = createSecrets()
    secrets.add('test')
    expect(secrets.redact('password=test, latest')).toMatch(
      /^password=redacted-[0-9a-f]{8}, latest$/,
    )
  })

  test('what is too short to be told from ordinary text is left in it', () => {
    const secrets = createSecrets()
    secrets.add('abc')
    expect(secrets.redact('abc')).toBe('abc')
  })

  test('a secret that equals a public name is not replaced: that would tell which it is', () => {
    const secrets = createSecrets()
    secrets.addPublic('prism')
    secrets.add('prism')
    expect(secrets.redact('user prism')).toBe('user prism')
  })

  test.each(['postgres', 'database', 'service', 'prism', 'midship', 'localhost'])(
    'a password that is the word %s garbles no answer',
    async password => {
      const show = [
        'Id=prism-django.service',
        'LoadState=loaded',
        'User=prism',
        `Environment=POSTGRES_PASSWORD=${password}`,
      ].join('\n')
      const host = literalHost({units: async () => [propertiesIn(show)]})
      const start = remedy('Start it', 'disruptive', [
        run('systemctl', 'start', 'postgresql.service'),
      ])
      const says = critical(
        'refused',
        'postgresql.service is inactive; "prism" cannot be reached',
        start,
      )
      const server = literalCheck('database/server', says)
      const report = await diagnosed([server, literalCheck('service/unit', ok('loaded'))], {host})
      expect(JSON.stringify(report)).not.toContain('redacted-')
    },
  )

  test('a password that is a word of the report leaves its structure as it is', async () => {
    const host = literalHost()
    host.secrets.add('critical')
    host.secrets.add('astray')
    const report = await diagnosed(
      [literalCheck('a/check', critical('astray', 'was astray', tidy))],
      {host},
    )
    expect(report).toMatchObject({
      status: 'critical',
      checks: [{status: 'critical', findings: [{code: 'astray'}]}],
    })
    expect(report.checks[0]?.findings[0]?.message).toMatch(/^was redacted-/)
  })

  test('a longer word is replaced where it stands alone', () => {
    const secrets = createSecrets()
    secrets.add('lighthouse')
    expect(secrets.redact('lighthouse, lighthouses')).toMatch(/^redacted-[0-9a-f]{8}, lighthouses$/)
  })

  test('a key of several lines is replaced in each of them', () => {
    const secrets = createSecrets()
    secrets.add('-----BEGIN KEY-----\ncanaryLineOne\ncanaryLineTwo\n-----END KEY-----')
    const told = 'one: canaryLineOne\nthe next entry: canaryLineTwo'
    expect(secrets.redact(told)).toMatch(/^one: redacted-\w+\nthe next entry: redacted-\w+$/)
  })

  test('a password with an "@" in a URL ends at the last one', () => {
    const secrets = createSecrets()
    addAssignment(
      secrets,
      'DATABASE_URL',
      'postgres://prism:canary@Sign@db.example/prism?x=a@b',
      'secret',
    )
    expect(secrets.redact('canary@Sign at db.example')).toMatch(/^redacted-\w+ at db\.example$/)
  })

  test('a password that was not encoded in its URL is hidden in pieces, too', () => {
    const secrets = createSecrets()
    addAssignment(
      secrets,
      'DATABASE_URL',
      'postgres://prism:canary/Sign#Mark@db.example/prism',
      'secret',
    )
    expect(secrets.redact("as 'canary', fragment Mark, canary/Sign#Mark")).not.toMatch(
      /canary|Mark/,
    )
    expect(secrets.redact('db.example, postgres://')).toBe('db.example, postgres://')
  })

  test('a long text of dots and letters is read once', () => {
    const started = performance.now()
    createSecrets().learn('a.'.repeat(500_000))
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test("a URL quoted as Python's urllib does", () => {
    const secrets = createSecrets()
    secrets.add("canary!'(x)*")
    expect(secrets.redact('canary%21%27%28x%29%2A')).toMatch(/^redacted-\w+$/)
  })

  test('the file that holds a secret is named', () => {
    const secrets = createSecrets()
    addAssignment(secrets, 'SECRET_KEY_FILE', '/run/secrets/key', 'file')
    expect(secrets.redact('/run/secrets/key is missing')).toBe('/run/secrets/key is missing')
  })

  test.each([
    ['gunicorn --env API_TOKEN=canaryValue prism.wsgi', 'canaryValue'],
    ["export SECRET_KEY='canaryValue'", 'canaryValue'],
    ['host=localhost password=canaryValue dbname=prism', 'canaryValue'],
    ['could not connect to redis://:canaryValue@localhost:6379/0', 'canaryValue'],
    ['proxy_set_header X-Internal-Token canaryValue;', 'canaryValue'],
    ['proxy_set_header Authorization "Basic Y2FuYXJ5";', 'Y2FuYXJ5'],
  ])('what is told unasked is a secret as well: %s', (text, value) => {
    const secrets = createSecrets()
    expect(secrets.conceal(text)).not.toContain(value)
  })

  test.each([
    'password authentication failed for user "prism"',
    'set SECRET_KEY=<value> or SECRET_KEY=$KEY',
    'proxy_set_header X-Auth-Token $token;',
    'https://prism.example:8000/@x',
    'PrivateUsers=self keeps it to itself: self; RequirePassword=true is true',
    'LoadCredential=secret-key:/etc/prism/key in the unit; /etc/prism/key is missing',
  ])('and what is none is not: %s', text => {
    const secrets = createSecrets()
    expect(secrets.conceal(text)).toBe(text)
  })

  describe('a known secret is found however it is written', () => {
    const secret = 'k3yAb/c+def?g&h\'ij Kl"mn<ö>9'
    const within = (before: string): Buffer => Buffer.from(`${before}${secret}zz`)
    const percented = encodeURIComponent(secret)
    test.each<[string, string]>([
      ['hex', Buffer.from(secret).toString('hex')],
      ['HEX', Buffer.from(secret).toString('hex').toUpperCase()],
      ['base64', Buffer.from(secret).toString('base64')],
      ['base64 without padding', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
      ['base64 for URLs', Buffer.from(secret).toString('base64url')],
      ...['', 'a', 'ab', 'prism:', 'prism: '].flatMap((before): [string, string][] => [
        [`base64 after ${before.length}`, within(before).toString('base64')],
        [`base64 for URLs after ${before.length}`, within(before).toString('base64url')],
      ]),
      [
        'base64 in lines',
        within('prism:')
          .toString('base64')
          .replace(/(.{20})/g, '$1\n'),
      ],
      ['percent', percented],
      ['percent with small digits', percented.replace(/%../g, digits => digits.toLowerCase())],
      ['percent with plus', percented.replaceAll('%20', '+')],
      ['JSON', JSON.stringify(secret)],
      ['JSON in ASCII', JSON.stringify(secret).replace('ö', '\\u00f6')],
      ['bytes in Python', secret.replace("'", "\\'").replace('ö', '\\xc3\\xb6')],
      [
        'HTML',
        secret
          .replace(/&/g, '&amp;')
          .replace('<', '&lt;')
          .replace('>', '&gt;')
          .replace('"', '&quot;')
          .replace("'", '&#x27;'),
      ],
      ['two lines', `${secret.slice(0, 9)}\n${secret.slice(9)}`],
      ['two lines, indented', `${secret.slice(0, 9)}\r\n        ${secret.slice(9)}`],
      ['two lines, escaped', `${secret.slice(0, 9)}\\n    ${secret.slice(9)}`],
      ['three lines', `${secret.slice(0, 6)}\n${secret.slice(6, 12)}\n  ${secret.slice(12)}`],
      ['lines that were folded into one', `${secret.slice(0, 9)} ${secret.slice(9)}`],
    ])('%s', (_, written) => {
      const secrets = createSecrets()
      secrets.add(secret)
      const text = secrets.redact(`before ${written} after`)
      expect(text.replace(/redacted-[0-9a-f]{8}/, 'X')).toMatch(/^before \S{0,10}X\S{0,6} after$/)
    })

    test('also where no UTF-8 can be made of it', () => {
      const secrets = createSecrets()
      secrets.add('\udcff\ud800canary9')
      expect(secrets.redact('is \udcff\ud800canary9')).toMatch(/^is redacted-\w+$/)
    })
  })

  test('however many and however long they are', () => {
    const secrets = createSecrets()
    const all = Array.from({length: 100_000}, (_, index) => `v${index}Lamp`)
    const long = 'k3y'.repeat(2_000_000)
    for (const value of [...all, long]) secrets.add(value)
    const text = secrets.redact(`${all[0]} ${all.at(-1)} ${long} end`)
    expect(text).toMatch(/^(?:redacted-[0-9a-f]{8} ){3}end$/)
  })

  test('a short word that is a secret is not put together from two', () => {
    const secrets = createSecrets()
    for (const word of ['lighthouse', 'prism9', 'seven8x']) secrets.add(word)
    const text = 'a light house, prism\n9, seven 8x'
    expect(secrets.redact(text)).toBe(text)
  })

  describe('of a secret that was cut before it came here', () => {
    const secrets = createSecrets()
    secrets.add('Zx81Qw73Er55Ty90Ui')
    secrets.add('lighthouse-of-prism-9')
    test.each(['Zx81Qw73', 'Zx81Qw73Er55T'])('the beginning is hidden: %s', part => {
      for (const text of [
        `says ${part}`,
        `says ${part}...`,
        `says ${part}\u2026 on`,
        `says ${part}\nnext`,
      ])
        expect(secrets.redact(text)).toMatch(
          /^says redacted-[0-9a-f]{8}(?:$|\.\.\.$|\u2026 on$|\nnext$)/,
        )
    })
    test.each(['the lighthouse-of-prism', 'Zx81', 'xZx81Qw73x'])(
      'what may be other words is left: %s',
      text => {
        expect(secrets.redact(text)).toBe(text)
      },
    )
  })

  test('lines that follow one another are read as one text, and stay lines', () => {
    const secrets = createSecrets()
    secrets.add('Zx81Qw73Er55Ty90Ui')
    const lines = secrets.redactAll([
      'split Zx81Q',
      '   w73Er5',
      '  5Ty90Ui end',
      'Zx81Qw73Er55Ty90Ui',
    ])
    expect(lines.map(line => line.replace(/redacted-[0-9a-f]{8}/, 'X'))).toEqual([
      'split X',
      '',
      ' end',
      'X',
    ])
  })

  test.each<[string, string, 'file' | 'environment', boolean]>([
    ['APP_PORT', '8000', 'file', true],
    ['REDIS_URL', 'redis://localhost:6379/0', 'file', true],
    ['DJANGO_ENV', 'production', 'environment', true],
    ['DJANGO_ENV', 'production', 'file', false],
    ['LIGHTHOUSE', 'canary9Lamp', 'environment', false],
    ['DB_PWD', 'lighthouse', 'environment', false],
    ['UVICORN_SSL_KEYFILE_PASSWORD', 'canary9Lamp', 'environment', false],
    ['GUNICORN_BIND', 'canary9Lamp:8000', 'environment', true],
    ['SENTRY_DSN', 'https://0123456789abcdef@sentry.example/1', 'environment', false],
  ])('of %s=%s in the %s is shown: %s', (name, value, where, isShown) => {
    const secrets = createSecrets()
    addAssignment(secrets, name, value, where)
    expect(secrets.redact(`it is ${value}.`) === `it is ${value}.`).toBe(isShown)
  })

  test('a placeholder is not taken for a secret', () => {
    const secrets = createSecrets()
    secrets.add('hunter2222')
    const once = secrets.redact('hunter2222')
    secrets.add(once)
    expect(secrets.redact(once)).toBe(once)
  })

  test('whatever the secrets are: none is left, in any of its forms', () => {
    const secret = fc
      .string({unit: 'grapheme-ascii', minLength: 8, maxLength: 24})
      .filter(value => value.trim() !== '' && !/^redacted/.test(value))
    fc.assert(
      fc.property(
        fc.array(secret, {minLength: 1, maxLength: 4}),
        fc.string({maxLength: 10}),
        (values, noise) => {
          const secrets = createSecrets()
          for (const value of values) secrets.add(value)
          const text = values
            .flatMap(value => [noise, value, encodeURIComponent(value), JSON.stringify(value)])
            .join('|')
          const redacted = secrets.redact(text)
          for (const value of values) expect(redacted.includes(value)).toBe(false)
        },
      ),
    )
  })
})

test('a secret of the same characters all through is found in as many of them', () => {
  const secrets = createSecrets()
  secrets.add(`"${'""'.repeat(4000)}`)
  secrets.add(` ${'a'.repeat(8000)} `)
  // Compared anew at each place, this takes minutes.
  expect(secrets.redact('"'.repeat(3_000_000))).toMatch(/^redacted-[0-9a-f]{8}$/)
  expect(secrets.redact('a'.repeat(3_000_000))).toMatch(/^redacted-[0-9a-f]{8}$/)
})

test('a value that is no text, as Python hands on bytes, and one of any length are hidden', () => {
  const secrets = createSecrets()
  for (const value of ['canary\udc80value', `canary${'/'.repeat(200_000)}`]) {
    secrets.add(value)
    expect(secrets.redact(`it is ${value}.`)).toMatch(/^it is redacted-[0-9a-f]{8}\.$/)
  }
})
