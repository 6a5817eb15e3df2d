import {expect, test} from 'vitest'
import {circleOfImports, notUtf8} from '../../../src/facts/static/style-sheets.ts'
import type {FileAnswer} from '../../../src/host/host.ts'
import {literalHost} from '../../literal.ts'

const text = (content: string): FileAnswer => ({kind: 'file', text: content, utf8: true})
const latin1: FileAnswer = {kind: 'file', text: '/* caf\uFFFD */', utf8: false}

/** A package that holds these files. */
function package_(answers: Readonly<Record<string, FileAnswer>>) {
  const files = Object.keys(answers).map(name => ({name, path: `/package/${name}`}))
  const host = literalHost({
    readFile: async path => answers[path.slice('/package/'.length)] ?? {kind: 'missing'},
  })
  return [host, files] as const
}

test('what a manifest storage decodes and is no UTF-8 text, style sheets first', async () => {
  const found = notUtf8(
    ...package_({'a.js': latin1, 'b.css': latin1, 'c.css': text('a{}'), 'd.png': latin1}),
  )
  expect(await found).toEqual(['b.css', 'a.js'])
})

test.each([
  [
    'each other',
    {'css/a.css': '@import "b.css";', 'css/b.css': "@import url('a.css');"},
    ['css/a.css', 'css/b.css'],
  ],
  ['itself', {'css/a.css': '@import url(./a.css?v=1);'}, ['css/a.css']],
  [
    'each other across directories',
    {'a.css': '@import "x/b.css"', 'x/b.css': '@import "../a.css"'},
    ['a.css', 'x/b.css'],
  ],
  [
    'one after the other',
    {'a.css': '@import "b.css";@import "c.css"', 'b.css': '@import "c.css"', 'c.css': ''},
    [],
  ],
  [
    'what is elsewhere',
    {'a.css': '@import url(https://example.org/a.css)', 'b.css': '@import "/b.css"'},
    [],
  ],
])('style sheets that import %s', async (_, sheets, circle) => {
  const answers = Object.fromEntries(
    Object.entries(sheets).map(([name, content]) => [name, text(content)]),
  )
  expect(await circleOfImports(...package_(answers))).toEqual(circle)
})
