import {expect, test} from 'vitest'
import {boundOf} from '../../../src/host/local/guards.ts'

test('the bound of one deployment counts, also beside one that holds many', () => {
  const bounds = ['/var/lib', '/var/lib/prism-django']
  expect(boundOf('/var/lib/prism-django/media', bounds)).toBe('/var/lib/prism-django')
  expect(() => boundOf('/var/lib/another', bounds)).toThrow('/var/lib does not belong to one')
})

test('the widest counts: what lies in another mount than that is not touched', () => {
  expect(boundOf('/srv/shop/media/a', ['/srv/shop', '/srv/shop/media'])).toBe('/srv/shop')
})
