import {fstatSync, lstatSync, type Stats} from 'node:fs'
import type {Change} from '../../report/finding.ts'
import type {Alteration, Altered, Attributes, Survey} from '../hands.ts'
import {attributes, forbidden, isPrivileged, isUnderway, same, setAttributes} from './attributes.ts'
import {inside} from './descriptors.ts'
import {alterEntry, restoreEntry} from './entry.ts'
import {withParent} from './guards.ts'
import {type Losses, lossesOf} from './losses.ts'
import {type Left, type Outcome, outcomeOf, reasonOf} from './outcome.ts'
import {entriesAt} from './tree.ts'

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
  const tally = newTally()
  if (entry) {
    const {path} = entry
    const outcome = outcomeOf(() =>
      withParent(path, bound, (parent, name) => act(entry, parent, name)),
    )
    count(tally, path, outcome)
  }
  return tally
}

/** What became of the entries so far. */
interface Tally extends Altered {
  done: number
  readonly left: Left[]
  readonly untouched: string[]
}

function newTally(): Tally {
  return {done: 0, left: [], untouched: []}
}

function count(tally: Tally, path: string, outcome: Outcome): void {
  if (outcome === 'done') tally.done += 1
  else if (outcome === 'already') tally.untouched.push(path)
  else {
    tally.left.push({path, why: outcome.why})
    if (!outcome.begun) tally.untouched.push(path)
  }
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
      const paths = entries.map(({path}) => path)
      for (const {path, found} of entriesAt(change, bound, paths, []))
        if (isBack(path, found)) pending.delete(path)
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

/** Goes to what was surveyed and sets it, where an entry is still the one that was seen. */
function alterTree(
  change: Change,
  bound: string,
  entries: readonly Alteration[],
  end: 'was' | 'to',
): Altered {
  const pending = new Map(entries.map(entry => [entry.path, entry]))
  const refused: Left[] = []
  const tally = newTally()
  const leave = (path: string, why: string): void => {
    if (pending.delete(path)) count(tally, path, {why})
  }
  try {
    // Of what is to be altered the survey has told just now.
    const losses: Losses =
      end === 'was' ? lossesOf(bound, entries, entries.filter(isExecuted)) : new Map()
    const paths = entries.map(({path}) => path)
    for (const {path, found, descriptor} of entriesAt(change, bound, paths, refused)) {
      const {ino, was, to} = pending.get(path) ?? {}
      if (!was || !to) continue
      const loss = losses.get(path)
      if (found.ino !== ino) leave(path, 'it was replaced meanwhile')
      else if (loss !== undefined) leave(path, loss)
      else if (pending.delete(path)) count(tally, path, turn({was, to, end}, found, descriptor))
    }
  } catch (error) {
    const why = reasonOf(error)
    for (const path of pending.keys()) leave(path, why)
  }
  // What the survey refused, or what has appeared since, does not belong to it.
  for (const {path, why} of refused) leave(path, why)
  for (const path of pending.keys()) leave(path, 'it is gone')
  return tally
}

/** What is given capabilities after a change is meant to be executed. */
function isExecuted({to}: Alteration): boolean {
  return ((to?.mode ?? 0) & 0o111) !== 0
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
  if (same(now, end === 'to' ? to : was)) return 'already'
  if (!isUnderway(now, before, after)) return {why: 'it was changed meanwhile'}
  const why = forbidden(found)
  if (why !== null) return {why}
  const outcome = outcomeOf(() => {
    setAttributes(descriptor, after)
    return isKept
      ? {why: 'its set-user-ID bits are not given back: its owner may have written to it'}
      : 'done'
  })
  // chown(2) may have worked, and chmod(2) not.
  const isBegun = typeof outcome === 'object' && !same(attributes(fstatSync(descriptor)), now)
  return isBegun ? {...outcome, begun: true} : outcome
}
