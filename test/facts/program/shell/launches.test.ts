import {expect, it} from 'vitest'
import {launchesOf} from '../../../../src/facts/program/shell/launches.ts'

const start = {
  argv: ['/srv/start.sh'],
  environment: new Map([['PATH', '/usr/bin']]),
  directory: '/srv',
}
const world = {read: async () => null, typeOf: async () => null}

it("white space that is none of the shell's is a part of a word", async () => {
  for (const space of ['\f', '\v', '\u00a0', '\u2028', '\ufeff'])
    expect(await launchesOf(`exec${space}gunicorn a:b`, start, world)).toMatchObject([
      {argv: [`exec${space}gunicorn`, 'a:b']},
    ])
})

it('a file that sources itself over and over has no end', async () => {
  const text = '. /srv/x\n'.repeat(4000)
  expect(await launchesOf(text, start, {...world, read: async () => text})).toBeNull()
})

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
