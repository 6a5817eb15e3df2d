import {describe, expect, test} from 'vitest'
import {cookiesIn} from '../../../src/facts/fronts/cookies.ts'
import {differencesOf, type Pair} from '../../../src/facts/fronts/differences.ts'
import type {Response} from '../../../src/facts/http.ts'

type Change = Partial<Omit<Response, 'kind'>>

function answer({status = 200, headers = {}, body = page('Log in'), ...more}: Change): Response {
  const md5 = body.length.toString(16).padStart(12, '0')
  const all = {'content-type': 'text/html; charset=utf-8', ...headers}
  return {kind: 'response', status, headers: all, body, size: body.length, md5, ...more}
}

function page(title: string, more = ''): string {
  return `<!doctype html><title>${title}</title><input name="csrfmiddlewaretoken" value="x">${more}`
}

const usual: Omit<Pair, 'direct' | 'through'> = {
  name: 'prism.example',
  path: '/accounts/login/',
  tls: false,
  prefix: '',
  leadsHere: true,
  alters: false,
  answers: new Set(),
  signsIn: false,
  inside: [{host: '127.0.0.1', port: 8000}],
  upstream: 'prism_django',
  ports: new Set([80, 443]),
  tlsElsewhere: false,
}

function found(direct: Change, through: Change, more: Partial<Pair> = {}) {
  return differencesOf({...usual, ...more, direct: answer(direct), through: answer(through)})
}

const kinds = (...args: Parameters<typeof found>): readonly string[] =>
  found(...args).map(({kind}) => kind)

const to = (location: string, status = 302): Change => ({status, headers: {location}, body: ''})
const cookie = (text: string): Change => ({headers: {'set-cookie': text}})
const caching = (text: string): Change => ({headers: {'cache-control': text}})

test('the same page is no difference, whatever its tokens are', () => {
  expect(found({}, {})).toEqual([])
  const body = page('Log in', `<b nonce="${'k'.repeat(40)}">12:30</b>`)
  expect(found({body}, {body: page('Log in', `<b nonce="${'q'.repeat(44)}">12:31</b>`)})).toEqual(
    [],
  )
})

describe('the status', () => {
  test('is lost where the application has the page', () => {
    expect(found({}, {status: 404})).toEqual([
      {kind: 'status', words: 'with 404, and the application with 200'},
    ])
    expect(kinds({}, {status: 502})).toEqual(['status'])
    expect(kinds(to('/admin/login/'), {status: 404})).toEqual(['status'])
    expect(kinds({status: 403}, {status: 404})).toEqual(['status'])
  })

  test('is the same refusal, or one that a front has of its own', () => {
    expect(kinds({status: 403}, {status: 403})).toEqual([])
    expect(kinds({status: 403}, {status: 401})).toEqual([])
    expect(kinds({}, {status: 204})).toEqual([])
  })

  test('a page in place of a redirect, but for who is signed in by the front', () => {
    const redirect = to('/admin/login/?next=/admin/')
    expect(found(redirect, {})).toEqual([
      {
        kind: 'status',
        words: 'with 200, and the application with 302 (a redirect to /admin/login/)',
      },
    ])
    expect(kinds(redirect, {}, {signsIn: true})).toEqual([])
    expect(kinds(redirect, {}, {alters: true})).toEqual([])
    expect(kinds(redirect, {}, {leadsHere: false})).toEqual([])
  })
})

describe('a redirect', () => {
  const own = to('/admin/login/?next=/admin/')

  test.each([
    '/admin/login/?next=/admin/',
    'http://prism.example/admin/login/',
    'http://prism.example:80/admin/login/',
    'https://prism.example/admin/login/',
    'https://sso.example/login',
  ])('to %s is well', location => {
    expect(kinds(own, to(location), {path: '/admin/'})).toEqual([])
  })

  test.each([
    'http://127.0.0.1:8000/admin/login/',
    'http://localhost/admin/login/',
    'http://prism_django/admin/login/',
    'http://prism.example:8000/admin/login/',
  ])('to %s leads where nobody comes', location => {
    expect(kinds(own, to(location), {path: '/admin/'})).toEqual(['inside-location'])
  })

  test('that the application makes itself is its own affair', () => {
    const inside = to('http://localhost/admin/login/')
    expect(kinds(inside, inside, {path: '/admin/'})).toEqual([])
  })

  test('to another port where a front listens is well', () => {
    const ports = new Set([80, 8080])
    expect(kinds(own, to('http://prism.example:8080/admin/login/'), {ports})).toEqual([])
  })

  test('to another path, unless the front is told to redirect', () => {
    expect(kinds(own, to('/login/'), {path: '/admin/'})).toEqual(['page'])
    expect(kinds(own, to('/login/'), {path: '/admin/', answers: new Set([302])})).toEqual([])
    expect(kinds(own, to('/login/'), {path: '/'})).toEqual([])
    expect(
      kinds(own, to('/prism/admin/login/'), {path: '/prism/admin/', prefix: '/prism'}),
    ).toEqual([])
  })

  test('of the front alone is well, but for one to the same page', () => {
    expect(kinds({}, to('/welcome/', 301))).toEqual([])
    expect(kinds({}, to('https://www.prism.example/accounts/login/', 301))).toEqual([])
    expect(kinds({}, to('/accounts/login/', 301))).toEqual(['loop'])
    expect(kinds({}, to('https://prism.example/accounts/login/'), {tls: true})).toEqual(['loop'])
    expect(kinds({}, to('https://prism.example/accounts/login/'))).toEqual([])
  })

  test('back to plain http', () => {
    const plain = to('http://prism.example/admin/login/')
    expect(kinds(own, plain, {tls: true, path: '/admin/'})).toEqual(['to-http'])
    expect(kinds(own, plain, {path: '/admin/'})).toEqual([])
  })
})

describe('the page itself', () => {
  test('another type or another charset', () => {
    expect(found({}, {headers: {'content-type': 'text/plain'}})).toEqual([
      {kind: 'type', words: 'as text/plain, and the application as text/html'},
    ])
    expect(kinds({}, {headers: {'content-type': 'text/html; charset=iso-8859-1'}})).toEqual([
      'type',
    ])
    expect(kinds({}, {headers: {'content-type': 'text/html;charset=UTF8'}})).toEqual([])
    expect(kinds({}, {headers: {'content-type': 'text/html'}})).toEqual([])
    expect(kinds({headers: {'content-type': ''}}, {})).toEqual([])
  })

  test('another title, unless the front alters pages or another program has the path', () => {
    const other = {body: page('Welcome to nginx!')}
    expect(found({}, other)).toEqual([
      {
        kind: 'page',
        words: 'with the page "Welcome to nginx!", and the application with "Log in"',
      },
    ])
    expect(kinds({}, other, {alters: true})).toEqual([])
    expect(kinds({}, other, {leadsHere: false})).toEqual([])
    expect(kinds({}, other, {path: '/'})).toEqual([])
  })

  test('cut off, or empty', () => {
    const body = page('Log in', '<p>text</p>'.repeat(200))
    expect(found({body}, {body: body.slice(0, 900)})).toEqual([
      {kind: 'cut', size: 900, own: body.length},
    ])
    expect(kinds({body}, {body: ''})).toEqual(['cut'])
    expect(kinds({body}, {body: '', headers: {'content-encoding': 'gzip'}})).toEqual([])
    expect(kinds({body}, {body: page('Log in', '<p>text</p>'.repeat(190))})).toEqual([])
    expect(kinds({body}, {body: page('Log in', 'another text')})).toEqual([])
  })

  test('links to the address of the application', () => {
    const linked = (url: string): Change => ({body: page('Log in', `<a href="${url}/x/">x</a>`)})
    const own = linked('http://prism.example')
    expect(kinds(own, linked('http://127.0.0.1:8000'))).toEqual(['inside-link'])
    expect(kinds(own, linked('https://prism.example'))).toEqual([])
    expect(kinds(own, linked('http://127.0.0.1:9999'))).toEqual([])
    const inside = linked('http://127.0.0.1:8000')
    expect(kinds(inside, {...inside, md5: 'another'})).toEqual([])
  })
})

describe('the cookie of a form', () => {
  const own =
    'csrftoken=abc; expires=Fri, 26 Nov 2027 08:00:00 GMT; Max-Age=31449600; Path=/; SameSite=Lax'

  test.each([
    own,
    `${own}; Secure; HttpOnly`,
    `${own}; Domain=.prism.example`,
    `${own}, sessionid=x; Path=/accounts/`,
  ])('comes through: %s', header => {
    expect(kinds(cookie(own), cookie(header), {tls: true})).toEqual([])
  })

  test('is lost', () => {
    expect(found(cookie(own), {})).toEqual([
      {
        kind: 'cookie',
        cookie: 'csrftoken',
        why: 'does not pass it on',
        byFront: true,
        domain: null,
      },
    ])
    expect(found(cookie(own), cookie(`${own}; Domain=inner.example`))).toMatchObject([
      {why: 'sends it for inner.example', byFront: true, domain: 'inner.example'},
    ])
    const elsewhere = cookie(`${own}; Domain=.inner.example`)
    expect(found(elsewhere, elsewhere)).toMatchObject([{byFront: false}])
    expect(found(cookie(own), cookie(own.replace('Path=/', 'Path=/app/')))).toMatchObject([
      {why: 'sends it for the path /app/', byFront: true},
    ])
  })

  test('is Secure where visitors come without TLS, by the front alone', () => {
    const secure = cookie(`${own}; Secure`)
    expect(kinds(cookie(own), secure)).toEqual(['cookie'])
    expect(kinds(cookie(own), secure, {tlsElsewhere: true})).toEqual([])
    expect(kinds(secure, secure)).toEqual([])
  })

  test('matters where there is a form', () => {
    const body = '<title>Log in</title>'
    expect(kinds({...cookie(own), body}, {body})).toEqual([])
    expect(kinds(cookie(own), {}, {leadsHere: false})).toEqual([])
  })

  test('is read with its attributes, and never with its value', () => {
    expect(cookiesIn(`${own}; Secure, sessionid=; expires=Thu, 01 Jan 1970 00:00:00 GMT`)).toEqual([
      {name: 'csrftoken', domain: null, path: '/', secure: true},
      {name: 'sessionid', domain: null, path: null, secure: false},
    ])
    expect(cookiesIn(undefined)).toEqual([])
  })
})

describe('Cache-Control', () => {
  const never = caching('max-age=0, no-cache, no-store, must-revalidate, private')

  test('forbids, and the front allows', () => {
    expect(found(never, caching('max-age=2592000'))).toMatchObject([{kind: 'cached'}])
    expect(kinds(never, caching('public'))).toEqual(['cached'])
  })

  test('may be added where nothing forbids it, and may be stricter', () => {
    expect(kinds({}, caching('public, max-age=600'))).toEqual([])
    expect(kinds(never, caching('no-store'))).toEqual([])
    expect(kinds(never, caching('max-age=0'))).toEqual([])
    expect(kinds(never, {})).toEqual([])
    expect(kinds(never, caching(`${never.headers?.['cache-control']}, public`))).toEqual([])
  })
})

test('a redirect that asks for its own cookie is no loop', () => {
  const again = {status: 307, headers: {location: '/accounts/login/', 'set-cookie': 'seen=1'}}
  expect(kinds({}, again)).toEqual([])
})

test("cookies that no form needs are the application's own affair", () => {
  const other = cookie('refresh=x; Path=/api/token')
  expect(kinds(other, other)).toEqual([])
  expect(kinds(other, {})).toEqual([])
})

test('an address is told without its query', () => {
  const own = to('/admin/login/?next=/admin/')
  expect(found(own, to('http://localhost/admin/login/?state=abc'), {path: '/admin/'})).toEqual([
    {kind: 'inside-location', url: 'http://localhost/admin/login/'},
  ])
})

test('whom the front signs in may get another page', () => {
  expect(kinds({}, {body: page('Welcome')}, {signsIn: true})).toEqual([])
  expect(kinds(to('/login/'), to('/start/'), {path: '/go/', signsIn: true})).toEqual([])
})

test('a redirect to a port of which only a router knows is well', () => {
  const own = to('/admin/login/')
  expect(kinds(own, to('https://prism.example:8443/admin/login/'), {path: '/admin/'})).toEqual([])
})

test('a long title is shortened, and one word is no beginning of a page', () => {
  const [difference] = found({}, {body: page('x'.repeat(5000))})
  expect(difference).toMatchObject({words: expect.stringMatching(/^with the page "x{80}…", and/)})
  expect(kinds({body: '{"a": 1, "b": 2}'}, {body: 'ok'})).not.toContain('cut')
})
