import {expect, test} from 'vitest'
import {parseManifest, staysInside} from '../../../src/facts/static/manifest.ts'

const good =
  '{"paths": {"css/site.css": "css/site.4b5f9f2d6f3a.css", "img/logo.svg": "img/logo.0b1d9e1b7a11.svg"}, "version": "1.1", "hash": "ab12cd34ef56"}'

test('a manifest names each file and its hashed one', () => {
  const manifest = parseManifest(good)
  expect(manifest).toMatchObject({kind: 'manifest', version: '1.1'})
  expect(manifest.kind === 'manifest' && manifest.paths.get('css/site.css')).toBe(
    'css/site.4b5f9f2d6f3a.css',
  )
})

test.each([
  ['', 'empty'],
  ['\n', 'empty'],
  [good.slice(0, 60), 'cut-off'],
  ['<html></html>', 'not-json'],
  [`${good}}`, 'not-json'],
  ['[]', 'other-json'],
  ['null', 'other-json'],
  ['{}', 'other-json'],
  ['{"name": "prism", "version": 1}', 'other-json'],
  ['{"paths": [], "version": "1.1"}', 'other-json'],
  ['{"paths": {"a.css": 1}, "version": "1.1"}', 'other-json'],
])('%j is %s', (text, kind) => {
  expect(parseManifest(text).kind).toBe(kind)
})

test('a name leads out of STATIC_ROOT by ".." or by "/"', () => {
  expect(['css/site.css', 'a..b/c', '..a'].every(staysInside)).toBe(true)
  expect(['../x', 'a/../../x', '/etc/passwd', '', 'a\0b'].some(staysInside)).toBe(false)
})

test.each(['version', 'name', 'hashed'])('a %s of megabytes is not quoted', what => {
  const long = 'x'.repeat(1024 * 1024)
  const of = (each: string, usual: string): string => (each === what ? long : usual)
  const paths = {[of('name', 'a')]: of('hashed', 'a')}
  expect(parseManifest(JSON.stringify({version: of('version', '1.1'), paths}))).toEqual({
    kind: 'other-json',
    message: 'it holds a name of 1048576 characters',
  })
})
