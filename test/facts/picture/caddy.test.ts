import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {caddyFront} from '../../../src/facts/fronts/caddy.ts'
import {caddyFacts} from '../../../src/facts/picture/caddy.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import {unitOf} from '../../../src/host/unit.ts'
import {literalHost} from '../../literal.ts'
import {machine} from '../../machine.ts'
import {running} from '../fronts/machine.ts'

const real = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

// As Caddy 2.6 adapts the file beside it.
const adapted = real('caddy-adapt.json')
const unit = unitOf(
  'caddy.service',
  running('/usr/bin/caddy run --config /etc/caddy/Caddyfile', {User: 'caddy'}),
)

async function seenIn(json: string, exitCode = 0) {
  const target = await findTarget(machine('healthy'), {unit: 'prism-django.service'})
  const started: string[] = []
  const host = literalHost({
    readFile: async path =>
      path === '/etc/caddy/Caddyfile'
        ? {kind: 'file', text: real('Caddyfile'), utf8: true}
        : {kind: 'missing'},
    stat: async () => null,
    exec: async argv => {
      started.push(argv.join(' '))
      return {exitCode, stdout: json, stderr: ''}
    },
  })
  const front = await caddyFront(host, target, unit, () => true)
  return {started: () => started, seen: await caddyFacts(host, front)}
}

async function factsOf(json: string): Promise<ReadonlyMap<string, string>> {
  const {seen} = await seenIn(json)
  return new Map(seen.flatMap(each => ('name' in each ? [[each.name, each.value]] : [])))
}

test('each site by what a request is like and what is done, from the answer that is there', async () => {
  const {seen, started} = await seenIn(adapted)
  expect(started()).toEqual(['/usr/bin/caddy adapt --config /etc/caddy/Caddyfile'])
  const facts = seen.flatMap(each => ('name' in each ? [each] : []))
  expect(seen.filter(each => 'whole' in each)).toEqual([{whole: 'front/caddy/'}])
  const shop = 'front/caddy/shop.example www.shop.example'
  expect(Object.fromEntries(facts.map(({name, value}) => [name, value]))).toMatchObject({
    [shop]: 'there',
    [`${shop}/listens`]: ':443 tls',
    [`${shop}/headers/response/set/X-Frame-Options`]: 'DENY',
    [`${shop}/at /static/*/headers/response/set/Cache-Control`]: 'max-age=60',
    [`${shop}/at /static/*/vars/root`]: '/srv/static',
    [`${shop}/at /old/rewrite/uri`]: '/new',
    [`${shop}/encode/prefer`]: 'gzip',
    [`${shop}/reverse_proxy/upstreams`]: '127.0.0.1:8000',
    [`${shop}/reverse_proxy/transport/read_timeout`]: '30000000000',
    'front/caddy/plain.example/listens': ':80',
    'front/caddy/plain.example/reverse_proxy/upstreams': '127.0.0.1:9001 127.0.0.1:9002',
    'front/caddy/options/apps/tls/certificates/load_files':
      expect.stringContaining('/etc/ssl/a.pem'),
    'certificate//etc/ssl/a.pem': 'absent',
  })
  const secret = facts.filter(fact => fact.secret).map(({name}) => name)
  expect(secret).toEqual([
    'front/caddy/plain.example/at /secret/*/authentication/providers/http_basic/accounts',
  ])
})

test.each([
  ['a header', '"DENY"', '"SAMEORIGIN"', 'headers/response/set/X-Frame-Options'],
  [
    'a header of some',
    'max-age=60',
    'max-age=1',
    'at /static/*/headers/response/set/Cache-Control',
  ],
  ['a rewrite', '"/new"', '"/newer"', 'at /old/rewrite/uri'],
  ['a timeout', '30000000000', '3000000000', 'reverse_proxy/transport/read_timeout'],
  ['an upstream', '127.0.0.1:8000', '127.0.0.1:8001', 'reverse_proxy/upstreams'],
  ['a directory', '"/srv/static"', '"/srv/other"', 'at /static/*/vars/root'],
])('%s that is another is one change', async (_, from, to, name) => {
  expect(adapted).toContain(from)
  const [before, after] = [await factsOf(adapted), await factsOf(adapted.replace(from, to))]
  const names = [...new Set([...before.keys(), ...after.keys()])]
  expect(names.filter(each => before.get(each) !== after.get(each))).toEqual([
    `front/caddy/shop.example www.shop.example/${name}`,
  ])
})

test('what a request has to bring, and what the application is told, is in no name and no value', async () => {
  const route = {
    match: [
      {host: ['gate.example'], path: ['/in/*'], header: {'X-Origin-Verify': ['kq8ZpL2vR7']}},
      {host: ['gate.example'], query: {gate: ['letmein-please']}},
    ],
    handle: [
      {
        handler: 'reverse_proxy',
        headers: {request: {set: {'X-Auth': ['hunter2horse'], 'X-Real-IP': ['{remote}']}}},
        upstreams: [{dial: '127.0.0.1:8000'}],
      },
    ],
  }
  const server = {listen: [':80'], routes: [route]}
  const {seen} = await seenIn(JSON.stringify({apps: {http: {servers: {srv0: server}}}}))
  expect(JSON.stringify(seen)).not.toMatch(/kq8Zp|letmein|hunter2/)
  const place = 'front/caddy/gate.example/at /in/* and header X-Origin-Verify or query gate'
  const facts = seen.flatMap(each => ('name' in each ? [each] : []))
  const discreet = facts.filter(({secret}) => secret).map(({name}) => name)
  expect(discreet.toSorted()).toEqual([
    `${place}/asked for`,
    `${place}/reverse_proxy/headers/request/set/X-Auth`,
  ])
})

test('an order that Caddy itself changes from one time to the next is none', async () => {
  const pair = /"shop\.example",\s*"www\.shop\.example"/g
  expect(adapted.match(pair)?.length).toBeGreaterThan(1)
  const turned = adapted.replace(pair, '"www.shop.example", "shop.example"')
  expect(await factsOf(turned)).toEqual(await factsOf(adapted))
  // Another server before them, and its routes in a group.
  const numbered = adapted.replaceAll('"srv0"', '"srv7"').replaceAll('"group2"', '"group9"')
  expect(await factsOf(numbered)).toEqual(await factsOf(adapted))
})

test('of what Caddy refuses, and of very many sites, nothing is told', async () => {
  expect((await seenIn('', 1)).seen).toEqual([])
  const routes = Array.from({length: 2000}, (_, at) => ({
    match: [{host: [`s${at}.example`]}],
    handle: [{handler: 'static_response', body: 'up'}],
  }))
  const many = JSON.stringify({apps: {http: {servers: {srv0: {listen: [':80'], routes}}}}})
  expect((await seenIn(many)).seen).toEqual([])
})
