import fc from 'fast-check'
import {expect, test} from 'vitest'
import {createAutomaton} from '../../../src/host/secrecy/automaton.ts'

/** Every word that is found, as `word at start`, and how often the text was looked at. */
function scanned(words: readonly string[], text: string) {
  const found: string[] = []
  let looks = 0
  let ends = 0
  const counted = {
    length: text.length,
    startsWith: (part: string, at: number) => text.startsWith(part, at),
    charCodeAt(at: number) {
      looks += 1
      return text.charCodeAt(at)
    },
  } as unknown as string
  createAutomaton(words).scan(counted, 'space', {
    found(index, start) {
      ends += 1
      found.push(`${words[index]} at ${start}`)
      return false
    },
    broken: () => undefined,
  })
  return {found, looks, ends}
}

const word = fc.string({unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5})

test('finds what looking for each word at each place finds', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(word, {minLength: 1, maxLength: 8}),
      fc.string({unit: fc.constantFrom('a', 'b', 'c', ' ', '\n'), maxLength: 40}),
      (words, text) => {
        const places = [...text].flatMap((unit, at) => (/\s/.test(unit) ? [] : [at]))
        const squeezed = text.replace(/\s/g, '')
        const expected = words.flatMap(each =>
          places.flatMap((place, at) =>
            squeezed.startsWith(each, at) ? [`${each} at ${place}`] : [],
          ),
        )
        expect(scanned(words, text).found.sort()).toEqual(expected.sort())
      },
    ),
  )
})

test('looks at each character once, however many words there are and whatever they share', () => {
  const words = Array.from({length: 1000}, (_, index) => `${'a'.repeat(100 + index)}b`)
  const {looks, ends} = scanned(words, 'a'.repeat(200_000))
  expect({looks, ends}).toEqual({looks: 200_000, ends: 0})
})

test('passes over an indentation, and no wider gap', () => {
  expect(scanned(['abcd'], `ab\n${' '.repeat(100)}cd`).found).toEqual(['abcd at 0'])
  expect(scanned(['abcd'], `ab\n${' '.repeat(300)}cd`).found).toEqual([])
})
