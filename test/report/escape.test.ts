import fc from 'fast-check'
import {expect, test} from 'vitest'
import {visible, visibleJson} from '../../src/report/escape.ts'

test.each([
  ['\x1b[2Jgone', '\\e[2Jgone'],
  ['a\x00b\x07c\x7f', 'a\\u0000b\\u0007c\\u007f'],
  ['\x9b31m', '\\u009b31m'],
  ['user\u202egnp.exe', 'user\\u202egnp.exe'],
  ['\u2066a\u2069', '\\u2066a\\u2069'],
  ['lone \ud800 half', 'lone \\ud800 half'],
  ['no \ufffe character \uffff', 'no \\ufffe character \\uffff'],
  ['a\tb\rc\nd', 'a\\tb\\rc\\nd'],
])('%j', (text, shown) => {
  expect(visible(text)).toBe(shown)
})

test('ordinary text stays as it is', () => {
  expect(visible('Zürich, 東京, 👩‍🚀 é')).toBe('Zürich, 東京, 👩‍🚀 é')
})

test('whatever comes in, nothing comes out that acts on a terminal', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), text => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

test('JSON says the same, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), text => {
      const json = visibleJson(JSON.stringify({text}, null, 2))
      expect(JSON.parse(json)).toEqual({text})
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})
