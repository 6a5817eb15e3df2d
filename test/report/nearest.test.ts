import {expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {didYouMean, distance, nearest} from '../../src/report/nearest.ts'

const known = ['service', 'static', 'state', 'database', ...checks.map(({id}) => id)]

test.each([
  ['login', ['database/login']],
  ['Login', ['database/login']],
  ['databse/login', ['database/login']],
  ['database/lgoin', ['database/login']],
  ['state/owner', ['state/ownership']],
  ['owner', ['state/ownership']],
  ['servise', ['service']],
  ['state/*', ['state']],
  ['state/', ['state']],
  ['logn', ['database/login', 'http/log']],
  ['mod', ['state/modes']],
  ['statc', ['static', 'state']],
  ['start', []],
  ['fix', []],
  ['xyzzy', []],
  ['', []],
  ['x'.repeat(100_000), []],
])('%s', (name, meant) => {
  expect(nearest(name, known)).toEqual(meant)
})

test('neighbours in the wrong order are one mistake', () => {
  expect(distance('explian', 'explain')).toBe(1)
  expect(distance('recrod', 'record')).toBe(1)
  expect(distance('kitten', 'sitting')).toBe(3)
})

test('several that are as near are all told', () => {
  expect(didYouMean(nearest('se', ['a/se', 'b/se', 'c/se']))).toBe(
    'did you mean a/se, b/se or c/se? ',
  )
  expect(didYouMean([])).toBe('')
})
