import {expect, test} from 'vitest'
import {lastReason} from '../../../src/facts/postgres/server-log.ts'

test('the last fatal words, with their detail', () => {
  const messages = [
    'FATAL:  could not write lock file "postmaster.pid": No space left on device',
    '2026-11-23 08:26:30.123 UTC [54] FATAL:  data directory "/var/lib/postgresql/17" has invalid permissions',
    '2026-11-23 08:26:30.123 UTC [54] DETAIL:  Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).',
    'postgresql.service: Main process exited, code=exited, status=1/FAILURE',
  ]
  expect(lastReason(messages)).toBe(
    'FATAL: data directory "/var/lib/postgresql/17" has invalid permissions: Permissions should be u=rwx (0700) or u=rwx,g=rx (0750)',
  )
})

test("a step of systemd's own", () => {
  const message =
    'postgresql.service: Failed at step NAMESPACE spawning /nix/store/x/bin/postgres: No such file or directory'
  expect(lastReason(['LOG:  shutting down', message])).toBe(message)
})

test('what the fatal words only sum up', () => {
  const hba = '/nix/store/f6z32mg7zzpc4jn7bkljblb0i1j4a3j9-pg_hba.conf'
  const notLoaded = [
    'Starting postgresql.service - PostgreSQL Server...',
    '[156] LOG:  starting PostgreSQL 17.6 on x86_64-pc-linux-gnu, compiled by gcc',
    '[156] LOG:  invalid authentication method "scram"',
    `[156] CONTEXT:  line 3 of configuration file "${hba}"`,
    `[156] FATAL:  could not load ${hba}`,
    '[156] LOG:  database system is shut down',
  ]
  const line = `LOG: invalid authentication method "scram" (line 3 of configuration file "${hba}")`
  expect(lastReason(notLoaded)).toBe(line)
  // What an earlier start complained of is over.
  expect(
    lastReason([
      ...notLoaded.slice(0, 4),
      ...notLoaded.slice(0, 2),
      `[156] FATAL:  could not load ${hba}`,
    ]),
  ).toBe(`FATAL: could not load ${hba}`)
  const unrecognised =
    '2026-11-25 01:20:44.806 GMT [148] LOG:  unrecognized configuration parameter "max_connectons" in file "/var/lib/postgresql/17/postgresql.conf" line 8'
  const errors =
    '2026-11-25 01:20:44.806 GMT [148] FATAL:  configuration file "/var/lib/postgresql/17/postgresql.conf" contains errors'
  expect(lastReason([unrecognised, errors])).toContain('"max_connectons"')
  const taken = [
    '[137] LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
    '[137] HINT:  Is another postmaster already running on port 5432? If not, wait a few seconds and retry.',
    '[137] WARNING:  could not create listen socket for "localhost"',
    '[137] FATAL:  could not create any TCP/IP sockets',
  ]
  expect(lastReason(taken)).toBe(
    'LOG: could not bind IPv4 address "127.0.0.1": Address already in use',
  )
  const namespace = [
    'postgresql.service: Failed to set up mount namespacing: /var/lib/postgresql/17: No such file or directory',
    'postgresql.service: Failed at step NAMESPACE spawning /nix/store/x/bin/postgres: No such file or directory',
  ]
  expect(lastReason(namespace)).toBe(namespace[0])
})

test('not what ended one session alone', () => {
  const refused = '[90] FATAL:  password authentication failed for user "grafana"'
  expect(lastReason(['FATAL:  could not load pg_hba.conf', refused])).toBe(
    'FATAL: could not load pg_hba.conf',
  )
  expect(lastReason([refused, '[91] FATAL:  the database system is starting up'])).toBeNull()
})

test('what has no level, since the configuration was not read yet', () => {
  const message =
    'postgres: could not access the server configuration file "/var/lib/postgresql/17/postgresql.conf": No such file or directory'
  expect(lastReason(['Starting postgresql.service - PostgreSQL Server...', message])).toBe(message)
})

test('nothing fatal', () => {
  expect(lastReason(['LOG:  database system is ready to accept connections'])).toBeNull()
  expect(lastReason([])).toBeNull()
})
