import {expect, test} from 'vitest'
import {arrivingPath, chosenRoute} from '../../../src/facts/fronts/chosen-route.ts'
import {frontOf, running} from './machine.ts'

const bind = '127.0.0.1:8000'

function nginx(locations: string) {
  const text = `http { server { listen 80; server_name prism.example;\n${locations}\n} }`
  return frontOf(
    {
      units: {'nginx.service': running('/usr/sbin/nginx')},
      uid: 1000,
      files: {'/etc/nginx/nginx.conf': text},
    },
    bind,
    ['prism.example'],
  )
}

/** The line of the location that takes each path, from 1 within `locations`. */
async function lines(locations: string, ...paths: readonly string[]) {
  const front = await nginx(locations)
  const [site] = front.sites
  return paths.map(path => {
    const at = site && chosenRoute(front, site, path)?.at
    return at ? at.line - 1 : null
  })
}

test('nginx takes the longest prefix, unless a pattern or "=" has the path', async () => {
  const locations = `location / { return 204; }
location /admin/ { return 204; }
location ~ \\.xml$ { return 204; }
location ^~ /feeds/ { return 204; }
location = /admin/ { return 204; }
location ~* ^/API/ { return 204; }
location @fallback { return 204; }`
  const paths = [
    '/',
    '/admin/login/',
    '/admin/a.xml',
    '/feeds/a.xml',
    '/admin/',
    '/api/',
    '@fallback',
  ]
  expect(await lines(locations, ...paths)).toEqual([1, 2, 3, 4, 5, 6, null])
})

test('a location within another counts below it alone', async () => {
  const locations = `location /a/ {
  location ~ \\.txt$ { return 204; }
}
location / { return 204; }`
  expect(await lines(locations, '/a/x.txt', '/b/x.txt')).toEqual([2, 4])
})

test('a path at the end of proxy_pass stands for that of the location', async () => {
  const locations = `location /admin/ { proxy_pass http://${bind}/; }
location /office/ { proxy_pass http://${bind}/admin/; }
location /same/ { proxy_pass http://${bind}/same/; }
location ~ ^/p { proxy_pass http://${bind}; }
location / { proxy_pass http://${bind}; }`
  const front = await nginx(locations)
  const arrives = (path: string): string | null => {
    const [site] = front.sites
    const route = site ? chosenRoute(front, site, path) : null
    return route && arrivingPath(route, path)
  }
  expect(['/admin/login/', '/office/', '/same/x', '/p/', '/x/'].map(arrives)).toEqual([
    '/login/',
    '/admin/',
    '/same/x',
    null,
    '/x/',
  ])
})

test('Apache asks mod_proxy first, in its order, and then looks for files', async () => {
  const text = `Listen 80
<VirtualHost *:80>
ServerName prism.example
DocumentRoot /srv/www
Alias /static/ /srv/static/
ProxyPass /static/ !
ProxyPass /admin/ http://${bind}/
ProxyPass / http://${bind}/
</VirtualHost>`
  const units = {'apache2.service': running('/usr/sbin/apachectl start', {User: ''})}
  const machine = {units, uid: 1000, files: {'/etc/apache2/apache2.conf': text}}
  const front = await frontOf(machine, bind, ['prism.example'])
  const [site] = front.sites
  const at = (path: string) => (site ? chosenRoute(front, site, path) : null)
  expect(at('/static/a.css')?.directory).toBe('/srv/static')
  expect(at('/admin/login/')?.forward?.replaces).toEqual({from: '/admin/', to: '/'})
  expect(at('/x')?.forward?.replaces).toBeNull()
})
