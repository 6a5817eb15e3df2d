import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {expect, test} from 'vitest'
import {checksReference, escaped} from '../scripts/docs.ts'
import {checks} from '../src/checks/index.ts'

const page = checksReference()

test('docs/checks.md is what the explanations say (npm run docs)', () => {
  expect(readFileSync(new URL('../docs/checks.md', import.meta.url), 'utf8')).toBe(page)
})

const anchorsOn = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^a-z0-9_-]/g, ''),
  )

const root = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

test.each(pages)('%s names files and headings that are there', name => {
  const text = readFileSync(join(root, name), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#([^)]+))?\)/g)]
  for (const [link, path = '', anchor] of links) {
    const file = join(root, dirname(name), path)
    expect([link, existsSync(file)]).toEqual([link, true])
    if (anchor) expect(anchorsOn(readFileSync(file, 'utf8')), link).toContain(anchor)
  }
  const named = text.match(/(?<=[`\s])packaging\/[\w@./-]*\w/g) ?? []
  for (const path of named) expect([path, existsSync(join(root, path))]).toEqual([path, true])
})

test('every link on the page leads to a heading on it', () => {
  const anchors = anchorsOn(page)
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
  expect(links.filter(link => !anchors.includes(link))).toEqual([])
  expect(new Set(anchors).size).toBe(anchors.length)
})

test('checks are explained in whole sentences', () => {
  const fragments = checks.flatMap(({id, explanation: {why, asks, findings, mistakenFor}}) => {
    const meanings = Object.values(findings).flatMap(({means, remedy}) => [means, remedy])
    return [why, asks, mistakenFor, ...meanings]
      .filter(text => !/^\S.*\.$/s.test(text))
      .map(text => `${id}: ${text}`)
  })
  expect(fragments).toEqual([])
})

test.each([
  ['STATIC_ROOT is read', 'STATIC_ROOT is read'],
  ['_private_ and a_', '\\_private\\_ and a\\_'],
  ['state/* or `x` | <b>', 'state/\\* or \\`x\\` \\| \\<b\\>'],
  ['see [1] & \\password', 'see \\[1\\] \\& \\\\password'],
  ['two\n  lines', 'two lines'],
  ['- no list', '\\- no list'],
  ['1. no list', '1\\. no list'],
  ['28P01 is no list', '28P01 is no list'],
])('"%s" in Markdown is "%s"', (text, markdown) => {
  expect(escaped(text)).toBe(markdown)
})
