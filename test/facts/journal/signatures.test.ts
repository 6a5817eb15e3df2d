import {expect, it} from 'vitest'
import {recognise, signatures} from '../../../src/facts/journal/signatures.ts'
import {createSecrets} from '../../../src/host/redactor.ts'
import {shown} from '../../shown.ts'

it('takes each example for what it is, and for nothing when another says it', () => {
  const taken = signatures.map(({by, example}) => ({
    own: recognise({by, text: example})?.signature.name,
    other: recognise({by: by === 'systemd' ? 'service' : 'systemd', text: example})?.signature.name,
  }))
  expect(taken.map(({own}) => own)).toEqual(signatures.map(({name}) => name))
  expect(signatures.filter(({name}, index) => taken[index]?.other === name)).toEqual([])
})

it('takes no line of an access log for what it quotes', () => {
  const recognised = signatures.flatMap(({example}) => {
    const quoted = example.replace(/\s+/g, ' ')
    return [
      `127.0.0.1 - - [23/Nov/2026:08:27:25 +0000] "GET /?q=${quoted} HTTP/1.1" 200 303 "-" "${quoted}"`,
      `127.0.0.1:53712 - "GET /${quoted} HTTP/1.1" 404 Not Found`,
      `Not Found: /${quoted}`,
      `Forbidden: /${quoted}`,
      `Bad Request: /${quoted}`,
    ].filter(text => recognise({by: 'service', text}) !== null)
  })
  expect(recognised).toEqual([])
})

it('knows each still when one of its words is a password', () => {
  const lost = signatures.flatMap(({name, by, example}) => {
    const words = new Set(example.match(/[A-Za-z]{4,}/g))
    return [...words].filter(word => {
      const secrets = createSecrets()
      secrets.add(word)
      return recognise({by, text: secrets.redact(example)})?.signature.name !== name
    })
  })
  expect(lost).toEqual([])
})

it('does not tell by what it leaves out that the password is a word of it', () => {
  const secrets = createSecrets()
  for (const word of ['password', 'user', 'failed', 'authentication']) secrets.add(word)
  const said = 'FATAL:  password authentication failed for user "prism"'
  expect(secrets.redact(said)).toBe(said)
})

it('has a name for each', () => {
  expect(new Set(signatures.map(({name}) => name)).size).toBe(signatures.length)
})

it.each([
  [
    'connection to server at "localhost" (::1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\nconnection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "prism"',
    'password-refused',
  ],
  [
    'could not open extension control file "/usr/share/postgresql/15/extension/vector.control": No such file or directory',
    'extension-missing',
  ],
  [
    'connection to server on socket "/tmp/.s.PGSQL.5432" failed: No such file or directory',
    'unreachable',
  ],
  [
    'connection to server at "localhost" (::1), port 5432 failed: FATAL:  role "prism" does not exist',
    'role',
  ],
  ['no schema has been selected to create in', 'may-not'],
  ['relation "django_content_type" already exists', 'relation-missing'],
  ['column lighthouse_beacon.note does not exist', 'relation-missing'],
  [
    'connection to server at "localhost" (::1), port 5432 failed: FATAL:  sorry, too many clients already',
    'no-connection-left',
  ],
])('knows %j behind what Django puts before it', (text, name) => {
  expect(
    recognise({by: 'service', text: `django.db.utils.OperationalError: ${text}`})?.signature.name,
  ).toBe(name)
})

it.each([
  [
    "Unable to locate executable '/nix/store/x/bin/prism-unicorn': No such file or directory",
    'systemd does not find /nix/store/x/bin/prism-unicorn for the unit (203/EXEC)',
  ],
  [
    'Failed to set up mount namespacing: /var/lib/prism-exports: No such file or directory',
    'the sandbox names /var/lib/prism-exports, which does not exist (226/NAMESPACE)',
  ],
  [
    'Failed to set up mount namespacing: /run/systemd/mount-rootfs/srv/x: No such file or directory',
    'the sandbox names /srv/x, which does not exist (226/NAMESPACE)',
  ],
  [
    'prism-django.service - Prism was skipped because of an unmet condition check (ConditionPathExists=/nosuch).',
    'the condition ConditionPathExists=/nosuch is not met',
  ],
])('says what %j means', (text, meaning) => {
  const found = recognise({by: 'systemd', text})
  expect(found?.signature.meaning?.(found.match, shown('WorkingDirectory=/srv\n'))).toBe(meaning)
})
