import {expect, it} from 'vitest'
import {launchesOf} from '../../../../src/facts/program/shell/launches.ts'

const start = {
  argv: ['/srv/start.sh'],
  environment: new Map([['PATH', '/usr/bin']]),
  directory: '/srv',
}
const world = {read: async () => null, typeOf: async () => null}

it.each([
  [
    'functions that call one another',
    `f() { ${'g; '.repeat(200)}}\ng() { ${'f; '.repeat(200)}}\nf`,
  ],
  ['a word that is doubled', `a=xxxxxxxx\n${'a=$a$a\n'.repeat(60)}exec gunicorn $a`],
  [
    'arguments that are doubled',
    `set -- a b\n${'set -- "$@" "$@"\n'.repeat(60)}exec gunicorn "$@"`,
  ],
  ['a replacement of each letter', `a=${'x'.repeat(20_000)}\na=\${a//x/$a}\nexec gunicorn`],
  ['brackets within brackets', '('.repeat(60_000)],
  ['words within words', '${a:-'.repeat(13_000)],
])('a script is given up that has no end: %s', async (_, text) => {
  const started = performance.now()
  expect(await launchesOf(text, start, world)).toBeNull()
  expect(performance.now() - started).toBeLessThan(3000)
})
