import {expect, test} from 'vitest'
import {parseApache} from '../../../src/facts/fronts/apache-syntax.ts'
import {filesOf, textOf} from '../../../src/facts/fronts/configuration-files.ts'
import {flattened, maxDepth, parseNginx} from '../../../src/facts/fronts/nginx-syntax.ts'
import {literalHost} from '../../literal.ts'

const names = ['a.conf', 'b.conf', 'm.conf', '[', ']x', '\\', '^x', '.hidden.conf']

function filesIn(pattern: string): Promise<readonly string[]> {
  const host = literalHost({list: async () => names, stat: async () => null})
  return filesOf({host, directory: '/d', texts: null, left: 5, unread: []}, pattern)
}

test.each([
  ['*.conf', ['/d/a.conf', '/d/b.conf', '/d/m.conf']],
  ['[ab].conf', ['/d/a.conf', '/d/b.conf']],
  ['[!ab].conf', ['/d/m.conf']],
  ['[^ab].conf', ['/d/m.conf']],
  ['[l-z].conf', ['/d/m.conf']],
  ['[', ['/d/[']],
  ['[]]x', ['/d/]x']],
  ['[\\]', ['/d/\\']],
  ['[z-a].conf', []],
  ['(*', []],
])('a pattern of glob(7): %s', async (pattern, files) => {
  expect(await filesIn(pattern)).toEqual(files)
})

test('blocks are not followed deeper than anybody goes', () => {
  const nginx = parseNginx(`${'a {'.repeat(20_000)} b; ${'}'.repeat(20_000)}`)
  const apache = parseApache('<a>\n'.repeat(20_000))
  for (const directives of [nginx, apache]) expect(flattened(directives)).toHaveLength(maxDepth)
})

test('what a server has printed is read so many times, also where it includes itself', async () => {
  const texts = new Map([['/d/a.conf', 'http { include a.conf; include a.conf; }']])
  const reading = {host: literalHost({}), directory: '/d', texts, left: 2, unread: []}
  const read = await Promise.all([1, 2, 3].map(() => textOf(reading, '/d/a.conf')))
  expect(read.map(text => text !== null)).toEqual([true, true, false])
  expect(reading.unread).toEqual(['/d/a.conf'])
})
