import {expect, test} from 'vitest'
import {networkSandbox} from '../../../src/facts/unit/network-sandbox.ts'
import {shown} from '../../shown.ts'

test.each([
  ['', 'localhost', null],
  ['PrivateNetwork=no', 'localhost', null],
  ['PrivateNetwork=yes', 'db.example.org', 'PrivateNetwork=yes'],
  ['PrivateNetwork=yes', '/run/postgresql', null],
  ['RestrictAddressFamilies=AF_INET', '127.0.0.1', null],
  ['RestrictAddressFamilies=AF_INET', 'localhost', null],
  ['RestrictAddressFamilies=AF_INET', '::1', 'RestrictAddressFamilies=AF_INET'],
  ['RestrictAddressFamilies=AF_INET', '/run/postgresql', 'RestrictAddressFamilies=AF_INET'],
  ['RestrictAddressFamilies=~AF_INET AF_INET6', '/run/postgresql', null],
  ['RestrictAddressFamilies=~AF_PACKET', 'localhost', null],
  ['RestrictAddressFamilies=', 'localhost', 'RestrictAddressFamilies=none'],
  ['IPAddressDeny=10.0.0.0/8', '10.1.2.3', 'IPAddressDeny=10.0.0.0/8'],
  ['IPAddressDeny=10.0.0.0/8', '11.1.2.3', null],
  ['IPAddressDeny=::/0 0.0.0.0/0\nIPAddressAllow=127.0.0.0/8', 'localhost', null],
  [
    'IPAddressDeny=::/0 0.0.0.0/0\nIPAddressAllow=127.0.0.0/8',
    '::1',
    'IPAddressDeny=::/0 0.0.0.0/0',
  ],
  ['IPAddressDeny=::/0 0.0.0.0/0\nIPAddressAllow=192.0.2.7/32', '192.0.2.7', null],
])('%j to %s: %s', (properties, destination, obstacle) => {
  expect(networkSandbox(shown(properties), destination)).toEqual({obstacle, elsewhere: false})
})

test('a namespace that is shared is not looked into', () => {
  const shared = shown('PrivateNetwork=yes\nJoinsNamespaceOf=postgresql.service')
  expect(networkSandbox(shared, 'localhost').elsewhere).toBe(true)
  expect(networkSandbox(shown('NetworkNamespacePath=/run/netns/x'), '127.0.0.1').elsewhere).toBe(
    true,
  )
})
