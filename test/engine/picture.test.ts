import {expect, test} from 'vitest'
import type {Check, Context} from '../../src/checks/check.ts'
import {CannotLook} from '../../src/host/host.ts'
import {whole} from '../../src/report/fact.ts'
import {ok} from '../../src/report/finding.ts'
import {literalCheck, pictured} from '../literal.ts'

const unit = {name: 'unit/User', source: 'systemctl show', value: 'prism'}

function withFacts(id: `${string}/${string}`, facts: NonNullable<Check['facts']>): Check {
  return {...literalCheck(id, ok('fine')), facts}
}

test('a fact that two checks offer is there once, and touches both', async () => {
  const first = withFacts('a/first', async () => [unit, whole('unit/')])
  const second = withFacts('a/second', async () => [unit])
  const {facts, wholes} = await pictured([first, second, literalCheck('a/none', ok('fine'))])
  expect([...facts.values()]).toEqual([{...unit, checks: ['a/first', 'a/second']}])
  expect([...wholes]).toEqual([['unit/', ['a/first']]])
})

test('a check that could not look offers nothing, and costs the others nothing', async () => {
  const blind = withFacts('a/blind', async () => {
    throw new CannotLook('no root')
  })
  const {facts, unseen} = await pictured([blind, withFacts('a/seeing', async () => [unit])])
  expect([...facts.keys()]).toEqual(['unit/User'])
  expect([...unseen]).toEqual([['a/blind', new CannotLook('no root')]])
})

test('on the connection of the service no check waits behind a picture', async () => {
  const asked: string[] = []
  const base = withFacts('database/exists', async () => {
    asked.push('picture')
    return [unit]
  })
  const slow = {
    ...literalCheck('database/health', ok('fine')),
    async run() {
      await new Promise(resolve => setTimeout(resolve, 50))
      asked.push('check')
      return {findings: [ok('fine')], result: undefined}
    },
  }
  await pictured([base, slow])
  expect(asked).toEqual(['check', 'picture'])
})

test('facts take what a need has found out, without asking it again', async () => {
  let runs = 0
  const base = {
    ...literalCheck('a/base', ok('fine')),
    async run() {
      runs += 1
      return {findings: [ok('fine')], result: 'prism'}
    },
  }
  const top = withFacts('a/top', async ({resultOf}: Context) => [
    {...unit, value: String(await resultOf(base))},
  ])
  const {facts} = await pictured([base, top])
  expect(facts.get('unit/User')?.value).toBe('prism')
  expect(runs).toBe(1)
})

test('what hangs beyond the deadline was not seen', async () => {
  const hanging = withFacts('a/hanging', () => new Promise(() => undefined))
  const {facts, unseen} = await pictured([hanging, withFacts('a/b', async () => [unit])], {
    deadline: 200,
  })
  expect([...facts.keys()]).toEqual(['unit/User'])
  expect([...unseen.keys()]).toEqual(['a/hanging'])
})
