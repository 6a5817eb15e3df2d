import {afterAll, beforeAll, expect, test} from 'vitest'
import {counted, duration, listed, since} from '../../../src/report/reporters/words.ts'

const {TZ} = process.env

beforeAll(() => {
  process.env.TZ = 'Europe/Berlin'
})

afterAll(() => {
  if (TZ === undefined) delete process.env.TZ
  else process.env.TZ = TZ
})

test.each([
  [1, 'one thing'],
  [2, 'two things'],
  [12, 'twelve things'],
  [13, '13 things'],
])('%i', (count, text) => {
  expect(counted(count, 'thing')).toBe(text)
})

test('lists', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ])
})

test.each([
  [0.4, '0 ms'],
  [12.3, '12 ms'],
  [412, '0.41 s'],
  [9994, '9.99 s'],
  [30_012, '30.0 s'],
])('%d ms', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text)
})

test.each([
  ['2026-11-23T07:59:58Z', 'since 08:59 (just now)'],
  ['2026-11-23T07:59:30Z', 'since 08:59 (30 s ago)'],
  ['2026-11-23T07:12:00Z', 'since 08:12 (48 min ago)'],
  ['2026-11-23T03:12:07Z', 'since 04:12 (5 h ago)'],
  ['2026-11-22T20:00:00Z', 'since 22 Nov 21:00 (12 h ago)'],
  ['2026-11-20T08:00:00Z', 'since 20 Nov 09:00 (3 days ago)'],
  ['2025-06-01T10:00:00Z', 'since 1 Jun 2025 12:00 (540 days ago)'],
  ['2026-11-23T08:00:01Z', ''],
  ['no time', ''],
])('%s, in local time', (time, text) => {
  expect(since(time, '2026-11-23T08:00:00.000Z')).toBe(text)
})
