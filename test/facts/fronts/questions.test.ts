import {expect, test} from 'vitest'
import {fits} from '../../../src/facts/fronts/names.ts'
import {chosenSite, namesOf} from '../../../src/facts/fronts/site-names.ts'
import {frontOf, running} from './machine.ts'

test.each([
  ['prism.example', 'PRISM.example', true],
  ['prism.example', 'www.prism.example', false],
  ['.prism.example', 'prism.example', true],
  ['.prism.example', 'www.prism.example', true],
  ['*.prism.example', 'prism.example', false],
  ['*.prism.example', 'a.b.prism.example', true],
  ['www.*', 'www.prism.example', true],
  ['~^www\\d+\\.prism\\.example$', 'www7.prism.example', true],
  ['~(?<nobody', 'prism.example', false],
])('%s for %s: %s', (written, name, does) => {
  expect(fits(written, name)).toBe(does)
})

const configuration = `http {
server { listen 80; listen 443 ssl; server_name a.example; location / { proxy_pass http://127.0.0.1:8000; } }
server { listen 80 default_server; server_name _; location / { proxy_pass http://127.0.0.1:8000; } }
server { listen 127.0.0.1:8080; server_name *.b.example; location / { proxy_pass http://127.0.0.1:8000; } }
}`

test('which names a site is asked by, and which site a question gets', async () => {
  const units = {'nginx.service': running('/usr/sbin/nginx')}
  const front = await frontOf(
    {units, uid: 1000, files: {'/etc/nginx/nginx.conf': configuration}},
    '127.0.0.1:8000',
  )
  const names = (hosts: readonly string[]) => front.sites.map(site => namesOf(front, site, hosts))
  expect(names(['a.example', 'x.b.example', 'c.example', 'localhost'])).toEqual([
    ['a.example'],
    ['c.example'],
    ['x.b.example'],
  ])
  expect(names(['a.example', '10.0.0.7'])).toEqual([['a.example'], ['10.0.0.7'], ['10.0.0.7']])
  // Where no name is known, any will do for the site of all others.
  expect(names(['*'])).toEqual([['a.example'], ['localhost'], ['localhost']])
  const lineOf = (name: string, port: number) =>
    chosenSite({front, name, address: {host: '127.0.0.1', port}})?.at?.line
  expect([lineOf('a.example', 80), lineOf('a.example', 443), lineOf('z.example', 80)]).toEqual([
    2, 2, 3,
  ])
  expect([lineOf('z.example', 443), lineOf('a.example', 8080), lineOf('a.example', 81)]).toEqual([
    2,
    4,
    undefined,
  ])
})
