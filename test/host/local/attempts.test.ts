import {getDefaultAutoSelectFamilyAttemptTimeout} from 'node:net'
import {expect, test} from 'vitest'
import {telling} from '../../../src/host/local/attempts.ts'

const failed = (code: string, address: string): Error =>
  Object.assign(new Error(`connect ${code} ${address}`), {code})

test('of the attempts at several addresses the one that was answered is told', () => {
  const silence = failed('ETIMEDOUT', '::1:5432')
  const refusal = failed('ECONNREFUSED', '127.0.0.1:5432')
  expect(telling(new AggregateError([silence, refusal]))).toBe(refusal)
  expect(telling(new AggregateError([refusal, silence]))).toBe(refusal)
  expect(telling(new AggregateError([silence]))).toBe(silence)
})

test('an attempt is not given up as long as a busy machine may need for it', () => {
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBeGreaterThanOrEqual(2000)
})
