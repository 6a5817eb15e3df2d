import {expect, test} from 'vitest'
import {printedTexts} from '../../../src/facts/fronts/nginx-printed.ts'
import {frontOf, real, running, shown} from './machine.ts'

const stdout = real('nginx-T.stdout')
const command = '/usr/sbin/nginx -c /etc/nginx/t/nginx.conf'
const files = Object.fromEntries(printedTexts(stdout))
const directories = {
  '/etc/nginx/t/conf.d': ['proxy.conf'],
  '/etc/nginx/t/sites': ['default', 'harbour'],
}
const units = {'nginx.service': running(command)}
const programs = {[`${command} -T`]: {exitCode: 0, stdout, stderr: real('nginx-T.stderr')}}
// What it would write to is there.
const sockets = ['/run/nginx-t.pid']

const sites = [
  ':8090(default) /etc/nginx/t/sites/default:1',
  '  / /var/www/html :5',
  'harbour.example www.harbour.example *.boats.example :8090 :::8091(tls) /etc/nginx/t/sites/harbour:6 HERE',
  '  /static/ /srv/harbour/static :12',
  '  / proxy_pass /run/harbour/web.sock (http) Host: visitor :17',
  '  /old/ proxy_pass 127.0.0.1:8055 (http) Host: 127.0.0.1:8055 :21',
  'harbour.example :8090 /etc/nginx/t/sites/harbour:25',
  '  / uwsgi_pass 127.0.0.1:3031 (uwsgi) Host: visitor :30',
]

test('by its own word, with what it complains of', async () => {
  // Another file than the one that is read, so that what comes is known to be what it printed.
  const stale = {...files, '/etc/nginx/t/sites/default': 'server { listen 1; }'}
  const front = await frontOf(
    {units, programs, sockets, files: stale, directories},
    'unix:/run/harbour/web.sock',
  )
  expect(shown(front)).toEqual(sites)
  expect(front).toMatchObject({kind: 'nginx', active: true, user: 'www-data', unknown: null})
  expect(front.complaints).toEqual([
    expect.stringContaining('conflicting server name "harbour.example"'),
  ])
})

test('by its files, where asking it would make one, or nobody may', async () => {
  for (const machine of [{sockets: []}, {uid: 1000}]) {
    const front = await frontOf(
      {units, sockets, files, directories, ...machine},
      'unix:/var/run/harbour/web.sock',
    )
    expect(shown(front)).toEqual(sites)
    expect(front.complaints).toEqual([])
  }
})

test('by its files, where its unit starts it as another than root', async () => {
  const asNginx = {'nginx.service': running(command, {User: 'nginx'})}
  const front = await frontOf({units: asNginx, sockets, files, directories}, '127.0.0.1:3031')
  expect(shown(front).filter(line => line.endsWith('HERE'))).toEqual([
    'harbour.example :8090 /etc/nginx/t/sites/harbour:25 HERE',
  ])
})

test('a file that cannot be read leaves something unknown', async () => {
  const {'/etc/nginx/t/sites/harbour': _, ...others} = files
  const front = await frontOf({units, files: others, directories, uid: 1000}, '127.0.0.1:8000')
  expect(front.unknown).toBe("/etc/nginx/t/sites/harbour of nginx's configuration may not be read")
})
