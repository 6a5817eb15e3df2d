import {afterEach, expect, test} from 'vitest'
import {httpLog} from '../../../src/checks/http/log.ts'
import type {Finding} from '../../../src/report/finding.ts'
import {liveTarget, running} from '../../facts/fronts/machine.ts'
import {codes, findingsOf, machine} from '../../machine.ts'
import {serving} from '../../serving.ts'

/** What the application was asked for. */
const requested: string[] = []

afterEach(() => {
  requested.length = 0
})

/** An application with one page. */
function application(): Promise<number> {
  return serving((request, response) => {
    requested.push(request.url ?? '')
    response.writeHead(request.url === '/upload/' ? 200 : 404).end()
  })
}

/** The machine's now is 2026-11-23 08:00 UTC; nginx was started at 07:00. */
const started = {ExecMainStartTimestamp: 'Mon 2026-11-23 07:00:00 UTC', User: ''}

const log = '/var/log/nginx/error.log'

async function said(
  lines: readonly string[],
  {
    http = '',
    site = '',
    files = {},
  }: {http?: string; site?: string; files?: Readonly<Record<string, string>>} = {},
): Promise<readonly Finding[]> {
  const port = await application()
  const text = `error_log ${log};
http {
${http}
server { listen 80; server_name prism.example;
${site}
location / { proxy_pass http://127.0.0.1:${port}; } }
server { listen 80; server_name other.example; location / { proxy_pass http://127.0.0.1:1; } } }`
  const known = {
    units: {'nginx.service': running('/usr/sbin/nginx', started)},
    uid: 1000,
    files: {
      '/etc/nginx/nginx.conf': text,
      [log]: `${lines.join('\n').replaceAll('PORT', String(port))}\n`,
      ...files,
    },
  }
  const {host, target} = liveTarget(known, `127.0.0.1:${port}`, ['prism.example'])
  const findings = await findingsOf(httpLog, {host, target: await target})
  host.close()
  return findings
}

function line(
  message: string,
  {time = '07:50:00', server = 'prism.example', path = '/upload/', rest = '', level = 'error'} = {},
): string {
  return `2026/11/23 ${time} [${level}] 9#9: *7 ${message}, client: 10.0.0.9, server: ${server}, request: "POST ${path} HTTP/1.1"${rest}, host: "${server}"`
}

const upstream = ', upstream: "http://127.0.0.1:PORT/"'
const tooLarge = (bytes: number) => `client intended to send too large body: ${bytes} bytes`
const timedOut =
  'upstream timed out (110: Connection timed out) while reading response header from upstream'

test('a recorded healthy machine', async () => {
  expect(await codes(httpLog, machine('healthy'))).toEqual(['ok ok'])
})

test('uploads that are too large are one finding, with the limit and where it stands', async () => {
  const lines = [
    line(tooLarge(6_000_000)),
    line(tooLarge(9_000_000), {time: '07:56:00', path: '/upload/?key=secret'}),
  ]
  const [finding, ...others] = await said(lines, {site: 'client_max_body_size 5m;'})
  expect(others).toEqual([])
  expect(finding).toMatchObject({
    status: 'warning',
    code: 'body-too-large',
    since: '2026-11-23T07:50:00.000Z',
    message:
      'nginx refused to take what visitors sent 2 times, last 4 min ago, the largest of 8.6 MiB (/upload/): client_max_body_size 5m (/etc/nginx/nginx.conf:5)',
  })
  expect(finding?.remedy?.steps[0]?.shell).toBe('client_max_body_size 10m;')
})

test.each([
  ['of a page that nobody has', line(tooLarge(6_000_000), {path: '/wp-admin/upload.php'})],
  ['of another site', line(tooLarge(6_000_000), {server: 'other.example'})],
  ['before nginx was started', line(tooLarge(6_000_000), {time: '06:59:59'})],
  ['that the limit of today admits', line(tooLarge(1_000_000))],
  ['of another application', line(timedOut, {rest: ', upstream: "http://127.0.0.1:1/"'})],
  [
    'of files that are not there',
    line('open() "/srv/x" failed (2: No such file or directory)', {rest: upstream}),
  ],
])('nothing is said %s', async (_, each) => {
  expect(await said([each], {http: 'client_max_body_size 5m;'})).toMatchObject([
    {status: 'ok', message: 'the error log of nginx tells of no trouble that lasts'},
  ])
})

test('a form of the application counts, wherever it is sent', async () => {
  const each = line(tooLarge(6_000_000), {path: '/api/a1b2c3d4e5/'})
  const from = `${each}, referrer: "http://prism.example/upload/"`
  const [finding] = await said([from])
  expect(finding?.code).toBe('body-too-large')
  expect(finding?.message).toContain('(/api/…/): client_max_body_size 1m, its own default')
})

test.each(['/jobs/start/', '/internal/deleteUsers/', '/i/a1b2c3d4e5/'])(
  'whoever sent much to %s makes nobody ask for that',
  async path => {
    expect(await said([line(tooLarge(6_000_000), {path})])).toMatchObject([{status: 'ok'}])
    expect(requested).toEqual([])
  },
)

test('a page that takes too long is told with the time that nginx waits', async () => {
  const [finding] = await said([line(timedOut, {rest: upstream})], {
    site: 'proxy_read_timeout 9s;',
  })
  expect(finding).toMatchObject({status: 'warning', code: 'upstream-timeout', kind: 'symptom'})
  expect(finding?.message).toBe(
    'nginx gave up waiting for the application once, last 10 min ago (/upload/): proxy_read_timeout 9s (/etc/nginx/nginx.conf:5)',
  )
})

test('of processes that are gone, and of long ago, nothing is said', async () => {
  const [finding] = await said([line(timedOut, {time: '06:30:00', rest: upstream})])
  expect(finding?.status).toBe('ok')
})

test('a line break that a visitor asked for makes no line of its own', async () => {
  const forged = [
    '2026/11/23 07:50:00 [error] 9#9: *7 open() "/srv/static/',
    '2026/11/23 07:50:00 [alert] 9#9: 768 worker_connections are not enough',
    '" failed (2: No such file or directory), client: 10.0.0.9, server: prism.example, request: "GET /static/%0a HTTP/1.1", host: "prism.example"',
  ]
  expect(await said(forged)).toMatchObject([{status: 'ok'}])
  const real = '2026/11/23 07:50:00 [alert] 9#9: 512 worker_connections are not enough'
  expect(await said([real])).toMatchObject([{status: 'warning', code: 'connections'}])
})

/** What the check says where nginx itself can be asked, as root. */
async function asked(printed: {exitCode: number; stderr: string}): Promise<readonly Finding[]> {
  const port = await application()
  const site = `server { listen 80; server_name prism.example; location / { proxy_pass http://127.0.0.1:${port}; } }`
  const text = `error_log ${log};\nhttp {\n${site}\n${site}\n}\n`
  const stdout =
    printed.exitCode === 0 ? `# configuration file /etc/nginx/nginx.conf:\n${text}` : ''
  const known = {
    units: {'nginx.service': running('/usr/sbin/nginx', started)},
    sockets: [log],
    files: {'/etc/nginx/nginx.conf': text, [log]: ''},
    programs: {'/usr/sbin/nginx -T': {...printed, stdout}},
  }
  const {host, target} = liveTarget(known, `127.0.0.1:${port}`, ['prism.example'])
  const findings = await findingsOf(httpLog, {host, target: await target})
  host.close()
  return findings
}

test('two sites of one name are told of by nginx itself', async () => {
  const stderr =
    'nginx: [warn] conflicting server name "prism.example" on 0.0.0.0:80, ignored\nnginx: [warn] conflicting server name "else.example" on 0.0.0.0:80, ignored\n'
  expect(await asked({exitCode: 0, stderr})).toMatchObject([
    {
      status: 'warning',
      code: 'conflicting-name',
      message:
        'nginx ignores a site, since two have the name prism.example: /etc/nginx/nginx.conf:3, /etc/nginx/nginx.conf:4',
    },
  ])
})

test('a configuration that nginx refuses while it runs with the one before', async () => {
  const stderr =
    'nginx: [emerg] unknown directive "frobnicate" in /etc/nginx/conf.d/extra.conf:1\nnginx: configuration file /etc/nginx/nginx.conf test failed\n'
  expect(await asked({exitCode: 1, stderr})).toMatchObject([
    {
      status: 'warning',
      code: 'configuration-refused',
      message:
        'nginx refuses its configuration and runs with the one before: unknown directive "frobnicate" in /etc/nginx/conf.d/extra.conf:1',
    },
  ])
})

test('what nginx may not do for this run is no fault of its configuration', async () => {
  const stderr =
    'nginx: [emerg] chown("/var/lib/nginx/body", 33) failed (1: Operation not permitted)\n'
  expect(await asked({exitCode: 1, stderr})).toMatchObject([{status: 'ok'}])
})

test('a log that may not be read is nobody to ask', async () => {
  const port = await application()
  const text = `error_log ${log};
http { server { listen 80; server_name prism.example; location / { proxy_pass http://127.0.0.1:${port}; } } }`
  const known = {
    units: {'nginx.service': running('/usr/sbin/nginx', started)},
    uid: 1000,
    files: {'/etc/nginx/nginx.conf': text},
  }
  const {host, target} = liveTarget(known, `127.0.0.1:${port}`, ['prism.example'])
  const {CannotLook} = await import('../../../src/host/host.ts')
  const closed = {
    ...host,
    readFile: async (path: string) => {
      if (path === log)
        throw new CannotLook(`${path} may not be read by this user`, {privilege: true})
      return host.readFile(path)
    },
  }
  await expect(findingsOf(httpLog, {host: closed, target: await target})).rejects.toThrow(
    /^\/var\/log\/nginx\/error\.log of nginx could not be read$/,
  )
  host.close()
})
