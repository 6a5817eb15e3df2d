import {readdirSync} from 'node:fs'
import {expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {checks, layerOf} from '../../src/checks/index.ts'

const directory = new URL('../../src/checks/', import.meta.url)

test('every check has one layer, and needs nothing that stands above it', () => {
  expect(new Set(checks.map(({id}) => id)).size).toBe(checks.length)
  const upward = checks.flatMap(({id, needs = []}) =>
    needs.filter(need => layerOf(need.id) > layerOf(id)).map(need => `${id} needs ${need.id}`),
  )
  expect(upward).toEqual([])
})

test('every check is registered under its path', () => {
  const files = readdirSync(directory, {recursive: true, encoding: 'utf8'})
  const written = files.filter(file => file.endsWith('.explanation.ts'))
  const ids = written.map(file => file.replace('.explanation.ts', ''))
  expect(checks.map(({id}) => id as string).sort()).toEqual(ids.sort())
})

test('checks need only registered checks, and never themselves', () => {
  const wrong = checks.filter(check => {
    const all = everythingNeeded(check)
    return all.has(check) || [...all].some(need => !checks.includes(need))
  })
  expect(wrong.map(({id}) => id)).toEqual([])
})

test('titles state the healthy state, and fixes what they do: one line, no full stop', () => {
  const wrong = checks.filter(
    ({title, fix = 'starts it'}) =>
      !/^\S[^\n]{0,88}[^\s.!?:;]$/.test(title) || !/^[a-z]+s [^\n]*[^\s.!?:;]$/.test(fix),
  )
  expect(wrong.map(({id}) => id)).toEqual([])
})

function everythingNeeded(check: Check, found = new Set<Check>()): ReadonlySet<Check> {
  for (const need of check.needs ?? []) {
    if (found.has(need)) continue
    found.add(need)
    everythingNeeded(need, found)
  }
  return found
}
