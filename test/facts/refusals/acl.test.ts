import {expect, it} from 'vitest'
import {decide, groupMay, letters} from '../../../src/facts/refusals/acl.ts'

const prism = {name: 'prism', uid: 990, groups: [990, 33]}

/** As the kernel hands it out: linux/posix_acl_xattr.h. */
function acl(...entries: readonly (readonly [tag: number, bits: number, id?: number])[]): string {
  const bytes = Buffer.alloc(4 + entries.length * 8)
  bytes.writeUInt32LE(2)
  for (const [index, [tag, bits, id = 0xffff_ffff]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + index * 8)
    bytes.writeUInt16LE(bits, 6 + index * 8)
    bytes.writeUInt32LE(id, 8 + index * 8)
  }
  return bytes.toString('hex')
}

const entry = (mode: number, uid = 0, gid = 0, list: string | null = null) => ({
  mode,
  uid,
  gid,
  acl: list,
})

it('counts the first class of the mode that fits', () => {
  expect(decide(prism, 'read', entry(0o077, 990))).toMatchObject({by: 'owner', isAllowed: false})
  expect(decide(prism, 'read', entry(0o604, 0, 33))).toMatchObject({by: 'group', isAllowed: false})
  expect(decide(prism, 'pass', entry(0o711))).toMatchObject({by: 'other', isAllowed: true})
})

it('tells a mask from an entry that denies', () => {
  const masked = acl([1, 6], [2, 4, 990], [4, 0], [0x10, 0], [0x20, 0])
  expect(decide(prism, 'read', entry(0o600, 0, 0, masked))).toEqual({
    by: 'user',
    isAllowed: false,
    isMasked: true,
  })
  const denied = acl([1, 6], [2, 0, 990], [4, 4], [0x10, 4], [0x20, 4])
  expect(decide(prism, 'read', entry(0o644, 0, 0, denied))).toEqual({
    by: 'user',
    isAllowed: false,
    isMasked: false,
  })
  const byGroup = acl([1, 6], [4, 0], [8, 4, 33], [0x10, 4], [0x20, 0])
  expect(decide(prism, 'read', entry(0o640, 0, 0, byGroup))).toMatchObject({
    by: 'group',
    isAllowed: true,
  })
})

it('knows whether a group would help, and how that is written', () => {
  expect(groupMay('read', entry(0o640))).toBe(true)
  expect(groupMay('write', entry(0o640))).toBe(false)
  expect(letters(['pass', 'read'])).toBe('rx')
})
