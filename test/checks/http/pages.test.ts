import type {RequestListener} from 'node:http'
import {describe, expect, test} from 'vitest'
import {httpProxy} from '../../../src/checks/http/proxy.ts'
import type {Finding} from '../../../src/report/finding.ts'
import {liveTarget, running} from '../../facts/fronts/machine.ts'
import {findingsOf} from '../../machine.ts'
import {serving} from '../../serving.ts'

// A small application, and a front before it that does what the configuration says and what a test
// adds to that.
interface Given {
  readonly status?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds until it answers. */
  readonly after?: number
}

const form = '<input name="csrfmiddlewaretoken" value="x">'
const never = 'max-age=0, no-cache, no-store, must-revalidate, private'
const login: Given = {
  body: `<title>Log in</title>${form}`,
  headers: {'set-cookie': 'csrftoken=secretsecret; Path=/', 'cache-control': never},
}

/** What the application has, by path; all else is 404. */
const pages: Readonly<Record<string, Given>> = {
  '/accounts/login/': login,
  '/admin/login/': login,
  '/admin/': {status: 302, headers: {location: '/admin/login/?next=/admin/'}},
  '/': {body: '<title>Home</title><a href="/crops/">Crops</a><a href="/accounts/logout/">Out</a>'},
  '/crops/': {body: '<title>Crops</title>'},
  '/login/': {status: 404},
}

type Change = (path: string, given: Given) => Given

/** Asks http/proxy of an application, and of a front with these locations; what was asked, too. */
async function said(
  locations: (app: number) => string,
  change: Change = (_, given) => given,
  more: Readonly<Record<string, Given>> = {},
) {
  const asked: string[] = []
  const answer = (path: string): Given => ({...pages, ...more})[path] ?? {status: 404}
  const send = (
    response: Parameters<RequestListener>[1],
    {status = 200, body = '', headers, after = 0}: Given,
  ) =>
    setTimeout(
      () => response.writeHead(status, {'content-type': 'text/html', ...headers}).end(body),
      after,
    )
  const app = await serving(({url = '', method = ''}, response) => {
    asked.push(`${method} ${url}`)
    send(response, answer(url))
  })
  const port = await serving(({url = '', method = ''}, response) => {
    asked.push(`${method} front ${url}`)
    send(response, change(url, answer(url)))
  })
  const text = `http { server { listen ${port}; server_name prism.example;\n${locations(app)}\n} }`
  const printed = (stdout: string) => ({exitCode: 0, stdout, stderr: ''})
  const {host, target} = liveTarget(
    {
      units: {'nginx.service': running('/usr/sbin/nginx', {User: ''})},
      uid: 1000,
      files: {'/etc/nginx/nginx.conf': text},
      programs: {
        'getent passwd prism': printed('prism:x:997:995::/var/empty:/bin/false\n'),
        'id -G prism': printed('995\n'),
      },
    },
    `127.0.0.1:${app}`,
    ['prism.example'],
  )
  const findings = await findingsOf(httpProxy, {host, target: await target})
  host.close()
  return {findings, asked, app}
}

const all = (app: number): string =>
  `location / { proxy_pass http://127.0.0.1:${app}; proxy_set_header Host $host; }`

async function one(...args: Parameters<typeof said>): Promise<Finding | undefined> {
  const {findings} = await said(...args)
  expect(findings).toHaveLength(1)
  return findings[0]
}

/** A change of one page alone. */
const of =
  (path: string, changed: Given): Change =>
  (asked, given) =>
    asked === path ? {...given, ...changed} : given

test('what was compared is told, and what it took', async () => {
  const {findings, asked} = await said(all)
  expect(findings).toMatchObject([
    {
      status: 'ok',
      evidence: [
        expect.stringMatching(/^compared 5 pages through the front, by \d+ requests, 1 KiB$/),
      ],
    },
  ])
  expect(asked.every(line => line.startsWith('GET '))).toBe(true)
  expect(asked).toContain('GET front /crops/')
  expect(asked.join('\n')).not.toContain('logout')
})

test('a page that the front alone answers otherwise is named once, with its line and how many are like it', async () => {
  const lost: Change = (path, given) => (path.startsWith('/admin/') ? {status: 404} : given)
  const finding = await one(app => `${all(app)}\nlocation ~ ^/admin/ { root /var/empty; }`, lost)
  expect(finding).toMatchObject({
    status: 'critical',
    code: 'page-differs',
    kind: 'cause',
    message:
      'nginx answers prism.example/admin/login/ with 404, and the application with 200: /etc/nginx/nginx.conf:3 takes it',
    evidence: ['/etc/nginx/nginx.conf:3', '1 more of the compared pages differ in the same way'],
  })
})

test('a page that is slow by itself may be too slow through the front', {
  timeout: 20_000,
}, async () => {
  const slow = {'/crops/': {body: '<title>Crops</title>', after: 1200}}
  const slower = of('/crops/', {after: 4500})
  expect((await one(all, slower, slow))?.status).toBe('ok')
  expect(await one(all, slower)).toMatchObject({code: 'page-differs', status: 'critical'})
})

describe('a path at the end of proxy_pass', () => {
  const cut = (app: number): string =>
    `${all(app)}\nlocation /admin/ { proxy_pass http://127.0.0.1:${app}/; proxy_set_header Host $host; }`
  const lost: Change = (path, given) => (path.startsWith('/admin/') ? {status: 404} : given)

  test('is said with what arrives behind it, and whether that is the same', async () => {
    const finding = await one(cut, lost)
    expect(finding?.message).toBe(
      'nginx answers prism.example/admin/login/ with 404, and the application with 200: proxy_pass (/etc/nginx/nginx.conf:3) puts "/" in the place of "/admin/": /login/ arrives, which is 404',
    )
    expect(finding?.remedy?.summary).toMatch(/^Take the path off the end of proxy_pass in .*conf:3/)
  })

  test('is meant where another page comes well behind it', async () => {
    const office = {body: '<title>Office</title>'}
    const meant: Change = (path, given) => (path === '/admin/login/' ? office : given)
    expect(await one(cut, meant, {'/login/': office})).toMatchObject({status: 'ok'})
  })
})

test('what was found is said although bigger pages after it reach the limit', async () => {
  const lost: Change = (path, given) => (path === '/admin/login/' ? {status: 404} : given)
  const big = {body: `<title>Big</title>${'x'.repeat(1024 * 1024)}`}
  const paths = [1, 2, 3, 4, 5, 6].map(each => `/big/${each}/`)
  const home = {body: paths.map(path => `<a href="${path}">big</a>`).join('')}
  const more = {'/': home, ...Object.fromEntries(paths.map(path => [path, big]))}
  expect(await one(all, lost, more)).toMatchObject({status: 'critical', code: 'page-differs'})
  const {findings, asked} = await said(all, undefined, more)
  expect(findings[0]?.evidence).toEqual([expect.stringMatching(/; then the limit was reached$/)])
  expect(asked).not.toContain('GET front /big/5/')
})

test('what differs only once is no difference', async () => {
  let times = 0
  const once: Change = (path, given) => {
    times += path === '/admin/login/' ? 1 : 0
    return path === '/admin/login/' && times === 1 ? {status: 502} : given
  }
  expect(await one(all, once)).toMatchObject({status: 'ok'})
})

test('a title that is another one each time is no difference', async () => {
  let times = 0
  const moving = {
    get body() {
      times += 1
      return `<title>Crop ${times}</title>`
    },
  }
  expect(await one(all, undefined, {'/crops/': moving})).toMatchObject({status: 'ok'})
})

test('a redirect that is another one each time is no difference', async () => {
  let times = 0
  const moving = {
    status: 302,
    get headers() {
      times += 1
      return {location: `/rooms/${times}/`}
    },
  }
  expect(await one(all, undefined, {'/crops/': moving})).toMatchObject({status: 'ok'})
})

test('a page whose length is another one each time is not cut off', async () => {
  let times = 0
  const shrinking = {
    get body() {
      times += 1
      return `<title>Log</title>${'line\n'.repeat(1000 - 150 * times)}`
    },
  }
  expect(await one(all, undefined, {'/crops/': shrinking})).toMatchObject({status: 'ok'})
})

describe('headers', () => {
  test('a cookie that does not come through, and never its value', async () => {
    const finding = await one(all, (_, {headers = {}, ...given}) => {
      const {'set-cookie': _cookie, ...others} = headers
      return {...given, headers: others}
    })
    expect(finding).toMatchObject({status: 'critical', code: 'cookie-lost'})
    expect(finding?.message).toBe(
      'browsers lose the cookie csrftoken of prism.example/accounts/login/, so its form is refused: nginx does not pass it on',
    )
    expect(JSON.stringify(finding)).not.toContain('secretsecret')
  })

  test('a redirect to the address of the application', async () => {
    const {findings, app} = await said(
      port => `location / { proxy_pass http://127.0.0.1:${port}; }`,
      of('/admin/', {headers: {location: 'http://localhost/admin/login/'}}),
    )
    expect(findings).toMatchObject([{status: 'critical', code: 'inside-address'}])
    expect(findings[0]?.message).toBe(
      `prism.example/admin/ redirects to http://localhost/admin/login/, where no visitor comes: nginx forwards the name 127.0.0.1:${app} (/etc/nginx/nginx.conf:2 sets no Host)`,
    )
  })

  test('a page that browsers may keep, and must not', async () => {
    const kept = {headers: {...login.headers, 'cache-control': 'max-age=600'}}
    const finding = await one(all, of('/admin/login/', kept))
    expect(finding).toMatchObject({status: 'warning', code: 'cached-page'})
  })
})

test('two redirects that lead to each other', async () => {
  const back = (to: string): Given => ({
    status: 301,
    headers: {location: `http://prism.example${to}`},
  })
  const finding = await one(all, (path, given) => {
    if (path === '/crops/') return back('/crops')
    return path === '/crops' ? back('/crops/') : given
  })
  expect(finding).toMatchObject({status: 'critical', code: 'redirect-loop'})
  expect(finding?.message).toContain(
    'redirects to http://prism.example/crops, and that does not end: from there',
  )
})

describe('what a front may do by itself', () => {
  const closed = `location ~ ^/admin/ { return 404; }`
  const cases: readonly (readonly [string, string, Change])[] = [
    ['hide a part', closed, (path, given) => (path.startsWith('/admin') ? {status: 404} : given)],
    [
      'ask for a password',
      'location /admin/ { auth_basic x; }',
      (path, given) => (path.startsWith('/admin') ? {status: 401} : given),
    ],
    [
      'let nobody ask too often',
      'limit_req zone=one;',
      (path, given) => (path === '/crops/' ? {status: 503} : given),
    ],
    [
      'redirect',
      '',
      of('/crops/', {status: 301, headers: {location: 'https://www.prism.example/'}}),
    ],
    [
      'have a first page of its own',
      'location = / { root /srv; }',
      (path, given) => (path === '/crops/' ? {status: 404} : given),
    ],
    [
      'limit requests with a status of its own',
      'limit_req zone=one; limit_req_status 420;',
      (path, given) => (path === '/crops/' ? {status: 420} : given),
    ],
    ['serve a page of its own', 'location = /crops/ { root /srv; }', of('/crops/', {body: 'mine'})],
    ['keep pages', 'proxy_cache pages;', of('/crops/', {body: '<title>Old crops</title>'})],
    [
      'add headers',
      '',
      (_, given) => ({...given, headers: {...given.headers, 'x-frame-options': 'DENY'}}),
    ],
  ]
  test.each(cases)('%s', async (_, locations, change) => {
    expect(await one(app => `${all(app)}\n${locations}`, change)).toMatchObject({status: 'ok'})
  })
})

test('a page that fails in the application is no difference of the front', async () => {
  const failing = {'/crops/': {status: 500}}
  expect(await one(all, undefined, failing)).toMatchObject({status: 'ok'})
})
