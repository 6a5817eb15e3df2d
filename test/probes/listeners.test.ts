import {expect, test} from 'vitest'
import {parseListeners, reaches} from '../../src/probes/listeners.ts'

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
