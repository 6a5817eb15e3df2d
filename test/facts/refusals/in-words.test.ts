import {expect, it} from 'vitest'
import {pathsIn, saysRefused} from '../../../src/facts/refusals/in-words.ts'

it.each([
  ["PermissionError: [Errno 13] Permission denied: '/srv/a b/key.pem'", ['/srv/a b/key.pem']],
  ['cat: /srv/keys/banner: Permission denied', ['/srv/keys/banner']],
  ['open /etc/app/config.yml: permission denied', ['/etc/app/config.yml']],
  ["Error: EACCES: permission denied, open '/srv/app/.env'", ['/srv/app/.env']],
  ['Failed to execute /srv/tools/prepare: Permission denied', ['/srv/tools/prepare']],
  [
    '[emerg] bind() to unix:/run/app/app.sock failed (13: Permission denied)',
    ['/run/app/app.sock'],
  ],
  ['logging to file=/var/log/app.log is not permitted.', ['/var/log/app.log']],
  [
    "Error: '/var/log/x.log' isn't writable [PermissionError(13, 'Permission denied')]",
    ['/var/log/x.log'],
  ],
])('finds the paths in %j', (text, paths) => {
  expect(saysRefused(text)).toBe(true)
  expect(pathsIn(text)).toEqual(expect.arrayContaining(paths))
})

it('takes no URL, fraction or word for a path', () => {
  expect(pathsIn('see https://docs.example.org/en/stable/ and http://127.0.0.1:8000/x')).toEqual([])
  expect(pathsIn('3/4 of app/models.py and/or ./x')).toEqual([])
  expect(pathsIn('redis://:secret@localhost:6379/0')).toEqual([])
  expect(saysRefused('No such file or directory')).toBe(false)
})
