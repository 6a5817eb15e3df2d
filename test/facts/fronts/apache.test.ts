import {expect, test} from 'vitest'
import {parseApacheSettings} from '../../../src/facts/fronts/apache-settings.ts'
import {parseApache} from '../../../src/facts/fronts/apache-syntax.ts'
import {frontOf, real, running, shown} from './machine.ts'

const command = '/usr/sbin/apachectl start'
const stdout = real('apache-dump.stdout')
const units = {'apache2.service': running(command)}
const programs = {
  '/usr/sbin/apachectl -t -D DUMP_VHOSTS -D DUMP_RUN_CFG': {
    exitCode: 0,
    stdout,
    stderr: 'AH00558: apache2: …\n',
  },
}
const files = {
  // Debian's, without its comments.
  '/etc/apache2/apache2.conf': `ServerRoot "/etc/apache2"
User \${APACHE_RUN_USER}
IncludeOptional mods-enabled/*.load
Include ports.conf
<Directory />
	Require all denied
</Directory>
IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
`,
  '/etc/apache2/ports.conf':
    'Listen 80\nListen 8081\n\n<IfModule ssl_module>\n\tListen 8444\n</IfModule>\n',
  '/etc/apache2/mods-enabled/ssl.load':
    '# Depends: setenvif mime socache_shmcb\nLoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n',
  '/etc/apache2/sites-enabled/000-default.conf':
    '<VirtualHost *:80>\n\tDocumentRoot /var/www/html\n</VirtualHost>\n',
  '/etc/apache2/sites-enabled/cluster.conf': real('apache-cluster.conf'),
  '/etc/apache2/sites-enabled/harbour.conf': real('apache-harbour.conf'),
}
const directories = {
  '/etc/apache2/mods-enabled': ['ssl.load'],
  '/etc/apache2/sites-enabled': ['000-default.conf', 'cluster.conf', 'harbour.conf'],
}
const sockets = Object.keys(files)

test('its sites, in its own order', async () => {
  const front = await frontOf({units, programs, files, directories, sockets}, '127.0.0.1:8000')
  expect(shown(front)).toEqual([
    ':80(default) /etc/apache2/sites-enabled/000-default.conf:1',
    '  / /var/www/html :2',
    'cluster.example :8081(default) /etc/apache2/sites-enabled/cluster.conf:6 HERE',
    '  /app/ ProxyPass 127.0.0.1:8000 127.0.0.1:8002 (http) Host: visitor :9',
    'uwsgi.example 127.0.0.1:8082(default) /etc/apache2/sites-enabled/cluster.conf:16',
    '  * ProxyPassMatch 127.0.0.1:3031 (uwsgi) Host: visitor :18',
    '  /sock ProxyPass /var/run/harbour/uwsgi.sock (uwsgi) Host: visitor :19',
    'harbour.example www.harbour.example *.boats.example :8081 /etc/apache2/sites-enabled/harbour.conf:1 HERE',
    '  / /srv/harbour/empty :4',
    '  /static/ /srv/harbour/static :5',
    '  /static/ nothing :10',
    '  / ProxyPass 127.0.0.1:8000 (http) Host: visitor :11',
    'harbour.example :8444(tls)(default) /etc/apache2/sites-enabled/harbour.conf:18',
    '  * RewriteRule /run/harbour/web.sock (http) Host: localhost :24',
  ])
  expect(front).toMatchObject({kind: 'apache', user: 'www-data', unknown: null, note: null})
  expect(front.sites.map(({restrictions}) => [...restrictions])).toEqual([
    [],
    [],
    [],
    [[403, 'Require']],
    [],
  ])
})

test('a site that no file shows, as of a macro, leaves something unknown', async () => {
  const {'/etc/apache2/sites-enabled/cluster.conf': _, ...others} = files
  const less = {...directories, '/etc/apache2/sites-enabled': ['000-default.conf', 'harbour.conf']}
  const front = await frontOf(
    {units, programs, files: others, directories: less, sockets},
    '127.0.0.1:8000',
  )
  expect(front.unknown).toMatch(
    /^what Apache does for uwsgi\.example \(\S+cluster\.conf:16\) could not be read$/,
  )
})

test('where a module is not loaded, what is for it does not count; mod_wsgi is said', async () => {
  const plain = {
    ...files,
    '/etc/apache2/mods-enabled/ssl.load': '',
    '/etc/apache2/sites-enabled/cluster.conf': 'WSGIScriptAlias / /srv/app/wsgi.py\n',
  }
  const front = await frontOf(
    {units, files: plain, directories, sockets, uid: 1000},
    '127.0.0.1:8000',
  )
  expect(shown(front).join('\n')).not.toContain('8444')
  expect(front.note).toBe('apache runs an application itself by mod_wsgi, which is not looked at')
})

test('what it prints of its virtual hosts', () => {
  const {hosts, user} = parseApacheSettings(stdout)
  expect(user).toBe('www-data')
  expect(
    hosts.map(({address, port, isDefault, name, line}) => [address, port, isDefault, name, line]),
  ).toEqual([
    ['127.0.0.1', 8082, true, 'uwsgi.example', 16],
    ['*', 80, true, '127.0.0.1', 1],
    ['*', 8081, true, 'cluster.example', 6],
    ['*', 8081, false, 'harbour.example', 1],
    ['*', 8444, true, 'harbour.example', 18],
  ])
})

test('lines that go on, quotes, sections and what is never closed', () => {
  const text =
    'ServerAlias a \\\n  "b c" # no comment\n# a comment\n<Location "/x y">\n  Require all granted\n'
  expect(parseApache(text, '/a.conf')).toEqual([
    {
      name: 'serveralias',
      args: ['a', 'b c', '#', 'no', 'comment'],
      block: null,
      file: '/a.conf',
      line: 1,
    },
    {
      name: 'location',
      args: ['/x y'],
      block: [{name: 'require', args: ['all', 'granted'], block: null, file: '/a.conf', line: 5}],
      file: '/a.conf',
      line: 4,
    },
  ])
})
