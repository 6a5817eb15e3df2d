import {expect, it} from 'vitest'
import {consoleScript, server} from './machine.ts'

const gunicorn = {'/srv/app/venv/bin/gunicorn': consoleScript('/srv/app/venv/bin/python3')}

it('gunicorn of a virtual environment', async () => {
  const found = await server(
    '/srv/app/venv/bin/gunicorn --access-logfile - --workers 3 -k uvicorn.workers.UvicornWorker --bind unix:/run/gunicorn.sock config.wsgi:application',
    {files: gunicorn, unit: {WorkingDirectory: '/srv/app'}},
  )
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/srv/app/venv/bin/python3',
    entry: {module: 'config.wsgi:application'},
    directory: null,
    binds: [{socketPath: '/run/gunicorn.sock'}],
    bindsFrom: 'ExecStart=',
    config: null,
  })
})

it('words with blanks, which systemctl show runs together', async () => {
  const words = [
    '/srv/app/venv/bin/gunicorn',
    '--access-logformat',
    '%(h)s "%(r)s" %(s)s',
    '-b:8001',
    'config.wsgi',
  ]
  const found = await server(words.join(' '), {files: gunicorn, words})
  expect(found).toMatchObject({
    entry: {module: 'config.wsgi:application'},
    binds: [{host: '0.0.0.0', port: 8001}],
  })
})

it.each([
  [
    '-b 127.0.0.1:8001 -b [::1]:8001 a.wsgi',
    {},
    [
      {host: '127.0.0.1', port: 8001},
      {host: '::1', port: 8001},
    ],
    'ExecStart=',
  ],
  ['--bind=unix:run/app.sock a.wsgi', {}, [{socketPath: '/srv/app/run/app.sock'}], 'ExecStart='],
  ['a.wsgi', {}, [{host: '127.0.0.1', port: 8000}], "gunicorn's default"],
  ['a.wsgi', {PORT: '9000'}, [{host: '0.0.0.0', port: 9000}], 'PORT'],
  [
    'a.wsgi',
    {GUNICORN_CMD_ARGS: "--bind '127.0.0.1:8002' --workers=2"},
    [{host: '127.0.0.1', port: 8002}],
    'GUNICORN_CMD_ARGS',
  ],
  [
    '-b 127.0.0.1:8001 a.wsgi',
    {GUNICORN_CMD_ARGS: '-b :8002'},
    [{host: '127.0.0.1', port: 8001}],
    'ExecStart=',
  ],
  ['-c conf/gunicorn.py a.wsgi', {}, [], '/srv/app/conf/gunicorn.py'],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's own syntax
    '-b ${WHERE} $EXTRA a.wsgi',
    {WHERE: ':8003', EXTRA: '--workers 2'},
    [{host: '0.0.0.0', port: 8003}],
    'ExecStart=',
  ],
] as const)('gunicorn %s with %j', async (line, environment, binds, bindsFrom) => {
  const unit = {WorkingDirectory: '/srv/app'}
  const found = await server(`/srv/app/venv/bin/gunicorn ${line}`, {
    files: gunicorn,
    unit,
    environment,
  })
  expect(found.binds).toEqual(binds)
  expect(found.bindsFrom).toBe(bindsFrom)
  expect(found.entry).toEqual({module: 'a.wsgi:application'})
})

it("gunicorn's own configuration, of the directory", async () => {
  const files = {...gunicorn, '/srv/app/gunicorn.conf.py': 'bind = "127.0.0.1:9"\n'}
  const found = await server('/srv/app/venv/bin/gunicorn', {
    files,
    unit: {WorkingDirectory: '/srv/app'},
  })
  expect(found).toMatchObject({
    entry: null,
    binds: [],
    bindsFrom: '/srv/app/gunicorn.conf.py',
    config: '/srv/app/gunicorn.conf.py',
  })
})

it('gunicorn --chdir, --pythonpath and --env', async () => {
  const line =
    '--chdir src --pythonpath lib,/opt/lib --env DJANGO_SETTINGS_MODULE=config.settings a.wsgi:create_app()'
  const found = await server(`/srv/app/venv/bin/gunicorn ${line}`, {
    files: gunicorn,
    unit: {WorkingDirectory: '/srv/app'},
  })
  expect(found).toMatchObject({
    directory: '/srv/app/src',
    pythonPath: ['/srv/app/src/lib', '/opt/lib'],
    settingsModule: 'config.settings',
    entry: {module: 'a.wsgi:create_app()'},
  })
})

it('a socket that systemd hands over is where gunicorn listens, whatever it is told', async () => {
  const Listen = ['/run/gunicorn.sock (Stream)', '[::]:8000 (Stream)']
  const found = await server('/srv/app/venv/bin/gunicorn a.wsgi', {
    files: gunicorn,
    unit: {TriggeredBy: 'gunicorn.socket'},
    units: {'gunicorn.socket': {LoadState: 'loaded', Listen}},
  })
  expect(found.binds).toEqual([{socketPath: '/run/gunicorn.sock'}, {host: '::', port: 8000}])
  expect(found.bindsFrom).toBe('gunicorn.socket')
})

it('~ is the home of the user', async () => {
  const found = await server('/srv/app/venv/bin/gunicorn -b unix:app.sock a.wsgi', {
    files: gunicorn,
    unit: {WorkingDirectory: '~', User: 'sammy'},
    exec: {'user sammy': 'sammy:x:1000:1000::/home/sammy:/bin/bash\n'},
  })
  expect(found.binds).toEqual([{socketPath: '/home/sammy/app.sock'}])
})

it('python -m', async () => {
  const found = await server('/usr/bin/python3 -u -X dev -W ignore -m gunicorn -b :80 a.wsgi')
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/usr/bin/python3',
    argv: ['gunicorn', '-b', ':80', 'a.wsgi'],
    entry: {module: 'a.wsgi:application'},
    bindsFrom: 'ExecStart=',
  })
})

it.each([
  ['python3', '/srv/venv/bin/python3'],
  ['-S python3 -u', '/srv/venv/bin/python3'],
])('#!/usr/bin/env %s is looked up on the PATH of the unit', async (words, interpreter) => {
  const found = await server('/opt/bin/gunicorn a.wsgi', {
    environment: {PATH: '/opt/none:/srv/venv/bin:/usr/bin'},
    files: {
      '/opt/bin/gunicorn': consoleScript(`/usr/bin/env ${words}`),
      '/usr/bin/python3': '',
      '/srv/venv/bin/python3': '',
    },
  })
  expect(found.interpreter).toBe(interpreter)
})

it("pip's launcher for a long path", async () => {
  const script = `#!/bin/sh\n'''exec' "/srv/a very long path/bin/python" "$0" "$@"\n' '''\n# -*- coding: utf-8 -*-\nimport re\nif __name__ == '__main__':\n    sys.exit(run())\n`
  const found = await server('/srv/x/gunicorn a.wsgi', {files: {'/srv/x/gunicorn': script}})
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/srv/a very long path/bin/python',
    entry: {module: 'a.wsgi:application'},
  })
})

it.each([
  ['config.asgi:application', {}, [{host: '127.0.0.1', port: 8000}], "uvicorn's default"],
  [
    '--host 0.0.0.0 --port=8001 --proxy-headers config.asgi:application',
    {},
    [{host: '0.0.0.0', port: 8001}],
    'ExecStart=',
  ],
  ['config.asgi:application --uds run/x.sock', {}, [{socketPath: '/srv/run/x.sock'}], 'ExecStart='],
  [
    'config.asgi:application',
    {UVICORN_PORT: '8002'},
    [{host: '127.0.0.1', port: 8002}],
    'UVICORN_PORT',
  ],
] as const)('uvicorn %s with %j', async (line, environment, binds, bindsFrom) => {
  const unit = {WorkingDirectory: '/srv'}
  const found = await server(`/srv/venv/bin/uvicorn ${line}`, {
    files: {'/srv/venv/bin/uvicorn': consoleScript('/srv/venv/bin/python')},
    unit,
    environment,
  })
  expect(found).toMatchObject({
    kind: 'uvicorn',
    entry: {module: 'config.asgi:application'},
    binds,
    bindsFrom,
  })
})

it('uvicorn --factory, --app-dir and --env-file', async () => {
  const found = await server(
    '/usr/bin/python3 -m uvicorn --factory --app-dir src --env-file .env app:create',
    {
      unit: {WorkingDirectory: '/srv'},
      environment: {DEBUG: '0'},
      files: {'/srv/.env': 'DEBUG=1\nexport DB_NAME="shop"\n'},
    },
  )
  expect(found).toMatchObject({entry: {module: 'app:create()'}, pythonPath: ['/srv/src']})
  expect([...found.environment]).toEqual([['DB_NAME', 'shop']])
})

it.each([
  ['-v 1 -u /run/daphne.sock', [{socketPath: '/run/daphne.sock'}], 'ExecStart='],
  [
    '--unix-socket=/run/daphne.sock -p 8001',
    [{host: '127.0.0.1', port: 8001}, {socketPath: '/run/daphne.sock'}],
    'ExecStart=',
  ],
  ['-b 0.0.0.0', [{host: '0.0.0.0', port: 8000}], 'ExecStart='],
  ['', [{host: '127.0.0.1', port: 8000}], "daphne's default"],
  ['-e unix:/run/d.sock:mode=660', [{socketPath: '/run/d.sock'}], 'ExecStart='],
  ['-e tcp:port=8002:interface=127.0.0.1', [{host: '127.0.0.1', port: 8002}], 'ExecStart='],
  ['-e ssl:443:privateKey=k.pem -e quic:1', null, 'ExecStart='],
] as const)('daphne %s', async (line, binds, bindsFrom) => {
  const found = await server(`/usr/bin/daphne ${line} shop.asgi:application`.replace('  ', ' '), {
    files: {'/usr/bin/daphne': consoleScript('/usr/bin/python3')},
  })
  expect(found).toMatchObject({
    kind: 'daphne',
    interpreter: '/usr/bin/python3',
    entry: {module: 'shop.asgi:application'},
    binds,
    bindsFrom,
  })
})

it('daphne --fd of a socket unit', async () => {
  const found = await server('/usr/bin/daphne --fd 0 shop.asgi:application', {
    files: {'/usr/bin/daphne': consoleScript('/usr/bin/python3')},
    unit: {TriggeredBy: 'daphne.socket'},
    units: {'daphne.socket': {LoadState: 'loaded', Listen: '127.0.0.1:8000 (Stream)'}},
  })
  expect(found).toMatchObject({
    binds: [{host: '127.0.0.1', port: 8000}],
    bindsFrom: 'daphne.socket',
  })
})

it('hypercorn and granian', async () => {
  const hypercorn = await server(
    '/usr/bin/python3 -m hypercorn -b unix:/run/h.sock --bind [::]:80 asgi:shop.asgi:application',
  )
  expect(hypercorn).toMatchObject({
    kind: 'hypercorn',
    entry: {module: 'shop.asgi:application'},
    binds: [{socketPath: '/run/h.sock'}, {host: '::', port: 80}],
  })
  const granian = await server(
    '/usr/bin/python3 -m granian --interface wsgi --host :: --port 9 --access-log shop.wsgi:application',
  )
  expect(granian).toMatchObject({
    kind: 'granian',
    entry: {module: 'shop.wsgi:application'},
    binds: [{host: '::', port: 9}],
  })
})

it('a server that is root becomes another user only where it says so', async () => {
  const runsAs = async (line: string, unit?: Readonly<Record<string, string>>) =>
    (await server(line, unit ? {unit} : {})).runsAs
  const gunicorn = '/usr/bin/gunicorn --user shop -g web shop.wsgi'
  expect(await runsAs(gunicorn)).toEqual({user: 'shop', group: 'web'})
  expect(await runsAs('/usr/bin/gunicorn -g web shop.wsgi')).toBeNull()
  expect(await runsAs('/usr/bin/gunicorn -u root shop.wsgi')).toBeNull()
  expect(await runsAs(gunicorn, {User: 'prism'})).toBeNull()
})

it('a server that becomes somebody of whom nobody can tell', async () => {
  const config = (text: string) => ({files: {'/etc/gunicorn.py': text}})
  const line = '/usr/bin/gunicorn -c /etc/gunicorn.py shop.wsgi'
  expect(await server(line, config("user = 'shop'\n"))).toMatchObject({
    runsAs: {user: 'shop', group: null},
  })
  expect(await server(line, config('user = None\n'))).not.toHaveProperty('becomesUnknown')
  const unknown = {runsAs: null, becomesUnknown: true}
  expect(await server(line, config("user = os.environ['WHO']\n"))).toMatchObject(unknown)
  expect(await server('/usr/bin/sudo -u shop /usr/bin/gunicorn shop.wsgi')).toMatchObject(unknown)
  expect(await server('/usr/bin/uwsgi --yaml /etc/shop.yaml')).toMatchObject(unknown)
  expect(
    await server('/usr/bin/sudo -u shop /usr/bin/gunicorn shop.wsgi', {unit: {User: 'shop'}}),
  ).toMatchObject({
    runsAs: null,
  })
})

it('manage.py runserver', async () => {
  const found = await server(
    '/srv/venv/bin/python manage.py runserver --settings=shop.local 0.0.0.0:8000',
    {
      unit: {WorkingDirectory: '/srv/shop'},
    },
  )
  expect(found).toMatchObject({
    kind: 'manage.py',
    interpreter: '/srv/venv/bin/python',
    argv: ['/srv/shop/manage.py', 'runserver', '--settings=shop.local', '0.0.0.0:8000'],
    settingsModule: 'shop.local',
    binds: [{host: '0.0.0.0', port: 8000}],
  })
})

it.each([
  '/usr/bin/celery -A shop worker',
  '/usr/sbin/nginx -g daemon on;',
  '/usr/bin/python3 manage.py qcluster',
])('%s is no server', async command => {
  expect(
    await server(command, {files: {'/usr/bin/celery': consoleScript('/usr/bin/python3')}}),
  ).toMatchObject({
    kind: null,
    entry: null,
  })
})

it('what a process was started as, where a program is not text', async () => {
  const found = await server('/opt/app/serve', {
    unit: {MainPID: '77', ControlGroup: '/system.slice/web.service'},
    files: {
      '/proc/77/cmdline': '/opt/app/serve\0',
      '/sys/fs/cgroup/system.slice/web.service/cgroup.procs': '78\n77\n',
      '/proc/78/cmdline': '/srv/venv/bin/python\0/srv/venv/bin/gunicorn\0-b\0:8004\0a.wsgi\0',
    },
  })
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/srv/venv/bin/python',
    entry: {module: 'a.wsgi:application'},
    binds: [{host: '0.0.0.0', port: 8004}],
  })
})
