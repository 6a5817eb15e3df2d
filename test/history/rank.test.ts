import {describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {ranked, touching} from '../../src/history/rank.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {ok} from '../../src/report/finding.ts'
import type {Change} from '../../src/report/report.ts'
import {critical, diagnosed, literalCheck, symptom} from '../literal.ts'

const cure = remedy('Do something', 'manual', [])

function change(name: string, checks: readonly string[], more: Partial<Change> = {}): Change {
  const common = {source: 'a test', kind: 'changed', old: '1', new: '2', secret: false} as const
  return {...common, name, at: null, checks: [...checks], ...more}
}

const unit = literalCheck('service/unit', ok('fine'))
const user = literalCheck('service/user', ok('fine'), {needs: [unit]})
const active = literalCheck('service/active', critical('dead', 'it was killed for memory', cure), {
  needs: [user],
})
const page = literalCheck(
  'http/app',
  symptom('refused', 'refused', cure, {because: ['service/active']}),
)
const other = literalCheck('state/space', ok('fine'))
const all: readonly Check[] = [unit, user, active, page, other]

async function order(changes: readonly Change[], checks = all): Promise<readonly string[]> {
  const restless = new Set<string>()
  const report = await diagnosed(checks)
  return ranked({changes, restless}, report, checks).map(({name}) => name)
}

test('what the root cause looks at is first, then its needs, then what else fails', async () => {
  const names = await order([
    change('of another', ['state/space']),
    change('of a consequence', ['http/app']),
    change('of a need', ['service/unit']),
    change('of the root', ['service/active']),
    change('of nobody', []),
  ])
  expect(names).toEqual(['of the root', 'of a need', 'of a consequence', 'of another', 'of nobody'])
})

test('what may have made another unit fail is before that it failed', async () => {
  const state = 'dependency/redis.service/state'
  const failed = change(state, ['service/active'], {new: 'failed'})
  const stopped = change(state, ['service/active'], {new: 'inactive', at: '2026-11-27T08:00:00Z'})
  const reason = change('etc/sysctl.conf', ['service/active'])
  const other = change('of a need', ['service/unit'])
  expect(await order([other, failed, reason])).toEqual([reason.name, state, other.name])
  expect(await order([other, stopped, reason])).toEqual([state, reason.name, other.name])
})

test('a fact of two checks counts by the nearer one', async () => {
  const names = await order([
    change('a need', ['service/unit']),
    change('both', ['state/space', 'service/active']),
  ])
  expect(names).toEqual(['both', 'a need'])
})

describe('what the root cause names', () => {
  const says = (message: string) => [
    unit,
    literalCheck('service/active', critical('dead', message, cure), {needs: [unit]}),
  ]

  test.each([
    ['distribution/psycopg', "No module named 'psycopg'"],
    ['directory//srv/shop/media', 'cannot write to /srv/shop/media: Permission denied'],
    ['unit/MemoryMax', 'MemoryMaxed, and killed at memorymax of the unit'],
  ])('%s is first, whoever looks at it', async (name, message) => {
    const checks = says(message)
    const report = await diagnosed(checks)
    const changes = [change('unit/User', ['service/active']), change(name, [])]
    const [first] = ranked({changes, restless: new Set()}, report, checks)
    expect(first?.name).toBe(name)
  })

  test.each([
    ['distribution/six', 'six of ten workers died'],
    ['unit/On', 'turned on'],
    ['directory//srv/shop', 'cannot write to /srv/shopping/media'],
  ])('%s is not named by "%s"', async (name, message) => {
    const checks = says(message)
    const report = await diagnosed(checks)
    const changes = [change(name, []), change('unit/User', ['service/active'])]
    const [first] = ranked({changes, restless: new Set()}, report, checks)
    expect(first?.name).toBe('unit/User')
  })
})

test('of equals the last is first', async () => {
  const at = (time: string) => ({at: `2026-11-27T${time}:00.000Z`})
  const names = await order([
    change('b', ['service/active'], at('02:00')),
    change('a', ['service/active']),
    change('c', ['service/active'], at('03:00')),
  ])
  expect(names).toEqual(['c', 'b', 'a'])
})

test('a root cause is told what it names, and what it and its needs look at', async () => {
  const {checks} = await diagnosed(all)
  const root = checks.find(({id}) => id === 'service/active')
  if (!root) throw new Error('it is not there')
  const changes = [
    change('root', ['service/active']),
    change('need', ['service/unit']),
    change('consequence', ['http/app']),
    change('kernel/memory', ['state/space']),
  ]
  const told = touching(changes, root, all).map(({name}) => name)
  expect(told).toEqual(['root', 'need', 'kernel/memory'])
})
