import {expect, it} from 'vitest'
import {server} from './machine.ts'

/** /etc/mailman3/uwsgi.ini of Debian's mailman3-web, shortened. */
const mailman = `[uwsgi]
# Port on which uwsgi will be listening.
uwsgi-socket = /run/mailman3-web/uwsgi.sock

#Enable threading for python
enable-threads = true

# Move to the directory wher the django files are.
chdir = /usr/share/mailman3-web

# Use the wsgi file provided with the django project.
wsgi-file = wsgi.py
master = true
uid = www-data
gid = www-data
plugins = python3
attach-daemon = python3 manage.py qcluster
logto = /var/log/mailman3/web/mailman-web.log
`

it('uwsgi with a virtual environment that is gone', async () => {
  const found = await server('/usr/bin/uwsgi --ini /etc/shop.ini', {
    files: {'/etc/shop.ini': '[uwsgi]\nhome = /srv/shop/venv\nmodule = shop.wsgi\n'},
  })
  expect(found.interpreter).toBe('/srv/shop/venv/bin/python3')
})

it("uwsgi, as Debian's mailman3-web has it", async () => {
  const found = await server('/usr/bin/uwsgi --plugin python3 --ini /etc/mailman3/uwsgi.ini', {
    files: {'/etc/mailman3/uwsgi.ini': mailman, '/usr/bin/python3': ''},
    unit: {User: 'root'},
  })
  expect(found).toMatchObject({
    kind: 'uwsgi',
    interpreter: '/usr/bin/python3',
    entry: {file: '/usr/share/mailman3-web/wsgi.py'},
    directory: '/usr/share/mailman3-web',
    binds: [{socketPath: '/run/mailman3-web/uwsgi.sock', protocol: 'uwsgi'}],
    bindsFrom: '/etc/mailman3/uwsgi.ini',
    runsAs: {user: 'www-data', group: 'www-data'},
  })
})

it('uwsgi with placeholders, magic, includes and a virtual environment', async () => {
  const found = await server(
    '/usr/local/bin/uwsgi --ini /etc/uwsgi/shop.ini --http-socket 127.0.0.1:8080',
    {
      environment: {STAGE: 'live'},
      files: {
        '/etc/uwsgi/base.ini': '[uwsgi]\nsocket = :3031\nmaster = true\n',
        '/etc/uwsgi/shop.ini':
          '[other]\nmodule = no\n[uwsgi]\nini = %d/base.ini\nproject = %n\nset-placeholder = root=/srv\nchdir = %(root)/%(project)\nmodule = %(project).wsgi\nvirtualenv = %(root)/venv\nenv = DJANGO_SETTINGS_MODULE=%(project).settings.$(STAGE)\npp = lib\n',
        '/srv/venv/bin/python3': '',
      },
    },
  )
  expect(found).toMatchObject({
    interpreter: '/srv/venv/bin/python3',
    entry: {module: 'shop.wsgi:application'},
    directory: '/srv/shop',
    pythonPath: ['/srv/shop/lib'],
    settingsModule: 'shop.settings.live',
    binds: [
      {host: '0.0.0.0', port: 3031, protocol: 'uwsgi'},
      {host: '127.0.0.1', port: 8080},
    ],
  })
})

it('uwsgi with logic or another format says nothing certain of its sockets', async () => {
  const yaml = await server('/usr/bin/uwsgi --yaml /etc/uwsgi/shop.yaml')
  expect(yaml).toMatchObject({kind: 'uwsgi', binds: null, entry: null})
})

it('uwsgi with a file that includes itself, which is not taken for all that it is told', async () => {
  const found = await server('/usr/bin/uwsgi --ini /srv/shop.ini', {
    files: {
      '/srv/shop.ini': '[uwsgi]\nhttp-socket = :8000\ninclude = /srv/shop.ini\n',
      '/usr/bin/python3': '',
    },
  })
  expect(found).toMatchObject({kind: 'uwsgi', binds: null})
})

it('uwsgi with a value that is made of itself twice, over and over', async () => {
  const text = `[uwsgi]\nset-ph = a=xxxxxxxx\n${'set-ph = a=%(a)%(a)\n'.repeat(60)}module = %(a)\n`
  const found = await server('/usr/bin/uwsgi --ini /etc/shop.ini', {files: {'/etc/shop.ini': text}})
  expect(found.entry).toBeNull()
})
