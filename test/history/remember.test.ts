import {expect, test} from 'vitest'
import {remedy} from '../../src/remedies/remedy.ts'
import {critical} from '../literal.ts'
import {look, ownPlace} from './machine.ts'

const broken = critical('broken', 'it is broken', remedy('Do something', 'manual', []))

test('what changed since it was last healthy is told, old and new', async () => {
  const place = ownPlace()
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {'unit/MemoryMax': '512M'}})
  await look(place, {at: '2026-11-27T02:10:00.000Z', facts: {'unit/MemoryMax': '512M'}})
  const report = await look(place, {
    at: '2026-11-27T03:20:00.000Z',
    facts: {'unit/MemoryMax': {value: '64M', at: Date.parse('2026-11-27T03:05:00.000Z')}},
    says: broken,
  })
  const change = {
    name: 'unit/MemoryMax',
    source: 'a test',
    kind: 'changed',
    old: '512M',
    new: '64M',
    secret: false,
    at: '2026-11-27T03:05:00.000Z',
    checks: ['unit/own'],
  }
  expect(report.history).toEqual({
    lastHealthy: '2026-11-27T02:10:00.000Z',
    since: '2026-11-27T03:20:00.000Z',
    comparedWith: {at: '2026-11-27T02:10:00.000Z', status: 'ok'},
    compared: 1,
    changes: [change],
    more: 0,
    events: [
      {
        at: '2026-11-27T03:20:00.000Z',
        status: 'critical',
        rootCauses: [{check: 'unit/own', message: 'it is broken'}],
        changes: [change],
        more: 0,
      },
      {at: '2026-11-27T02:00:00.000Z', status: 'ok', rootCauses: [], changes: [], more: 0},
    ],
    note: null,
  })
  expect(report.checks[0]?.changes).toEqual([change])
})
