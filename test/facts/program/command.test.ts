import {describe, expect, test} from 'vitest'
import {findCommand, findPlaces} from '../../../src/facts/program/command.ts'
import type {Host} from '../../../src/host/host.ts'
import {literalHost} from '../../literal.ts'
import {shown} from '../../shown.ts'

/** A machine of files: what is null is there and not read. */
function files(all: Readonly<Record<string, string | null>>): Host {
  return literalHost({
    list: async directory => {
      const names = Object.keys(all).filter(path => path.replace(/\/[^/]*$/, '') === directory)
      return names.length === 0 ? null : names.map(path => path.slice(directory.length + 1)).sort()
    },
    stat: async path =>
      path in all
        ? {type: 'file', mode: 0o755, uid: 0, gid: 0, nlink: 1, size: 1, mtime: 0, dev: 1}
        : null,
    readFile: async path => {
      const text = all[path]
      return typeof text === 'string' ? {kind: 'file', text, utf8: true} : {kind: 'missing'}
    },
  })
}

const shapes: Readonly<
  Record<string, {readonly show: string; readonly files: Readonly<Record<string, string | null>>}>
> = {
  nix: {
    show: unit('/nix/store/a-prism/bin/prism-gunicorn', {
      WorkingDirectory: '/nix/store/a-prism/share',
    }),
    files: {
      '/nix/store/a-prism/bin/prism-gunicorn': '#!/nix/store/b-bash/bin/bash -e\n',
      '/nix/store/a-prism/bin/prism-manage': '#!/nix/store/b-bash/bin/bash -e\n',
      '/nix/store/a-prism/share/manage.py': null,
    },
  },
  venv: {
    show: unit('/srv/app/venv/bin/gunicorn', {
      WorkingDirectory: '/srv/app/site',
      Environment: 'PATH=/opt/tools:/usr/bin',
    }),
    files: {
      '/srv/app/venv/bin/gunicorn': '#!/srv/app/venv/bin/python\n',
      '/srv/app/venv/bin/python': null,
      '/srv/app/venv/bin/celery': null,
      '/srv/app/site/manage.py': '#!/usr/bin/env python\n',
      '/opt/tools/pg_dump': null,
      '/usr/bin/sh': null,
    },
  },
  mailman: {
    show: unit('/usr/bin/uwsgi', {
      Id: 'mailman3-web.service',
      Environment: 'DJANGO_SETTINGS_MODULE=settings',
    }),
    files: {
      '/usr/bin/uwsgi': null,
      '/usr/bin/mailman-web': '#!/usr/bin/python3\nfrom mailman_web.manage import main\n',
      '/usr/bin/mailman3': '#!/usr/bin/python3\nfrom mailman.bin.mailman import main\n',
    },
  },
  debusine: {
    show: unit('/usr/bin/gunicorn3', {Id: 'debusine-server.service'}),
    files: {
      '/usr/bin/gunicorn3': '#!/usr/bin/python3\n',
      '/usr/bin/debusine-admin':
        '#!/usr/bin/python3\nfrom django.core.management import execute_from_command_line\n',
    },
  },
  bare: {
    show: unit('/usr/bin/gunicorn', {}),
    files: {'/usr/bin/gunicorn': '#! /usr/bin/env python3\n', '/usr/bin/python3': null},
  },
}

function unit(program: string, properties: Readonly<Record<string, string>>): string {
  const command = `{ path=${program} ; argv[]=${program} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`
  return Object.entries({Id: 'app.service', ExecStart: command, ...properties})
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

describe('findCommand', () => {
  test.each([
    ['nix', 'manage check --deploy', '/nix/store/a-prism/bin/prism-manage check --deploy'],
    ['nix', 'prism-manage shell', '/nix/store/a-prism/bin/prism-manage shell'],
    ['venv', 'manage migrate', '/srv/app/venv/bin/python /srv/app/site/manage.py migrate'],
    ['venv', 'python -V', '/srv/app/venv/bin/python -V'],
    ['venv', 'celery status', '/srv/app/venv/bin/celery status'],
    ['venv', 'pg_dump', '/opt/tools/pg_dump'],
    ['venv', 'sh', '/usr/bin/sh'],
    ['venv', '/bin/ls -l', '/bin/ls -l'],
    ['venv', './manage.py', '/srv/app/site/./manage.py'],
    ['venv', 'nosuch', null],
    ['mailman', 'manage check', '/usr/bin/mailman-web check'],
    ['debusine', 'manage', '/usr/bin/debusine-admin'],
    ['bare', 'manage check', '/usr/bin/python3 -m django check'],
  ])('%s: %s', async (shape, words, expected) => {
    const {show, files: there} = shapes[shape] ?? {show: '', files: {}}
    const host = files(there)
    const unit = shown(show)
    const argv = await findCommand(host, words.split(' '), await findPlaces(host, unit))
    expect(argv?.join(' ') ?? null).toBe(expected)
  })
})
