import {expect, test} from 'vitest'
import {removedFrom} from '../../../src/facts/django/removed-modules.ts'

test('a module that Python had, and this version does not', () => {
  expect(removedFrom('cgi', '3.13.5')).toBe('3.12')
  expect(removedFrom('distutils.util', '3.12.0')).toBe('3.11')
  expect(removedFrom('cgi', '3.12.9')).toBeNull()
  expect(removedFrom('whitenose', '3.13.5')).toBeNull()
  expect(removedFrom('constructor', '3.13.5')).toBeNull()
})
