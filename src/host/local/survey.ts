import {setImmediate} from 'node:timers/promises'
import type {Change} from '../../report/finding.ts'
import {type Alteration, type Attributes, Refused, type Survey} from '../hands.ts'
import {attributes, forbidden, same, wanted} from './attributes.ts'
import {inBytes, isThere, withEntry} from './descriptors.ts'
import {deviatingIn} from './deviating.ts'
import {boundOf, withParent} from './guards.ts'
import {withoutLosses} from './losses.ts'
import type {Left} from './outcome.ts'
import {entriesAt} from './tree.ts'

/**
 * What a change would alter below the directories that the unit and the configuration name.
 * @throws Refused where a guard says no to all of it, or it cannot be looked at.
 */
export async function survey(asked: Change, bounds: readonly string[]): Promise<Survey> {
  const change = {...asked, path: inBytes(asked.path)}
  const bound = boundOf(change.path, bounds.map(inBytes))
  const refused: Left[] = []
  const entries = await existing(change.path, () => entriesOf(change, bound, refused))
  return {change, bound, entries, refused}
}

async function existing<T>(path: string, look: () => T | Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new Refused(`${path} is not there`)
    if (code !== undefined) throw new Refused(`${path} cannot be opened (${code})`)
    throw error
  }
}

function entriesOf(
  change: Change,
  bound: string,
  refused: Left[],
): readonly Alteration[] | Promise<readonly Alteration[]> {
  switch (change.kind) {
    case 'own':
    case 'mode':
      return deviating(change, bound, refused)
    case 'make':
      return makeable(change, bound)
    case 'aside':
    case 'remove':
      return removable(change, bound)
  }
}

/** So many entries are looked at before others have their turn: some milliseconds. */
const atOnce = 200

/** What of a tree has other attributes than it is to have. */
async function deviating(
  change: Change & {kind: 'own' | 'mode'},
  bound: string,
  refused: Left[],
): Promise<readonly Alteration[]> {
  const entries: Alteration[] = []
  const known = new Map<string, Attributes>()
  const paths = await deviatingIn(change, bound, refused)
  let count = 0
  for (const {path, found} of entriesAt(change, bound, paths, refused)) {
    count += 1
    if (count % atOnce === 0) await setImmediate()
    const was = attributes(found)
    const to = wanted(change, found)
    if (same(was, to)) continue
    const why = forbidden(found)
    if (why) refused.push({path, why})
    else entries.push({path, ino: found.ino, was: shared(known, was), to: shared(known, to)})
  }
  return withoutLosses(bound, entries, refused)
}

/** Many entries have the same attributes. */
function shared(known: Map<string, Attributes>, attributes: Attributes): Attributes {
  const key = JSON.stringify(attributes)
  const first = known.get(key)
  if (first) return first
  known.set(key, attributes)
  return attributes
}

/** What is neither a file nor a directory is removed; those two are only moved aside. */
function removable(
  {kind, path}: Change & {kind: 'aside' | 'remove'},
  bound: string,
): readonly Alteration[] {
  return withParent(path, bound, (parent, name) =>
    withEntry(parent, name, (_, found) => {
      const isSpecial = !found.isFile() && !found.isDirectory()
      if (kind === 'remove' && !isSpecial) throw new Refused(`${path} is a file or a directory`)
      if (kind === 'aside' && isSpecial)
        throw new Refused(`${path} is neither a file nor a directory`)
      return [{path, ino: found.ino, was: attributes(found), to: null}]
    }),
  )
}

/** Only the last directory of the path is made: the one above it has to be there. */
function makeable(change: Change & {kind: 'make'}, bound: string): readonly Alteration[] {
  const to = {uid: change.uid, gid: change.gid, mode: change.mode}
  return withParent(change.path, bound, (parent, name) => {
    if (isThere(parent, name)) throw new Refused(`${change.path} is there`)
    return [{path: change.path, ino: 0, was: null, to}]
  })
}
