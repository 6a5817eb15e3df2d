import {mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync} from 'node:fs'
import type {Change} from '../../report/finding.ts'
import type {Alteration, Attributes} from '../hands.ts'
import {attributes, isUnderway, setAttributes} from './attributes.ts'
import {inside, isThere, itself, withEntry} from './descriptors.ts'
import {type Outcome, outcomeOf} from './outcome.ts'

/** Makes, moves aside or removes one entry, where it still is the one that was surveyed. */
export function alterEntry(
  change: Change,
  entry: Alteration,
  parent: number,
  name: string,
): Outcome {
  if (change.kind === 'make') return makeDirectory(parent, name, entry.to)
  return withEntry(parent, name, (_, found) => {
    if (found.ino !== entry.ino) return {why: 'it was replaced meanwhile'}
    if (change.kind === 'remove') {
      unlinkSync(inside(parent, name))
      return 'done'
    }
    if (change.kind !== 'aside') return {why: 'nothing to do'}
    const to = asideName(change, name)
    if (isThere(parent, to)) return {why: `${to} is there already`}
    renameSync(inside(parent, name), inside(parent, to))
    return 'done'
  })
}

function makeDirectory(parent: number, name: string, to: Attributes | null): Outcome {
  if (!to) return {why: 'nothing to do'}
  mkdirSync(inside(parent, name), 0o700)
  const outcome = outcomeOf(() =>
    withEntry(parent, name, (descriptor, found) => {
      // Whoever owns the parent may have put another directory there since: root's own and empty
      // is what was made.
      if (
        !found.isDirectory() ||
        found.uid !== process.geteuid?.() ||
        readdirSync(itself(descriptor)).length > 0
      )
        return {why: 'it was replaced meanwhile'}
      setAttributes(descriptor, to)
      return 'done'
    }),
  )
  // It is made, whatever came of the rest.
  return typeof outcome === 'object' ? {...outcome, begun: true} : outcome
}

/** Undoes what `alterEntry` did. */
export function restoreEntry(
  change: Change,
  {ino, to}: Alteration,
  parent: number,
  name: string,
): Outcome {
  if (change.kind === 'make') return removeMade(parent, name, to)
  if (change.kind === 'aside') return moveBack(parent, name, asideName(change, name), ino)
  return {why: 'what was removed cannot be made again'}
}

function removeMade(parent: number, name: string, made: Attributes | null): Outcome {
  if (!isThere(parent, name)) return 'already'
  const now = withEntry(parent, name, (_, found) => attributes(found))
  // A kill may have left it as mkdir(2) makes it.
  const begun = {uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, mode: 0o700}
  if (!made || !isUnderway(now, begun, made)) return {why: 'it was changed meanwhile'}
  rmdirSync(inside(parent, name))
  return 'done'
}

function moveBack(parent: number, name: string, from: string, ino: number): Outcome {
  const inode = (entry: string): number => withEntry(parent, entry, (_, found) => found.ino)
  // An undo that was killed may have moved it back already.
  if (isThere(parent, name)) return inode(name) === ino ? 'already' : {why: 'a new one is there'}
  if (!isThere(parent, from)) return {why: `${from} is gone`}
  if (inode(from) !== ino) return {why: `${from} was replaced meanwhile`}
  renameSync(inside(parent, from), inside(parent, name))
  return 'done'
}

function asideName(change: Change & {kind: 'aside'}, name: string): string {
  return `${name}.${change.suffix}`
}
