import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {recognise} from '../src/facts/journal/signatures.ts'
import {corpus, type Proof} from './corpus.ts'
import {casesOf} from './midship/cases.ts'

/** How many failures each part of the collection has. */
const parts = {S: 24, D: 29, U: 25, C: 16, G: 28, N: 12} as const

const ids = Object.entries(parts).flatMap(([part, count]) =>
  Array.from({length: count}, (_, index) => `${part}${index + 1}`),
)
const cases = new Set(casesOf([]).map(({name}) => name))

test('the table holds all 134, and no other', () => {
  expect(ids).toHaveLength(134)
  expect(Object.keys(corpus)).toEqual(ids)
})

function isThere(proof: Proof): boolean {
  switch (proof.kind) {
    case 'midship':
      return cases.has(proof.name)
    case 'message':
      return recognise(proof) !== null
    case 'test': {
      const source = readFileSync(new URL(proof.file, import.meta.url), 'utf8')
      const titles = [
        ...source.matchAll(
          /\b(?:test|it|describe)(?:\.\w+(?:\([^)]*\))?(?:\(\[[\s\S]*?\n {0,4}\]\))?)?\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g,
        ),
      ]
      return titles.some(([, single, double, template]) => (single ?? double ?? template ?? '').includes(proof.title))
    }
  }
}

describe.each(Object.entries(corpus))('%s', (_, {title, proofs, outOfReach}) => {
  test(`${title}: is shown, or it is said why not`, () => {
    if (outOfReach === undefined) expect(proofs.length).toBeGreaterThan(0)
    else expect(outOfReach).toMatch(/^[A-Z].{30,}\.$/)
    for (const proof of proofs) expect(isThere(proof), JSON.stringify(proof)).toBe(true)
  })
})
