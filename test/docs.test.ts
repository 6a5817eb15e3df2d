import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {checksReference, escaped} from '../scripts/docs.ts'
import {checks} from '../src/checks/index.ts'

const page = checksReference()

test('docs/checks.md is what the explanations say (npm run docs)', () => {
  expect(readFileSync(new URL('../docs/checks.md', import.meta.url), 'utf8')).toBe(page)
})

test('every link on the page leads to a heading on it', () => {
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^a-z0-9_-]/g, ''),
  )
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
