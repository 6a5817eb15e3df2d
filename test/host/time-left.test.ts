import {afterEach, expect, test} from 'vitest'
import {endTime, inSeconds, startTime, timeLeft, within} from '../../src/host/time-left.ts'

afterEach(endTime)

test('without a diagnosis only the usual limit counts', () => {
  expect(timeLeft()).toBe(Number.POSITIVE_INFINITY)
  expect(within(300_000)).toBe(300_000)
})

test('a limit is a part of what is left, and never so short that it proves nothing', () => {
  startTime(1_000_000)
  expect(within(8000)).toBe(8000)
  expect(within(900_000)).toBeGreaterThan(8000)
  expect(within(900_000)).toBeLessThanOrEqual(500_000)
  expect(within(900_000, {share: 1 / 4})).toBeLessThanOrEqual(250_000)
  endTime()
  startTime(10)
  expect(within(8000)).toBe(1000)
  expect(within(8000, {least: 2500})).toBe(2500)
  expect(within(200)).toBe(200)
})

test('a diagnosis that has begun is not begun again', () => {
  startTime(1_000_000, 400_000)
  expect(timeLeft()).toBeLessThanOrEqual(600_000)
  expect(startTime(1_000_000)).toBeLessThanOrEqual(600_000)
})

test.each([
  [8000, '8 s'],
  [1234, '1.2 s'],
  [49, '0 s'],
])('%i ms is %s', (milliseconds, words) => {
  expect(inSeconds(milliseconds)).toBe(words)
})
