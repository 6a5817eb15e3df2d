import {expect, it} from 'vitest'
import {chooseUnit, findDjangoServices} from '../../../src/facts/program/services.ts'
import {type Host, NotRecorded} from '../../../src/host/host.ts'
import {once} from '../../../src/host/once.ts'
import {machine as recordedMachine} from '../../machine.ts'
import {consoleScript, execStart, hostWith, type Machine} from './machine.ts'

interface Service {
  readonly command: string
  readonly unit?: Readonly<Record<string, string>>
}

/** A host whose systemd has these services, and no other unit. */
function hostOf(services: Readonly<Record<string, Service>>, machine: Machine = {}): Host {
  const units = Object.entries(services).map(([Id, {command, unit}]) => {
    return [Id, {Id, LoadState: 'loaded', ExecStart: execStart(command), ...unit}] as const
  })
  const listed = Object.keys(services).map(name => `${name} loaded active running What it is\n`)
  const exec = {services: listed.join(''), ...machine.exec}
  return once(hostWith({...machine, units: Object.fromEntries(units), exec}))
}

const shop = {command: '/srv/venv/bin/gunicorn shop.wsgi', unit: {WorkingDirectory: '/srv/shop'}}
const chat = {command: '/usr/bin/daphne -u /run/chat.sock chat.asgi:application'}
const others = {
  'nginx.service': {command: '/usr/sbin/nginx -g daemon on;'},
  'worker.service': {
    command: '/srv/venv/bin/celery -A shop worker',
    unit: {WorkingDirectory: '/srv/shop'},
  },
  'queue.service': {
    command: '/srv/venv/bin/python manage.py qcluster',
    unit: {WorkingDirectory: '/srv/shop'},
  },
  'fail2ban.service': {command: '/usr/bin/python3 /usr/bin/fail2ban-server -xf start'},
  'migrate.service': {
    command: '/srv/venv/bin/gunicorn --check-config shop.wsgi',
    unit: {Type: 'oneshot'},
  },
}
const files = {
  '/srv/venv/bin/gunicorn': consoleScript('/srv/venv/bin/python'),
  '/srv/venv/bin/celery': consoleScript('/srv/venv/bin/python'),
  '/usr/bin/daphne': consoleScript('/usr/bin/python3'),
  '/usr/bin/fail2ban-server': consoleScript('/usr/bin/python3'),
  '/usr/sbin/nginx': '\x7fELF\0',
  '/srv/shop/manage.py': '',
  '/srv/either':
    '#!/bin/sh\nif test -e "$(cat mode)"; then exec /usr/bin/daphne a.asgi:app; fi\nexec /srv/venv/bin/gunicorn a.wsgi\n',
  '/srv/start': '#!/bin/sh\nexec "$(cat /srv/program)"\n',
}

it('a server with an entry is a Django service; workers, jobs and other programs are none', async () => {
  const found = await findDjangoServices(
    hostOf({...others, 'shop.service': shop, 'chat.service': chat}, {files}),
  )
  expect(found.map(({unit}) => unit.name)).toEqual(['shop.service', 'chat.service'])
})

it('a Python program beside a manage.py is one where it listens', async () => {
  const unit = {
    MainPID: '7',
    ControlGroup: '/system.slice/own.service',
    WorkingDirectory: '/srv/shop',
  }
  const listens = 'tcp LISTEN 0 5 127.0.0.1:8000 0.0.0.0:* users:(("python",pid=7,fd=3))\n'
  const services = {'own.service': {command: '/srv/venv/bin/python /srv/serve.py', unit}}
  const machine = {files: {...files, '/proc/7/cgroup': '0::/system.slice/own.service\n'}}
  const found = async (exec: Machine['exec'] = {}) =>
    findDjangoServices(hostOf(services, {...machine, exec}))
  expect(await found()).toHaveLength(0)
  expect(await found({listeners: listens})).toHaveLength(1)
})

it('a virtual environment without Django serves something else', async () => {
  const host = hostOf(
    {'flask.service': shop},
    {files: {...files, '/srv/venv/pyvenv.cfg': 'home = /usr/bin\n'}},
  )
  const sites: Readonly<Record<string, readonly string[]>> = {
    '/srv/venv/lib': ['python3.13'],
    '/srv/venv/lib/python3.13/site-packages': ['flask', 'gunicorn'],
  }
  expect(await findDjangoServices({...host, list: async path => sites[path] ?? null})).toEqual([])
})

it.each([
  [{'prism-django.service': shop, 'chat.service': chat}, 'prism-django.service', null],
  [
    {...others, 'chat.service': chat},
    'chat.service',
    'no prism-django.service here: looking at chat.service',
  ],
  [
    others,
    'prism-django.service',
    'no prism-django.service here, and no other Django service was found; name yours with --unit',
  ],
])('without --unit: %#', async (services, unit, note) => {
  expect(await chooseUnit(hostOf(services, {files}), null)).toEqual({unit, note})
})

it('of several, each is named with its command', async () => {
  const host = hostOf({...others, 'shop.service': shop, 'chat.service': chat}, {files})
  await expect(chooseUnit(host, null)).rejects.toThrow(
    'no prism-django.service here, and several Django services; choose one:\n  prism-doctor --unit shop.service\n  prism-doctor --unit chat.service',
  )
})

it('a named unit that is something else is refused, with what it is and what is there', async () => {
  const host = hostOf({...others, 'shop.service': shop}, {files})
  await expect(chooseUnit(host, 'nginx.service')).rejects.toThrow(
    'nginx.service is not a Django service (it runs /usr/sbin/nginx); Django services here: shop.service; run prism-doctor --unit shop.service',
  )
  for (const name of ['worker.service', 'queue.service', 'fail2ban.service', 'migrate.service'])
    await expect(chooseUnit(host, name)).rejects.toThrow(`${name} is not a Django service`)
})

it.each(['shop.service', 'gone.service', 'wrapped.service', 'either.service'])(
  'a named unit that may be one is taken: %s',
  async name => {
    const services = {
      ...others,
      'shop.service': shop,
      'wrapped.service': {command: '/srv/start'},
      'either.service': {command: '/srv/either'},
    }
    expect(await chooseUnit(hostOf(services, {files}), name)).toEqual({unit: name, note: null})
  },
)

it('a recording is of its unit, and knows of no other', async () => {
  const host = recordedMachine('healthy')
  expect(await chooseUnit(host, null)).toEqual({unit: 'prism-django.service', note: null})
  await expect(chooseUnit(host, 'elsewhere.service')).rejects.toThrow(NotRecorded)
})

it('a unit that is not there is one that is nearly called so', async () => {
  const host = hostOf(
    {...others, 'shop.service': shop},
    {files, exec: {'installed services': 'shop-blue.service enabled enabled\n'}},
  )
  expect(await chooseUnit(host, 'shpo.service')).toEqual({
    unit: 'shpo.service',
    note: 'no shpo.service here; did you mean shop.service? run prism-doctor --unit shop.service',
  })
  expect((await chooseUnit(host, 'shop-bleu.service')).note).toContain('shop-blue.service')
  expect((await chooseUnit(host, 'shop.servce.service')).note).toContain('mean shop.service?')
  expect((await chooseUnit(host, 'elsewhere.service')).note).toBeNull()
})

it('nothing is suggested where nobody tells which units there are', async () => {
  const choice = {unit: 'shpo.service', note: null}
  const unlisted = hostWith({units: {}})
  expect(await chooseUnit(unlisted, 'shpo.service')).toEqual(choice)
  const exec = async () => {
    throw new NotRecorded('exec', 'services')
  }
  expect(await chooseUnit({...unlisted, exec}, 'shpo.service')).toEqual(choice)
})
