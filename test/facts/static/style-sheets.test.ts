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

test('a chain of very many style sheets, and the circle at its end', async () => {
  const sheets = Array.from({length: 20_000}, (_, at) => [`${at}.css`, `@import "${at + 1}.css"`])
  const chain = Object.fromEntries(sheets) as Record<string, string>
  const answers = (more: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries({...chain, ...more}).map(([name, content]) => [name, text(content)]),
    )
  expect(await circleOfImports(...package_(answers({})))).toEqual([])
  const circle = {'20000.css': '@import "19998.css"'}
  expect(await circleOfImports(...package_(answers(circle)))).toEqual([
    '19998.css',
    '19999.css',
    '20000.css',
  ])
})

test.each(['url(', `url(${' '.repeat(1024 * 1024)}`])('a megabyte of %.9j', async unit => {
  const content = unit.repeat((1024 * 1024) / unit.length + 1)
  expect(await circleOfImports(...package_({'a.css': text(content)}))).toEqual([])
})
