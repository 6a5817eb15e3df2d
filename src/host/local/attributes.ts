import {chmodSync, chownSync, fstatSync, type Stats} from 'node:fs'
import type {Change} from '../../report/finding.ts'
import type {Attributes} from '../hands.ts'
import {itself} from './descriptors.ts'

export function attributes({uid, gid, mode}: Stats): Attributes {
  return {uid, gid, mode: mode & 0o7777}
}

export function same(a: Attributes, b: Attributes): boolean {
  return a.uid === b.uid && a.gid === b.gid && a.mode === b.mode
}

/** What an entry is to become. */
export function wanted(change: Change, found: Stats): Attributes {
  const {uid, gid, mode} = attributes(found)
  if (change.kind === 'own') {
    const owned = {uid: change.uid, gid: change.groups.includes(gid) ? gid : change.gid}
    // What was root's and set-user-ID must not be that for the service.
    const isSame = owned.uid === uid && owned.gid === gid
    return {...owned, mode: isSame || !found.isFile() ? mode : mode & 0o1777}
  }
  if (change.kind !== 'mode') return {uid, gid, mode}
  const passable = found.isDirectory() || (mode & 0o111) !== 0
  return {uid, gid, mode: mode | (passable ? change.add : change.add & ~0o111)}
}

/** As before, or between the two system calls of one change, where a kill may have left it. */
export function isUnderway(now: Attributes, before: Attributes, after: Attributes): boolean {
  const owned = [before, after].some(({uid, gid}) => now.uid === uid && now.gid === gid)
  return (
    owned && [before.mode, after.mode, before.mode & 0o1777, after.mode & 0o1777].includes(now.mode)
  )
}

/**
 * Whether a file would become what runs with another's rights, after its contents were in the hands
 * of the service.
 */
export function isPrivileged(was: Attributes, to: Attributes, found: Stats): boolean {
  const isOthers = was.uid !== to.uid || was.gid !== to.gid
  return found.isFile() && isOthers && (was.mode & 0o6000) !== 0
}

/** Why an entry is never altered, or null. */
export function forbidden(found: Stats): string | null {
  if (found.isFile() && found.nlink > 1)
    return `it has ${found.nlink} links: another name of it may lie elsewhere`
  return null
}

/** chown(2) clears the set-user-ID bits, so the mode comes last. */
export function setAttributes(descriptor: number, to: Attributes): void {
  const now = fstatSync(descriptor)
  if (now.uid !== to.uid || now.gid !== to.gid) chownSync(itself(descriptor), to.uid, to.gid)
  if ((fstatSync(descriptor).mode & 0o7777) !== to.mode) chmodSync(itself(descriptor), to.mode)
}
