import {expect, test} from 'vitest'
import {may} from '../../../src/facts/files/access.ts'

const prism = {name: 'prism', uid: 5100, groups: [5100, 60]}

test.each([
  // The owner's bits alone count for the owner, be the others' wider.
  [0o0077, 5100, 5100, false],
  [0o0400, 5100, 0, true],
  // The group's alone for a member, a supplementary one too.
  [0o0707, 0, 60, false],
  [0o0040, 0, 60, true],
  [0o0004, 0, 0, true],
  [0o0770, 0, 0, false],
])('mode %o of %i:%i lets prism read: %s', (mode, uid, gid, expected) => {
  expect(may(prism, 'read', {mode, uid, gid})).toBe(expected)
})

test('root may everything', () => {
  expect(may({name: 'root', uid: 0, groups: [0]}, 'write', {mode: 0, uid: 5100, gid: 5100})).toBe(
    true,
  )
})
