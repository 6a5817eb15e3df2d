import {expect, test} from 'vitest'
import {serverFiles} from '../../../src/facts/refusals/server-files.ts'
import {server} from '../program/machine.ts'

const django = {
  answer: null,
  unasked: {kind: 'refused', why: 'nobody asked', evidence: []},
} as const

const files = async (words: string, unit: Readonly<Record<string, string>>) =>
  serverFiles({
    server: await server(`/usr/bin/gunicorn ${words} shop.wsgi`, {unit}),
    workingDirectory: '/srv/shop',
    django,
  }).map(({path, need}) => `${need} ${path}`)

test('the files of a server that opens them as who serves, and not those that root opens before', async () => {
  const words = '--keyfile tls/key.pem --pid /run/shop.pid'
  expect(await files(words, {User: 'shop'})).toEqual([
    'read /srv/shop/tls/key.pem',
    'write /run/shop.pid',
  ])
  expect(await files(`--user shop ${words}`, {User: 'root'})).toEqual([])
})
