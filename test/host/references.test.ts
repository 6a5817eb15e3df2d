import {expect, test} from 'vitest'
import {referencesIn} from '../../src/host/references.ts'

const targets = (text: string, kind: 'css' | 'js' = 'css') =>
  [...referencesIn(text, kind)].map(({target, start, end}) => [target, text.slice(start, end)])

test.each([
  ['url(a.png) url( "b.png" )', ['a.png', ' "b.png" ']],
  ['@import "a.css"; @IMPORT\n\'b.css\'', ['a.css', 'b.css']],
  // As Django: what looks like a reference within data: is a part of it.
  ['url("data:image/svg+xml,url(a") url(b)', ['b']],
  ['url(a\nurl(b)', ['b']],
  ['url(a', []],
  ['@import "a\n"b"', []],
  ['url( @import "a.css"', ['a.css']],
])('%j', (text, expected) => {
  expect(targets(text).map(([target]) => target)).toEqual(expected)
})

test('a source map up to the end of its line or comment, the only one in scripts', () => {
  expect(targets('a()\n//# sourceMappingURL=x.map\nurl(b)', 'js')).toEqual([
    ['', '//# sourceMappingURL=x.map'],
  ])
  expect(targets('/*# sourceMappingURL=x.map*/')).toEqual([['', '/*# sourceMappingURL=x.map']])
})

/** Milliseconds of this process's own time: another process takes none of it. */
function cost(text: string): number {
  const before = process.cpuUsage()
  for (const _ of referencesIn(text, 'css'));
  const {user, system} = process.cpuUsage(before)
  return (user + system) / 1000
}

test.each([
  'url(',
  'url(          ',
  '@import "',
  '@import          ',
  `@import "'`,
  'url()',
  'url(data:',
  '/*# sourceMappingURL=',
])('%j over and over costs hardly more than other text', unit => {
  const size = 2 * 1024 * 1024
  const repeated = (what: string): string => what.repeat(size / what.length)
  cost(repeated('a{}'))
  const plain = Math.max(cost(repeated('a{}')), 5)
  expect(cost(repeated(unit)) / plain).toBeLessThan(60)
})
