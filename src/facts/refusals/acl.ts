import type {Opener} from '../files/access.ts'
import type {Need, SeenEntry} from './look.ts'

/** Which entry of an access control list, or which bits of the mode, decide (acl(5)). */
export interface Decision {
  readonly by: 'owner' | 'user' | 'group' | 'other'
  readonly isAllowed: boolean
  /** What was admitted is taken away by the list's mask. */
  readonly isMasked: boolean
}

/**
 * `user:998:r-x`: the entries of a list. @param own what the mode does not tell, which holds the mask
 * and what the owner and all others may; else all of them.
 */
export function shownEntries(acl: string, own: boolean): string {
  return entriesOf(acl)
    .filter(({tag}) => !own || ![tags.owner, tags.mask, tags.other].some(each => each === tag))
    .map(({tag, id, bits}) => {
      const whom = tag === tags.user || tag === tags.group ? id : ''
      const letter = (bit: number, name: string): string => ((bits & bit) === 0 ? '-' : name)
      return `${names.get(tag)}:${whom}:${letter(4, 'r')}${letter(2, 'w')}${letter(1, 'x')}`
    })
    .sort()
    .join(' ')
}

interface AclEntry {
  readonly tag: number
  readonly bits: number
  readonly id: number
}

/** linux/posix_acl_xattr.h and linux/posix_acl.h. */
const tags = {
  owner: 0x01,
  user: 0x02,
  groupObject: 0x04,
  group: 0x08,
  mask: 0x10,
  other: 0x20,
} as const

const names: ReadonlyMap<number, string> = new Map([
  [tags.owner, 'user'],
  [tags.user, 'user'],
  [tags.groupObject, 'group'],
  [tags.group, 'group'],
  [tags.mask, 'mask'],
  [tags.other, 'other'],
])

const bitOf: Readonly<Record<Need, number>> = {read: 4, write: 2, pass: 1}

/** What the mode and the access control list of an entry say of someone; root is nobody here. */
export function decide(
  {uid, groups}: Opener,
  need: Need,
  entry: Pick<SeenEntry, 'mode' | 'uid' | 'gid' | 'acl'>,
): Decision {
  const bit = bitOf[need]
  const has = (bits: number): boolean => (bits & bit) !== 0
  const plain = (by: Decision['by'], bits: number): Decision => ({
    by,
    isAllowed: has(bits),
    isMasked: false,
  })
  if (uid === entry.uid) return plain('owner', entry.mode >> 6)
  const list = entriesOf(entry.acl)
  const mask = list.find(({tag}) => tag === tags.mask)?.bits ?? 7
  const limited = (by: Decision['by'], bits: number): Decision => ({
    by,
    isAllowed: has(bits & mask),
    isMasked: has(bits) && !has(mask),
  })
  const named = list.find(({tag, id}) => tag === tags.user && id === uid)
  if (named) return limited('user', named.bits)
  // The group bits of the mode are the mask, where there is a list.
  const ofGroup = list.find(({tag}) => tag === tags.groupObject)?.bits ?? entry.mode >> 3
  const matching = [
    ...(groups.includes(entry.gid) ? [ofGroup] : []),
    ...list.filter(({tag, id}) => tag === tags.group && groups.includes(id)).map(each => each.bits),
  ]
  const admitting = matching.find(bits => has(bits & mask)) ?? matching.find(has) ?? matching[0]
  return admitting === undefined ? plain('other', entry.mode) : limited('group', admitting)
}

/** Whether the group that it belongs to has what is needed. */
export function groupMay(need: Need, {mode, acl}: Pick<SeenEntry, 'mode' | 'acl'>): boolean {
  const list = entriesOf(acl)
  const own = list.find(({tag}) => tag === tags.groupObject)?.bits ?? mode >> 3
  return (own & (mode >> 3) & bitOf[need]) !== 0
}

/** `setfacl -m u:prism:rx`: letters of what is needed. */
export function letters(needs: readonly Need[]): string {
  return (['read', 'write', 'pass'] as const)
    .filter(need => needs.includes(need))
    .map(need => ({read: 'r', write: 'w', pass: 'x'})[need])
    .join('')
}

function entriesOf(acl: string | null): readonly AclEntry[] {
  const bytes = Buffer.from(acl ?? '', 'hex')
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== 2) return []
  return Array.from({length: Math.floor((bytes.length - 4) / 8)}, (_, index) => {
    const at = 4 + index * 8
    return {
      tag: bytes.readUInt16LE(at),
      bits: bytes.readUInt16LE(at + 2),
      id: bytes.readUInt32LE(at + 4),
    }
  })
}
