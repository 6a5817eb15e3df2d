import {readdirSync, readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {codesIn, sourcesOf, withoutExplanation} from '../scripts/sources.ts'
import {checks} from '../src/checks/index.ts'

const sentences = /^[^\s].*[.]$/s
const each = checks.map(check => [check.id, check] as const)

test.each(each)('%s is explained in all its parts, in whole sentences', (_, {explanation}) => {
  const {why, asks, findings, mistakenFor} = explanation
  expect({why, asks, mistakenFor}).toEqual({
    why: expect.stringMatching(sentences),
    asks: expect.stringMatching(sentences),
    mistakenFor: expect.stringMatching(sentences),
  })
  expect(Object.keys(findings)).not.toEqual([])
  for (const [code, meaning] of Object.entries(findings)) {
    expect(code).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
    expect(meaning, code).toEqual({means: expect.stringMatching(sentences), remedy: expect.stringMatching(sentences)})
  }
})

test.each(each)('%s explains every code that its file gives', (id, {explanation}) => {
  const codes = codesIn(sourcesOf(id).own)
  expect(codes.filter(code => !Object.hasOwn(explanation.findings, code))).toEqual([])
})

test('every code that src/findings gives is explained by a check that reaches it', () => {
  const reached = new Map<string, Set<string>>()
  for (const {id, explanation} of checks) {
    for (const {href} of sourcesOf(id).findings) {
      const explained = reached.get(href) ?? new Set()
      for (const code of Object.keys(explanation.findings)) explained.add(code)
      reached.set(href, explained)
    }
  }
  for (const [href, explained] of reached) {
    const codes = codesIn(readFileSync(new URL(href), 'utf8'))
    expect(
      codes.filter(code => !explained.has(code)),
      href,
    ).toEqual([])
  }
})

const src = new URL('../src/', import.meta.url)
const source = readdirSync(src, {recursive: true, encoding: 'utf8'})
  .filter(file => /^(?:checks|findings|facts)\/.*\.ts$/.test(file))
  .map(file => withoutExplanation(readFileSync(new URL(file, src), 'utf8')))
  .join('\n')

test.each(each)('%s explains no code that nothing gives', (_, {explanation}) => {
  expect(Object.keys(explanation.findings).filter(code => !source.includes(`'${code}'`))).toEqual([])
})

test('codes are found whatever decides between them', () => {
  expect(codesIn("return critical('a', `b`, c)")).toEqual(['a'])
  expect(codesIn("critical(\n  x.y('no') === 'no-1' ? 'a-b' : late ? 'c' : 'd2',\n  `m`)")).toEqual(['a-b', 'c', 'd2'])
  expect(codesIn('critical(code, message, cure)')).toEqual([])
})
