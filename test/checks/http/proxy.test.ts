import {describe, expect, test} from 'vitest'
import {httpProxy} from '../../../src/checks/http/proxy.ts'
import type {FileAnswer, HttpAnswer} from '../../../src/host/host.ts'
import {journal, type Line, service, systemd, unitName} from '../../journal.ts'
import {codes, type Edits, fixture, machine, recorded, verdicts} from '../../machine.ts'

const answers = fixture('healthy').answers
const question = 'http://127.0.0.1:80/accounts/login/ host: prism.midship.local'
const configuration =
  Object.keys(answers.readFile ?? {}).find(path => path.endsWith('-nginx.conf')) ?? ''
const page = recorded('healthy', 'request', question) as Extract<HttpAnswer, {kind: 'response'}>

const answered = (change: Partial<typeof page>): Edits => ({
  request: {[question]: {...page, ...change}},
})

function configured(edit: (text: string) => string, more: Edits = {}): Edits {
  const file = recorded('healthy', 'readFile', configuration) as Extract<FileAnswer, {kind: 'file'}>
  const text = edit(file.text)
  expect(text).not.toBe(file.text)
  return {...more, readFile: {[configuration]: {...file, text}}}
}

/** What the journal has of nginx. */
function logged(...lines: readonly Line[]): NonNullable<Edits['journal']> {
  return {'nginx.service': journal(lines, 'nginx.service')}
}

const waiting = {
  'nginx.service': {ActiveState: 'activating', SubState: 'auto-restart', NRestarts: '1'},
}
const exited = systemd('Main process exited, code=exited, status=1/FAILURE')

async function said(edits: Edits) {
  return verdicts(httpProxy, machine('healthy', edits))
}

test('a recorded healthy machine', async () => {
  expect(await codes(httpProxy, machine('healthy'))).toEqual(['ok ok'])
})

test('nginx does not run', async () => {
  const show = {'nginx.service': {ActiveState: 'inactive', SubState: 'dead'}}
  const [finding] = await said({show})
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'not-running',
    kind: 'cause',
    remedy: {risk: 'disruptive'},
  })
  expect(finding?.message).toBe(
    'nginx.service is inactive (dead): nobody reaches prism.midship.local',
  )
})

test('no nginx at all is no fault', async () => {
  // Django gives the page by each name that it allows: the fault is the front that is gone.
  const pages = Object.entries(answers.request ?? {}).filter(([key]) =>
    key.includes('/accounts/login/ '),
  )
  const byName = pages.map(
    ([key, page]) => [key.replace('prism.midship.local', 'midship.local'), page] as const,
  )
  const request = Object.fromEntries(
    byName.map(([key, page]) => [key, 'answer' in page ? page.answer : page]),
  )
  expect(await said({request, show: {'nginx.service': {LoadState: 'not-found'}}})).toMatchObject([
    {status: 'ok'},
  ])
})

test('an nginx for something else is no matter', async () => {
  const edits = configured(text =>
    text
      .replace('proxy_pass http://127.0.0.1:8000', 'proxy_pass http://127.0.0.1:3000')
      .replace('prism.midship.local', 'grafana.example'),
  )
  expect(await said(edits)).toMatchObject([
    {status: 'ok', message: 'nginx forwards nothing to the application'},
  ])
})

test('the site that leads to the application is not enabled', async () => {
  const file = '/etc/nginx/sites-available/prism'
  const off = (port: number): Edits => {
    const text = `server {\n  server_name prism.midship.local;\n  location / { proxy_pass http://127.0.0.1:${port}; }\n}\n`
    const edits = configured(was =>
      was
        .replace('proxy_pass http://127.0.0.1:8000', 'proxy_pass http://127.0.0.1:3000')
        .replace('prism.midship.local', 'grafana.example'),
    )
    return {
      readFile: {
        ...edits.readFile,
        [file]: {kind: 'file', text, utf8: true},
        // Nobody keeps sites so on NixOS.
        '/etc/os-release': {kind: 'file', text: 'ID=debian\n', utf8: true},
      },
      list: {'/etc/nginx/sites-available': ['prism'], '/etc/nginx/sites-enabled': ['default']},
    }
  }
  expect(await said(off(8000))).toMatchObject([
    {
      status: 'critical',
      code: 'site-disabled',
      message: expect.stringContaining(`${file}, the site of prism.midship.local`),
    },
  ])
  expect(await said(off(80001))).toMatchObject([{status: 'ok'}])
})

describe('an application below a path of the site', () => {
  const below = question.replace('/accounts/', '/prism/accounts/')
  const moved = (status: number) =>
    configured(text => text.replace('location / {', 'location /prism/ {'), {
      request: {[below]: {...page, status}},
    })

  test('is asked for there', async () => {
    expect(await said(moved(200))).toMatchObject([{status: 'ok'}])
    expect(await said(moved(502))).toMatchObject([{status: 'critical', code: 'bad-gateway'}])
  })

  test('need not have its login there', async () => {
    expect(await said(moved(404))).toMatchObject([{status: 'ok'}])
  })
})

test('it forwards to another port', async () => {
  const edits = configured(
    text => text.replaceAll('127.0.0.1:8000', '127.0.0.1:8001'),
    answered({status: 502}),
  )
  const [finding] = await said(edits)
  expect(finding).toMatchObject({status: 'critical', code: 'wrong-upstream', kind: 'cause'})
  expect(finding?.message.replace(/\/nix\/store\/\S+-/, '')).toBe(
    'nginx forwards prism.midship.local to 127.0.0.1:8001 (nginx.conf:22), where nobody listens, and answers 502; the application listens at 127.0.0.1:8000',
  )
})

test('502 while the service starts is no more than that', async () => {
  const direct =
    'http://127.0.0.1:8000/accounts/login/ host: prism.midship.local cookie: sessionid='
  const asked = Object.keys(answers.request ?? {}).find(key => key.startsWith(direct)) ?? ''
  const refused = {
    kind: 'unreachable',
    code: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED 127.0.0.1:8000',
  }
  const edits = (unit: Readonly<Record<string, string>>): Edits => ({
    show: {[unitName]: {ActiveState: 'activating', ...unit}},
    request: {[question]: {...page, status: 502}, [asked]: refused},
  })
  expect(await said(edits({SubState: 'start-pre'}))).toMatchObject([
    {status: 'warning', code: 'starting'},
  ])
  const again = await said(edits({SubState: 'auto-restart', NRestarts: '3'}))
  expect(again).toMatchObject([{status: 'critical', code: 'bad-gateway'}])
})

test('it forwards to another port, and the application fails as well', async () => {
  const direct =
    'http://127.0.0.1:8000/accounts/login/ host: prism.midship.local cookie: sessionid='
  const asked = Object.keys(answers.request ?? {}).find(key => key.startsWith(direct)) ?? ''
  const request = {[question]: {...page, status: 502}, [asked]: {...page, status: 500}}
  const edits = configured(text => text.replaceAll('127.0.0.1:8000', '127.0.0.1:8001'), {request})
  expect(await said(edits)).toMatchObject([
    {status: 'critical', code: 'wrong-upstream', kind: 'cause'},
  ])
  expect(await said({request})).toMatchObject([{status: 'critical', code: 'bad-gateway'}])
})

describe('400', () => {
  test('for a name that ALLOWED_HOSTS lacks', async () => {
    const edits = configured(text => text.replaceAll('prism.midship.local', 'www.midship.local'), {
      request: {[question.replace('prism.', 'www.')]: {...page, status: 400}},
    })
    const [finding] = await said(edits)
    expect(finding).toMatchObject({status: 'critical', code: 'host-not-allowed', because: 'itself'})
    expect(finding?.remedy?.nix).toContain('www.midship.local')
  })

  test('for a name that the front misspells: the one that is meant is said', async () => {
    const edits = configured(text => text.replaceAll('prism.midship.local', 'prism.midship.locl'), {
      request: {[question.replace('.local', '.locl')]: {...page, status: 400}},
    })
    const [finding] = await said(edits)
    expect(finding?.code).toBe('host-not-allowed')
    expect(finding?.message).toContain('lacks (it has prism.midship.local): every visitor gets 400')
    expect(finding?.remedy?.alternatives).toMatchObject([
      {summary: expect.stringContaining('prism.midship.local is meant, correct the name')},
    ])
  })

  test('for a name that the unit has got since the process was started', async () => {
    const path =
      Object.keys(answers.readFile ?? {}).find(name => /^\/proc\/\d+\/environ$/.test(name)) ?? ''
    const environ = recorded('healthy', 'readFile', path) as {text: string}
    const text = environ.text.replace('prism.midship.local,', '')
    expect(text).not.toBe(environ.text)
    // Which page there is, is asked by a name that the process admits.
    const direct =
      'http://127.0.0.1:8000/accounts/login/ host: prism.midship.local cookie: sessionid='
    const asked = Object.keys(answers.request ?? {}).find(key => key.startsWith(direct)) ?? ''
    const request = {[question]: {...page, status: 400}, [asked.replace('prism.', '')]: page}
    const [finding] = await said({request, readFile: {[path]: {...environ, text}}})
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'host-not-allowed',
      remedy: {risk: 'disruptive'},
    })
    expect(finding?.message).toContain("the unit's ALLOWED_HOSTS has but the running process lacks")
  })

  test('for a name that it admits itself: what nginx forwards is said as its configuration has it', async () => {
    const [forwarded] = await said(answered({status: 400}))
    expect(forwarded).toMatchObject({status: 'critical', code: 'answered-elsewhere'})
    const lacking = configured(
      text => text.replace(/^.*proxy_set_header Host .*\n/m, ''),
      answered({status: 400}),
    )
    const [finding] = await said(lacking)
    expect(finding).toMatchObject({status: 'critical', code: 'host-not-forwarded'})
    expect(finding?.message).toMatch(
      /nginx forwards the name 127\.0\.0\.1:8000 \(\S+-nginx\.conf:22 sets no Host\)$/,
    )
  })

  test('for a Host that nginx sends twice', async () => {
    const twice = configured(
      text => text.replace(/^(.*proxy_set_header Host .*\n)/m, '$1$1'),
      answered({status: 400}),
    )
    const [finding] = await said(twice)
    expect(finding).toMatchObject({status: 'critical', code: 'host-twice', kind: 'cause'})
    expect(finding?.message).toMatch(
      /sends Host twice \(\S+-nginx\.conf:23 and \S+-nginx\.conf:24\)/,
    )
  })
})

test('another program listens where nginx should', async () => {
  const listing = recorded('healthy', 'exec', 'listeners') as {stdout: string}
  const stdout = listing.stdout.replace(/^.*0\.0\.0\.0:80 .*$/m, line =>
    line.replace(/users:.*/, 'users:(("python3",pid=4711,fd=3))'),
  )
  expect(stdout).not.toBe(listing.stdout)
  const [finding] = await said({
    ...answered({status: 404}),
    exec: {listeners: {...listing, stdout}},
    readFile: {'/proc/4711/cgroup': {kind: 'file', text: '0::/user.slice\n', utf8: true}},
  })
  expect(finding).toMatchObject({status: 'critical', code: 'foreign-listener'})
  expect(finding?.message).toContain('python3 (pid 4711) listens on')
})

test('another site of nginx takes the request', async () => {
  const [finding] = await said(answered({status: 404}))
  expect(finding).toMatchObject({status: 'critical', code: 'answered-elsewhere'})
  expect(finding?.message).toContain('with 404, and the application with 200')
})

test('502 while the application itself is down is its consequence', async () => {
  const keys = Object.keys(answers.request ?? {}).filter(key =>
    key.startsWith('http://127.0.0.1:8000/'),
  )
  const refused = {
    kind: 'unreachable',
    code: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED 127.0.0.1:8000',
  }
  const request = {
    ...Object.fromEntries(keys.map(key => [key, refused])),
    [question]: {...page, status: 502},
  }
  const [finding] = await said({request})
  expect(finding).toMatchObject({status: 'critical', code: 'bad-gateway', kind: 'symptom'})
  expect(finding?.because).toBeUndefined()
})

test('nothing listens where it should', async () => {
  const request = {
    [question]: {
      kind: 'unreachable',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:80',
    },
  }
  expect(await said({request})).toMatchObject([{status: 'critical', code: 'not-listening'}])
})

test('a redirect to https is no fault where TLS ends elsewhere, and a loop where it ends here', async () => {
  const redirect = {status: 301, headers: {location: 'https://prism.midship.local/accounts/login/'}}
  expect(await said(answered(redirect))).toMatchObject([{status: 'ok'}])
  const edits = configured(
    text =>
      text.replace('listen 0.0.0.0:80;', 'listen 0.0.0.0:443 ssl;').replace('listen [::0]:80;', ''),
    {
      request: {
        [question.replace('http:', 'https:').replace(':80/', ':443/')]: {...page, ...redirect},
      },
    },
  )
  expect(await said(edits)).toMatchObject([{status: 'critical', code: 'redirect-loop'}])
})

describe('nginx does not start', () => {
  test.each([
    [
      'cannot load certificate "/var/lib/acme/prism/fullchain.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(/var/lib/acme/prism/fullchain.pem, r) error:10000080:BIO routines::no such file)',
      'cannot load certificate "/var/lib/acme/prism/fullchain.pem" (No such file or directory)',
    ],
    [
      'bind() to 0.0.0.0:80 failed (98: Address already in use)',
      'bind() to 0.0.0.0:80 failed (98: Address already in use); nginx (pid N of nginx.service) listens there',
    ],
  ])('for a reason that it tells: %s', async (text, words) => {
    const journal = logged(
      service(`2026/11/25 00:28:59 [emerg] 168#168: ${text}`),
      service('2026/11/25 00:28:59 [emerg] 168#168: still could not bind()'),
      exited,
    )
    const [finding] = await said({journal, show: waiting})
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'not-running',
      kind: 'cause',
      remedy: {risk: 'manual'},
    })
    expect(finding?.message.replace(/pid \d+/, 'pid N')).toBe(
      `nginx.service does not start: ${words}`,
    )
  })

  test('systemd did not even run it', async () => {
    const [finding] = await said({
      journal: logged(systemd('Failed to determine user credentials: No such process'), exited),
      show: waiting,
    })
    expect(finding?.message).toBe(
      'nginx.service does not start: systemd does not find the user (Failed to determine user credentials: No such process)',
    )
  })

  test('between two tries it is active for a moment', async () => {
    const refused = {
      kind: 'unreachable',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:80',
    }
    const text =
      '2026/11/25 00:28:59 [emerg] 168#168: host not found in upstream "app" in /etc/nginx/nginx.conf:20'
    const [finding] = await said({
      request: {[question]: refused},
      journal: logged(service(text), exited),
      show: {'nginx.service': {NRestarts: '3'}},
    })
    expect(finding?.message).toBe(
      'nginx.service does not start: host not found in upstream "app" in /etc/nginx/nginx.conf:20',
    )
  })

  test('for a semicolon that lacks, which hides its sites from us as well', async () => {
    const text =
      '[emerg] 168#168: directive "server_tokens" is not terminated by ";" in /nix/store/x-nginx.conf:17'
    const edits = configured(file => file.replace('server_tokens off;', 'server_tokens off'), {
      journal: logged(service(`2026/11/25 00:28:30 ${text}`), exited),
      show: waiting,
    })
    const [finding] = await said(edits)
    expect(finding).toMatchObject({status: 'critical', code: 'not-running'})
    expect(finding?.message).toContain('directive "server_tokens" is not terminated by ";"')
  })
})

test.each([
  ['a password', 401, 'auth_basic "Prism"; auth_basic_user_file /etc/nginx/htpasswd;'],
  ['addresses that it denies', 403, 'allow 10.0.0.0/8; deny all;'],
  ['a limit on requests', 503, 'limit_req zone=login;'],
])('%s turns this machine away and is no fault', async (_, status, directives) => {
  const edits = configured(
    text => text.replace('proxy_pass', `${directives} proxy_pass`),
    answered({status}),
  )
  expect(await said(edits)).toMatchObject([
    {status: 'ok', message: expect.stringContaining(String(status))},
  ])
})

test('a page for maintenance', async () => {
  const edits = configured(
    text => text.replace('location /', 'return 503; location /'),
    answered({status: 503}),
  )
  expect(await said(edits)).toMatchObject([{status: 'warning', code: 'maintenance'}])
})

test('it forwards to the right address and cannot reach it', async () => {
  const text =
    '*1 connect() failed (13: Permission denied) while connecting to upstream, client: 127.0.0.1, server: prism.midship.local, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/", host: "prism.midship.local"'
  const journal = logged(service(`2026/11/25 00:28:30 [crit] 168#168: ${text}`))
  const [finding] = await said({...answered({status: 502}), journal})
  expect(finding).toMatchObject({status: 'critical', code: 'bad-gateway', because: 'itself'})
  expect(finding?.message).toBe(
    'nginx answers 502 for prism.midship.local, while 127.0.0.1:8000 answers when it is asked directly: connect() failed (13: Permission denied) while connecting to upstream',
  )
})

test('a server without a name answers for the name of the application', async () => {
  const edits = configured(
    text => text.replace('server_name prism.midship.local', 'server_name _'),
    answered({status: 404}),
  )
  expect(await said(edits)).toMatchObject([{status: 'critical', code: 'answered-elsewhere'}])
})
