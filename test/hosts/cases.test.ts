import {expect, it} from 'vitest'
import {casesOf} from './cases.ts'
import {deployments} from './deployments.ts'

it('breaks every deployment in at least eight ways, and tries it healthy', () => {
  for (const {name} of deployments) {
    const cases = casesOf([name])
    expect(
      cases.filter(({expect: {rootCauses}}) => rootCauses.length === 1).length,
      name,
    ).toBeGreaterThanOrEqual(8)
    expect(cases.filter(({expect: {exit}}) => exit === 0).length, name).toBe(1)
  }
})

it('gives each case a name of its own', () => {
  const names = casesOf([]).map(({name}) => name)
  expect(new Set(names).size).toBe(names.length)
})
