import {expect, test} from 'vitest'
import {hashIn, unhashedName} from '../../../src/facts/static/hashed-name.ts'

test('a hashed name has twelve hex digits before its last extension, or at its end', () => {
  const pairs = {
    'js/app.71eee9f09c64.js': ['71eee9f09c64', 'js/app.js'],
    'app.js.373693eaaa96.map': ['373693eaaa96', 'app.js.map'],
    'noext.min.401b30e3b8b5.js': ['401b30e3b8b5', 'noext.min.js'],
    'LICENSE.a165b0c48efd': ['a165b0c48efd', 'LICENSE'],
    // The hash of the folder is no hash of the file.
    'build.0123456789ab/app.js': [null, 'build.0123456789ab/app.js'],
    'app.71eee9f09c64.min.js': [null, 'app.71eee9f09c64.min.js'],
  } as const
  for (const [name, said] of Object.entries(pairs))
    expect([hashIn(name), unhashedName(name)]).toEqual(said)
  expect(hashIn('js/app.js')).toBeNull()
})
