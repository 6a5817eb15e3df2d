import {expect, test} from 'vitest'
import {mayChange} from '../../../src/facts/django/page.ts'

test.each([
  '/accounts/logout/',
  '/newsletter/unsubscribe/4f2a/',
  '/accounts/activate/MQ/c2x-81/',
  '/accounts/confirm-email/4f2a/',
  '/invitations/accept/4f2a/',
  '/cart/checkout/',
])('nobody asks for %s again: that may change something', path => {
  expect(mayChange(path)).toBe(true)
})

test.each(['/', '/accounts/login/', '/lamps/12/', '/lamps/actions/'])('%s is only read', path => {
  expect(mayChange(path)).toBe(false)
})
