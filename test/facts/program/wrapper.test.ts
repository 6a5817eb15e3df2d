import {readFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {createSecrets} from '../../../src/host/redactor.ts'
import {consoleScript, server} from './machine.ts'

const store = '/nix/store/i2bqkw3l78bdb6ns06byladldym0hi8a-prism-django-unstable'
const python = '/nix/store/iykkiwvxm11zy0w63cjkkf656vl7d1nj-python3-3.13-env'

function midship(name: string): string {
  const text = readFileSync(
    new URL(`../../midship/rootfs/store/wrappers/${name}`, import.meta.url),
    'utf8',
  )
  return text
    .replaceAll('@prism@', store)
    .replaceAll('@python@', python)
    .replaceAll('@bash@', '/nix/store/b-bash')
}

it("midship's wrapper of gunicorn", async () => {
  const found = await server(`${store}/bin/prism-gunicorn`, {
    environment: {PYTHONPATH: '/srv/more'},
    files: {
      [`${store}/bin/prism-gunicorn`]: midship('prism-gunicorn'),
      [`${python}/bin/gunicorn`]: consoleScript(`${python}/bin/python3.13`),
    },
  })
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: `${python}/bin/python3.13`,
    entry: {module: 'prism.wsgi:application'},
    settingsModule: 'prism.settings',
    config: `${store}/share/prism-django/gunicorn.conf.py`,
    binds: [],
    bindsFrom: `${store}/share/prism-django/gunicorn.conf.py`,
  })
  expect(found.environment.get('PYTHONPATH')).toBe(`${store}/share/prism-django:/srv/more`)
})

it.each([
  [{}, {host: '127.0.0.1', port: 8000}],
  [
    {UVICORN_HOST: '0.0.0.0', UVICORN_PORT: '8001'},
    {host: '0.0.0.0', port: 8001},
  ],
])("midship's wrapper of uvicorn, with %j", async (environment, bind) => {
  const path = `${store}/bin/prism-uvicorn`
  const found = await server(path, {environment, files: {[path]: midship('prism-uvicorn')}})
  expect(found).toMatchObject({
    kind: 'uvicorn',
    interpreter: `${python}/bin/python`,
    entry: {module: 'prism.asgi:application'},
    binds: [bind],
    bindsFrom: path,
  })
})

/** What nixpkgs' makeWrapper writes for --prefix, --set, --unset, --set-default and --chdir. */
const makeWrapper = `#! /nix/store/b-bash/bin/bash -e
PATH=\${PATH:+':'$PATH':'}
PATH=\${PATH/':''/nix/store/c-coreutils/bin'':'/':'}
PATH='/nix/store/c-coreutils/bin'$PATH
PATH=\${PATH#':'}
PATH=\${PATH%':'}
export PATH
PYTHONPATH=\${PYTHONPATH:+':'$PYTHONPATH':'}
PYTHONPATH=\${PYTHONPATH/':''/nix/store/s-shop/lib/python3.13/site-packages'':'/':'}
PYTHONPATH='/nix/store/s-shop/lib/python3.13/site-packages'$PYTHONPATH
PYTHONPATH=\${PYTHONPATH#':'}
PYTHONPATH=\${PYTHONPATH%':'}
export PYTHONPATH
export DJANGO_SETTINGS_MODULE=\${DJANGO_SETTINGS_MODULE-'shop.settings'}
unset DEBUG
cd '/nix/store/s-shop/share'
exec -a "$0" "/nix/store/s-shop/bin/.gunicorn-wrapped"  shop.wsgi "$@"
`

it.each([
  [{}, '/nix/store/s-shop/lib/python3.13/site-packages', 'shop.settings'],
  [
    {PYTHONPATH: '/srv/more', DJANGO_SETTINGS_MODULE: 'x'},
    '/nix/store/s-shop/lib/python3.13/site-packages:/srv/more',
    null,
  ],
])("nixpkgs' makeWrapper, with %j", async (environment, pythonPath, settingsModule) => {
  const found = await server('/nix/store/s-shop/bin/gunicorn --bind :9000', {
    environment,
    files: {
      '/nix/store/s-shop/bin/gunicorn': makeWrapper,
      '/nix/store/s-shop/bin/.gunicorn-wrapped': consoleScript(
        '/nix/store/p-python3/bin/python3.13',
      ),
    },
  })
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/nix/store/p-python3/bin/python3.13',
    entry: {module: 'shop.wsgi:application'},
    directory: '/nix/store/s-shop/share',
    binds: [{host: '0.0.0.0', port: 9000}],
    settingsModule,
  })
  expect(found.environment.get('PYTHONPATH')).toBe(pythonPath)
})

it("nixpkgs' binary wrapper, by the command that stands in it", async () => {
  const binary = `\x7fELF\0\0# The C-code for this binary wrapper has been generated using the following command:\n\n\nmakeCWrapper '/nix/store/g-gunicorn/bin/gunicorn' \\\n    --inherit-argv0 \\\n    --set 'NIX_PYTHONPREFIX' '/nix/store/e-env' \\\n    --set 'NIX_PYTHONEXECUTABLE' '/nix/store/e-env/bin/python3.13' \\\n    --set 'PYTHONNOUSERSITE' 'true'\n\n\n# (Use \`nix-shell -p makeBinaryWrapper\` to get access to makeCWrapper in your shell)\n\0\0`
  const found = await server('/nix/store/e-env/bin/gunicorn shop.wsgi', {
    files: {
      '/nix/store/e-env/bin/gunicorn': binary,
      '/nix/store/g-gunicorn/bin/gunicorn': consoleScript('/nix/store/p-python3/bin/python3.13'),
    },
  })
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/nix/store/e-env/bin/python3.13',
    entry: {module: 'shop.wsgi:application'},
  })
  expect(found.environment.get('PYTHONNOUSERSITE')).toBe('true')
})

/** A script that many tutorials have. */
const gunicornStart = `#!/bin/bash

NAME="hello_app"                                  # Name of the application
DJANGODIR=/webapps/hello_django/hello             # Django project directory
SOCKFILE=/webapps/hello_django/run/gunicorn.sock  # we will communicte using this unix socket
USER=hello                                        # the user to run as
GROUP=webapps
NUM_WORKERS=$((2 * $(nproc) + 1))
DJANGO_SETTINGS_MODULE=hello.settings
DJANGO_WSGI_MODULE=hello.wsgi

echo "Starting $NAME as \`whoami\`"

# Activate the virtual environment
cd $DJANGODIR
source ../bin/activate
export DJANGO_SETTINGS_MODULE=$DJANGO_SETTINGS_MODULE
export PYTHONPATH=$DJANGODIR:$PYTHONPATH

# Create the run directory if it doesn't exist
RUNDIR=$(dirname $SOCKFILE)
test -d $RUNDIR || mkdir -p $RUNDIR

# Start your Django Unicorn
# Programs meant to be run under supervisor should not daemonize themselves (do not use --daemon)
exec gunicorn \${DJANGO_WSGI_MODULE}:application \\
  --name $NAME \\
  --workers $NUM_WORKERS \\
  --user=$USER --group=$GROUP \\
  --bind=unix:$SOCKFILE \\
  --log-level=debug \\
  --log-file=-
`

it('a gunicorn_start script', async () => {
  const found = await server('/webapps/hello_django/bin/gunicorn_start', {
    files: {
      '/webapps/hello_django/bin/gunicorn_start': gunicornStart,
      '/webapps/hello_django/bin/gunicorn': consoleScript('/webapps/hello_django/bin/python'),
    },
  })
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/webapps/hello_django/bin/python',
    entry: {module: 'hello.wsgi:application'},
    settingsModule: 'hello.settings',
    directory: '/webapps/hello_django/hello',
    binds: [{socketPath: '/webapps/hello_django/run/gunicorn.sock'}],
    bindsFrom: '/webapps/hello_django/bin/gunicorn_start',
  })
  expect(found.argv).toContain('…')
})

const script = (body: string) => ({
  '/srv/start': `#!/bin/sh\n${body}`,
  '/srv/venv/bin/gunicorn': consoleScript('/srv/venv/bin/python'),
  '/srv/venv/bin/uvicorn': consoleScript('/srv/venv/bin/python'),
  '/srv/app.env': 'BIND=127.0.0.1:8005\nDB_NAME="the shop"\n',
})

it.each([
  ['python manage.py migrate --noinput && exec venv/bin/gunicorn -b :8001 a.wsgi', {port: 8001}],
  ['set -a\n. ./app.env\nset +a\nexec venv/bin/gunicorn -b "$BIND" a.wsgi', {port: 8005}],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own syntax
    'if [ -f /srv/app.env ]; then . /srv/app.env; fi\nexec venv/bin/gunicorn -b ${BIND:-:8001} a.wsgi',
    {port: 8005},
  ],
  ['[ -n "$PORT" ] || PORT=8006\nvenv/bin/gunicorn -b :$PORT a.wsgi', {port: 8006}],
  [
    'HERE="$(cd "$(dirname "$0")" && pwd)"\nexec "$HERE/venv/bin/gunicorn" -b :8001 a.wsgi',
    {port: 8001},
  ],
  ['run() {\n  exec venv/bin/gunicorn "$@" a.wsgi\n}\nrun -b :8007', {port: 8007}],
  [
    'case "$1" in\n  web) exec venv/bin/gunicorn -b :8008 a.wsgi ;;\n  *) exec venv/bin/gunicorn -b :8009 a.wsgi ;;\nesac',
    {port: 8009},
  ],
  [
    'cat <<EOF\nexec venv/bin/gunicorn -b :1 a.wsgi\nEOF\nexec venv/bin/gunicorn -b :8001 a.wsgi',
    {port: 8001},
  ],
  ['venv/bin/celery -A a worker &\nvenv/bin/gunicorn -b :8001 a.wsgi 2>&1 | tee log', {port: 8001}],
  ['exec env BIND=1 nice -n 5 venv/bin/gunicorn -b :8001 a.wsgi', {port: 8001}],
])('a script that reads\n%s', async (body, bind) => {
  const found = await server('/srv/start', {files: script(body), unit: {WorkingDirectory: '/srv'}})
  expect(found).toMatchObject({
    kind: 'gunicorn',
    entry: {module: 'a.wsgi:application'},
    binds: [bind],
  })
  expect(found.interpreter).toBe('/srv/venv/bin/python')
})

it.each([
  'if grep -q x /etc/y; then BIND=:1; else BIND=:2; fi\nexec venv/bin/gunicorn -b $BIND a.wsgi',
  'for f in *.env; do . $f; done\nexec venv/bin/gunicorn -b $BIND a.wsgi',
  'BIND=$(hostname -I)\nexec venv/bin/gunicorn -b $BIND a.wsgi',
  'read BIND < /etc/bind\nexec venv/bin/gunicorn -b $BIND a.wsgi',
])('what a script leaves open is not known:\n%s', async body => {
  const found = await server('/srv/start', {files: script(body), unit: {WorkingDirectory: '/srv'}})
  expect(found).toMatchObject({entry: {module: 'a.wsgi:application'}, binds: null})
})

it('of two servers that a condition decides, the one that runs', async () => {
  const body =
    'if test -e "$(cat mode)"; then exec venv/bin/uvicorn a.asgi:app; fi\nexec venv/bin/gunicorn a.wsgi'
  const files = {
    ...script(body),
    '/proc/9/cmdline': '/srv/venv/bin/python\0/srv/venv/bin/uvicorn\0a.asgi:app\0',
  }
  const found = await server('/srv/start', {files, unit: {WorkingDirectory: '/srv', MainPID: '9'}})
  expect(found).toMatchObject({kind: 'uvicorn', entry: {module: 'a.asgi:app'}})
})

it('of two servers that a condition decides, neither where none runs; of two ways to one, what they share', async () => {
  const choose = (one: string, other: string) =>
    server('/srv/start', {
      files: script(
        `if test -e "$(cat mode)"; then exec venv/bin/${one}; fi\nexec venv/bin/${other}`,
      ),
      unit: {WorkingDirectory: '/srv'},
    })
  expect(await choose('uvicorn a.asgi:app', 'gunicorn a.wsgi')).toMatchObject({
    kind: null,
    entry: null,
    binds: [],
  })
  expect(await choose('gunicorn -b :1 a.wsgi', 'gunicorn -b :2 a.wsgi')).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/srv/venv/bin/python',
    entry: {module: 'a.wsgi:application'},
    binds: null,
  })
})

it('a secret that a script sets is known to be one', async () => {
  const secrets = createSecrets()
  const body = 'export DB_PASSWORD=hunter2hunter2\nexec venv/bin/gunicorn a.wsgi'
  const found = await server('/srv/start', {
    files: script(body),
    unit: {WorkingDirectory: '/srv'},
    secrets,
  })
  expect(found.environment.get('DB_PASSWORD')).toBe('hunter2hunter2')
  expect(secrets.redact('hunter2hunter2')).not.toContain('hunter2')
})

it('sh -c', async () => {
  const found = await server(
    '/bin/sh -c exec venv/bin/gunicorn -b unix:$RUNTIME_DIRECTORY/s a.wsgi',
    {
      words: ['/bin/sh', '-c', 'exec venv/bin/gunicorn -b unix:$RUNTIME_DIRECTORY/s a.wsgi'],
      files: script(''),
      unit: {WorkingDirectory: '/srv', RuntimeDirectory: 'shop'},
    },
  )
  expect(found).toMatchObject({
    binds: [{socketPath: '/run/shop/s'}],
    interpreter: '/srv/venv/bin/python',
  })
})

it("poetry's environment is known to the process alone", async () => {
  const found = await server('/usr/bin/poetry run gunicorn -b :8001 a.wsgi', {
    unit: {MainPID: '9', WorkingDirectory: '/srv'},
    files: {
      ...script(''),
      '/proc/9/cmdline': '/srv/venv/bin/python\0/srv/venv/bin/gunicorn\0-b\0:8001\0a.wsgi\0',
    },
  })
  expect(found).toMatchObject({
    kind: 'gunicorn',
    interpreter: '/srv/venv/bin/python',
    binds: [{port: 8001}],
  })
})
