import {expect, test} from 'vitest'
import {unitName} from '../../src/cli/unit-name.ts'

test.each([
  ['prism-django.service', 'prism-django.service'],
  ['prism-django', 'prism-django.service'],
  ['web@blue', 'web@blue.service'],
  ['web@a@b.service', 'web@a@b.service'],
  ['srv-a\\x2db', 'srv-a\\x2db.service'],
  ['a.b', 'a.b.service'],
  [`${'a'.repeat(247)}.service`, `${'a'.repeat(247)}.service`],
])('%s is the name of a service', (name, whole) => {
  expect(unitName(name, () => '--unit')).toBe(whole)
})

test.each([
  ['', 'is empty'],
  ['.', 'is not the name of a unit'],
  ['..', 'is not the name of a unit'],
  ['.service', 'is not the name of a unit'],
  ['@a.service', 'is not the name of a unit'],
  ['/srv/prism', 'is a path'],
  ['../prism.service', 'is a path'],
  ['prism*', 'is a pattern'],
  ['prism-[a-z].service', 'is a pattern'],
  ['a\nb.service', 'is not the name of a unit: letters'],
  ['a\x1b[2J', 'is a pattern'],
  ['a\x1bb', 'is not the name of a unit: letters'],
  ['a\0b', 'is not the name of a unit: letters'],
  ['a b', 'is not the name of a unit: letters'],
  ['prism-djangö', 'is not the name of a unit: letters'],
  ['-.service', 'begins with "-"'],
  ['dbus.socket', 'is a socket, not a service'],
  ['init.scope', 'is a scope, not a service'],
  ['-.slice', 'begins with "-"'],
  ['web@.service', 'is a template'],
  ['web@', 'is a template, of which no service runs; name an instance, as in web@1.service'],
  ['a'.repeat(248), 'has 256 characters'],
])('%j is none', (name, why) => {
  expect(() => unitName(name, () => '--unit')).toThrow(why)
  const [message] = [name].map(each => {
    try {
      return unitName(each, () => '--unit')
    } catch (error) {
      return (error as Error).message
    }
  })
  expect(message).toMatch(/^--unit "[^\n\x1b\0]*"[^\n\x1b\0]*$/)
  expect(message?.length).toBeLessThan(220)
})
