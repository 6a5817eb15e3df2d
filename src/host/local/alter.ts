import {lstatSync, type Stats} from 'node:fs'
import type {Change} from '../../report/finding.ts'
import type {Alteration, Altered, Attributes, Survey} from '../hands.ts'
import {attributes, forbidden, isPrivileged, isUnderway, same, setAttributes} from './attributes.ts'
import {inside} from './descriptors.ts'
import {alterEntry, restoreEntry} from './entry.ts'
import {withParent} from './guards.ts'
import {type Left, type Outcome, outcomeOf, reasonOf} from './outcome.ts'
import {visit} from './tree.ts'

/** Makes the change of a survey. */
export function alter({change, bound, entries}: Survey): Altered {
  if (change.kind === 'own' || change.kind === 'mode')
    return alterTree(change, bound, entries, 'to')
  return oneOf(entries, bound, (entry, parent, name) => alterEntry(change, entry, parent, name))
}

/** Undoes what `alter` did of the same survey. */
export function restore({change, bound, entries}: Survey): Altered {
  if (change.kind === 'own' || change.kind === 'mode')
    return alterTree(change, bound, entries, 'was')
  return oneOf(entries, bound, (entry, parent, name) => restoreEntry(change, entry, parent, name))
}

/** The one entry of a change that is not about a tree. */
function oneOf(
  [entry]: readonly Alteration[],
  bound: string,
  act: (entry: Alteration, parent: number, name: string) => Outcome,
): Altered {
  if (!entry) return {done: 0, left: []}
  const {path} = entry
  const why = outcomeOf(() => withParent(path, bound, (parent, name) => act(entry, parent, name)))
  return why === null ? {done: 1, left: []} : {done: 0, left: [{path, why}]}
}

/** What of a survey is not as it was before `alter`, by a look of its own. */
export function unrestored({change, bound, entries}: Survey): readonly string[] {
  const pending = new Map(entries.map(entry => [entry.path, entry]))
  const isBack = (path: string, found: Stats): boolean => {
    const entry = pending.get(path)
    return !!entry?.was && entry.ino === found.ino && same(attributes(found), entry.was)
  }
  try {
    if (change.kind === 'own' || change.kind === 'mode') {
      visit(change, bound, [], (path, found) => isBack(path, found) && pending.delete(path))
    } else {
      withParent(change.path, bound, (parent, name) => {
        const found = lstatSync(inside(parent, name), {throwIfNoEntry: false})
        if (found ? isBack(change.path, found) : change.kind === 'make') pending.delete(change.path)
      })
    }
  } catch (error) {
    // Whatever could not be looked at is still pending.
    reasonOf(error)
  }
  return [...pending.keys()]
}

/**
 * Passes through the tree again and sets what was surveyed, where an entry is still the one that
 * was seen.
 */
function alterTree(
  change: Change,
  bound: string,
  entries: readonly Alteration[],
  end: 'was' | 'to',
): Altered {
  const pending = new Map(entries.map(entry => [entry.path, entry]))
  const left: Left[] = []
  let done = 0
  try {
    visit(change, bound, left, (path, found, descriptor) => {
      const {ino, was, to} = pending.get(path) ?? {}
      if (!was || !to) return
      pending.delete(path)
      const why =
        found.ino === ino ? turn({was, to, end}, found, descriptor) : 'it was replaced meanwhile'
      if (why === null) done += 1
      else left.push({path, why})
    })
  } catch (error) {
    const why = reasonOf(error)
    for (const path of pending.keys()) left.push({path, why})
    return {done, left}
  }
  const named = new Set(left.map(({path}) => path))
  for (const path of pending.keys()) if (!named.has(path)) left.push({path, why: 'it is gone'})
  // What the survey refused, or what has appeared since, does not belong to it.
  const surveyed = new Set(entries.map(({path}) => path))
  return {done, left: left.filter(({path}) => surveyed.has(path))}
}

/** Gives an entry the attributes that it had before a change, or is to have after it. */
function turn(
  {was, to, end}: {readonly was: Attributes; readonly to: Attributes; readonly end: 'was' | 'to'},
  found: Stats,
  descriptor: number,
): Outcome {
  const isKept = end === 'was' && isPrivileged(was, to, found)
  const former = isKept ? {...was, mode: was.mode & 0o1777} : was
  const [before, after] = end === 'to' ? [former, to] : [to, former]
  const now = attributes(found)
  if (same(now, end === 'to' ? to : was)) return null
  if (!isUnderway(now, before, after)) return 'it was changed meanwhile'
  return (
    forbidden(found) ??
    outcomeOf(() => {
      setAttributes(descriptor, after)
      return isKept
        ? 'its set-user-ID bits are not given back: its owner may have written to it'
        : null
    })
  )
}
