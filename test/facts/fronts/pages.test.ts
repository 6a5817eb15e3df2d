import {expect, test} from 'vitest'
import {cameThrough, type Page} from '../../../src/facts/fronts/pages.ts'
import {mainRoute, type Question, questions} from '../../../src/facts/fronts/questions.ts'
import type {Response} from '../../../src/facts/http.ts'
import {frontOf, running} from './machine.ts'

const units = {'nginx.service': running('/usr/sbin/nginx')}
const configuration = `http { server { listen 80; listen 443 ssl; server_name a.example;
location / { limit_req zone=login; proxy_pass http://127.0.0.1:8000; } } }`
const front = await frontOf(
  {units, uid: 1000, files: {'/etc/nginx/nginx.conf': configuration}},
  '127.0.0.1:8000',
)
const [site] = front.sites
const route = site && mainRoute(site, ({forward}) => forward !== null)
if (!site || !route) throw new Error('the site was not read')
const [plain, overTls] = questions(front, site, route, 'a.example') as [Question, Question]

function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Response {
  return {kind: 'response', status, headers, body, size: body.length, md5: body}
}

const login = answer(200, {'content-type': 'text/html'}, '<title>Log in</title>')
const page: Page = {path: '/login/', direct: login}
const kindOf = (question: Question, through: Response, of = page): string =>
  cameThrough(question, of, through).kind

test('the page of the application, or one that cannot be compared, is well', () => {
  expect(kindOf(plain, login)).toBe('page')
  expect(kindOf(plain, answer(404), {...page, direct: null})).toBe('page')
  expect(kindOf(plain, answer(404), {...page, path: '/'})).toBe('page')
  expect(kindOf({...plain, prefix: '/app'}, answer(404))).toBe('page')
})

test('what the front does as it is told comes before what looks like a fault', () => {
  expect(cameThrough(plain, page, answer(503))).toEqual({
    kind: 'turned-away',
    status: 503,
    directive: 'limit_req',
  })
  expect(
    kindOf({...plain, site: {...site, restrictions: new Map(), maintenance: true}}, answer(503)),
  ).toBe('maintenance')
})

test('nobody shows a certificate where the front demands one', () => {
  const title = '<title>400 No required SSL certificate was sent</title>'
  expect(cameThrough(overTls, page, answer(400, {}, title))).toEqual({
    kind: 'turned-away',
    status: 400,
    directive: 'ssl_verify_client',
  })
})

test("an error is the application's own where it answers the same to us, else the front's", () => {
  expect(kindOf(plain, answer(500), {...page, direct: answer(500)})).toBe('own-error')
  expect(kindOf(plain, answer(502), {...page, direct: answer(500)})).toBe('gateway-error')
  expect(kindOf(plain, answer(500))).toBe('gateway-error')
  expect(kindOf(plain, answer(400))).toBe('bad-request')
})

test('a redirect to https is a loop where the visitor is there already', () => {
  const toItself = answer(301, {location: 'https://a.example/login/'})
  expect(kindOf(plain, toItself)).toBe('page')
  expect(kindOf(overTls, toItself)).toBe('loop')
  expect(kindOf(overTls, answer(301, {location: 'https://sso.example/login/'}))).toBe('page')
})

test('nothing, and something else', () => {
  const unreachable = {kind: 'unreachable', code: 'ECONNREFUSED', message: 'refused'} as const
  expect(cameThrough(plain, page, unreachable)).toEqual({kind: 'nothing', answer: unreachable})
  expect(kindOf(plain, answer(200, login.headers, '<title>Welcome</title>'))).toBe('other-page')
})
