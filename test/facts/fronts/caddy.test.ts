import {expect, test} from 'vitest'
import {frontOf, real, running, shown} from './machine.ts'

const file = '/etc/caddy/Caddyfile'
const units = {
  'caddy.service': running(`/usr/bin/caddy run --environ --config ${file}`, {User: 'caddy'}),
}
const files = {[file]: real('Caddyfile')}
const question = `/usr/bin/caddy adapt --config ${file}`
const programs = {[question]: {exitCode: 0, stdout: real('caddy-adapt.json'), stderr: ''}}

test('its sites, as it adapts its file', async () => {
  const front = await frontOf({units, programs, files}, '127.0.0.1:8000')
  expect(shown(front)).toEqual([
    'harbour.example www.harbour.example :443(tls) /etc/caddy/Caddyfile:5',
    '  /static/ /srv/harbour/static -',
    '  * reverse_proxy /run/harbour/web.sock (http) Host: visitor :12',
    ':80(default) -',
    '  /files/ /srv/files -',
    '  * reverse_proxy localhost:8010 (http) Host: visitor :36',
    'plain.example :8085 /etc/caddy/Caddyfile:16 HERE',
    '  /api/ reverse_proxy 127.0.0.1:9001 127.0.0.1:9002 (http) Host: visitor :20',
    '  * reverse_proxy 127.0.0.1:8000 (http) Host: 127.0.0.1:8000 :21',
    ':8086(default) -',
    '  * /srv/www -',
  ])
  expect(front).toMatchObject({kind: 'caddy', unknown: null})
})

test('a connection that it aborts is an answer of its own', async () => {
  const handle = [{handler: 'static_response', abort: true}]
  const routes = [{match: [{path: ['/admin/*']}], handle}]
  const stdout = JSON.stringify({apps: {http: {servers: {a: {listen: [':80'], routes}}}}})
  const adapted = {[question]: {exitCode: 0, stdout, stderr: ''}}
  const front = await frontOf({units, programs: adapted, files}, '127.0.0.1:8000')
  expect(front.sites[0]?.answers).toEqual(new Set([444]))
})

test('what it refuses is quoted', async () => {
  const stderr = `Error: ${file}:2: unrecognized directive: reverse_prox\n`
  const refused = {[question]: {exitCode: 1, stdout: '', stderr}}
  const front = await frontOf({units, programs: refused, files}, '127.0.0.1:8000')
  expect(front).toMatchObject({sites: [], mentions: true, unknown: stderr.trim()})
})

test('what only its environment tells is not known, nor what only root may ask', async () => {
  const variable = {[file]: '{$SITE} {\n\treverse_proxy 127.0.0.1:8000\n}\n'}
  const front = await frontOf({units, files: variable}, '127.0.0.1:8000')
  expect(front.unknown).toBe(
    `${file} takes values from Caddy's environment, so that it could not be adapted`,
  )
  const unasked = await frontOf({units, files, uid: 1000}, '127.0.0.1:8000')
  expect(unasked.unknown).toBe(`only root can have ${file} adapted by Caddy`)
})

test.each([
  ['null', null],
  ['{}', null],
  [
    '{"apps":{"http":{"servers":{"a":null}}}}',
    "Caddy's configuration is not what Caddy itself writes",
  ],
  [
    '{"apps":{"http":{"servers":{"a":{"routes":[{"match":5}]}}}}}',
    "Caddy's configuration is not what Caddy itself writes",
  ],
  [
    `{"apps":{"http":{"servers":{"a":{"routes":${'[{"handle":[{"routes":'.repeat(20_000)}[]${'}]}]'.repeat(20_000)}}}}}}`,
    "Caddy's configuration is not what Caddy itself writes",
  ],
])('another document than Caddy writes: %.60s', async (stdout, unknown) => {
  const other = {[question]: {exitCode: 0, stdout, stderr: ''}}
  const front = await frontOf({units, programs: other, files}, '127.0.0.1:8000')
  expect(front).toMatchObject({sites: [], unknown})
})
