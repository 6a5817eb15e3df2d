import {expect, test} from 'vitest'
import {
  findOwnListeners,
  findWhoListens,
  parseListeners,
  reaches,
} from '../../../src/facts/unit/listeners.ts'
import {shown} from '../../shown.ts'
import {hostWith} from '../program/machine.ts'

const text = `u_str LISTEN 0      4096                         /run/systemd/private 790015            * 0    users:(("systemd",pid=1,fd=17))
u_str LISTEN 0      4096                              @/tmp/dbus-x 790016            * 0
u_str LISTEN 0      104                 /run/postgresql/.s.PGSQL.5432 790307            * 0    users:(("postgres",pid=54,fd=7))
tcp   LISTEN 0      2048                                    127.0.0.1:8000        0.0.0.0:*    users:(("gunicorn",pid=144,fd=5),("gunicorn",pid=135,fd=5),("gunicorn",pid=125,fd=5))
tcp   LISTEN 0      104                                         [::1]:5432           [::]:*    users:(("postgres",pid=54,fd=5))
tcp   LISTEN 0      511                                             *:80                *:*
tcp   LISTEN 0      4096                                127.0.0.53%lo:53          0.0.0.0:*
`

test('what ss prints', () => {
  const listeners = parseListeners(text)
  expect(listeners.map(({at}) => at)).toEqual([
    {socketPath: '/run/systemd/private'},
    {socketPath: '@/tmp/dbus-x'},
    {socketPath: '/run/postgresql/.s.PGSQL.5432'},
    {host: '127.0.0.1', port: 8000},
    {host: '::1', port: 5432},
    {host: '*', port: 80},
    {host: '127.0.0.53', port: 53},
  ])
  expect(listeners[3]?.processes.map(({pid}) => pid)).toEqual([144, 135, 125])
  expect(listeners[5]?.processes).toEqual([])
})

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', 'localhost', true],
  ['::1', 'localhost', true],
  ['0.0.0.0', '127.0.0.1', true],
  ['0.0.0.0', '::1', false],
  ['::', '127.0.0.1', true],
  ['*', '::1', true],
  ['192.0.2.1', '127.0.0.1', false],
  ['192.0.2.1', 'localhost', false],
])('a listener at %s and a connection to %s: %s', (at, to, expected) => {
  expect(reaches({at: {host: at, port: 80}, processes: []}, {host: to, port: 80})).toBe(expected)
  expect(reaches({at: {host: at, port: 80}, processes: []}, {host: to, port: 81})).toBe(false)
})

/** Of a unit whose worker alone is left, and whose sockets systemd holds. */
const held = `u_str LISTEN 0 4096 /run/tut.sock 339727 * 0 users:(("systemd",pid=1,fd=72))
u_str LISTEN 0 4096 @tut 339729 * 0 users:(("systemd",pid=1,fd=74))
u_str LISTEN 0 4096 /run/systemd/private 339001 * 0 users:(("systemd",pid=1,fd=17))
tcp LISTEN 0 4096 *:8100 *:* users:(("systemd",pid=1,fd=73))
tcp LISTEN 0 2048 127.0.0.1:8000 0.0.0.0:* users:(("python3",pid=70,fd=5),("python3",pid=71,fd=5))
tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=80,fd=5))
`

test("a socket is the unit's by any of its processes, and by its socket unit", async () => {
  const host = hostWith({
    exec: {listeners: held},
    units: {
      'tut.socket': {
        LoadState: 'loaded',
        Listen: ['/run/tut.sock (Stream)', '[::]:8100 (Stream)', '@tut (Stream)'],
      },
    },
    files: {
      '/proc/1/cgroup': '0::/init.scope\n',
      '/proc/70/cgroup': '0::/user.slice\n',
      '/proc/71/cgroup': '0::/system.slice/tut.service\n',
      '/proc/80/cgroup': '0::/system.slice/nginx.service\n',
    },
  })
  const unit = shown(
    'Id=tut.service\nControlGroup=/system.slice/tut.service\nTriggeredBy=tut.socket\n',
  )
  expect((await findOwnListeners(host, unit)).map(({at}) => at)).toEqual([
    {host: '*', port: 8100},
    {host: '127.0.0.1', port: 8000},
    {socketPath: '/run/tut.sock'},
    {socketPath: '@tut'},
  ])
  expect((await findWhoListens(host, unit, {host: '::1', port: 8100})).owner).toBe('unit')
  expect((await findWhoListens(host, unit, {host: '127.0.0.1', port: 80})).owner).toBe('other')
})
