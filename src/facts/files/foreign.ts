import {posix} from 'node:path'
import type {Entry, Host} from '../../host/host.ts'
import type {Target} from '../target/target.ts'
import {type Closed, may, type Opener, stillClosed} from './access.ts'
import {isBelow} from './paths.ts'
import {type State, sqliteFiles, type Tree} from './state-tree.ts'

/** As whom the service opens files, and which groups are taken as meant: its own and nginx's. */
export interface Owner {
  readonly opener: Opener
  readonly groups: readonly number[]
}

/** An entry of a tree, or its top, whose path is ''. */
export type Owned = Pick<Entry, 'path' | 'type' | 'mode' | 'uid' | 'gid'>

/** What belongs to somebody else and should not. */
export interface Foreign {
  readonly entries: readonly Owned[]
  /** Those of them that the service cannot use as it must. */
  readonly blocking: readonly Owned[]
}

/** Null where nothing does, or what does is meant. */
export async function findForeign(
  host: Host,
  target: Target,
  owner: Owner,
  tree: State,
): Promise<Foreign | null> {
  const {opener} = owner
  const database = databaseIn(target, tree)
  const entries = foreignIn(owner, tree)
  const inTheWay = entries
    .map(entry => ({
      entry,
      needs: deniedOf(opener, entry, neededOf(target, tree, entry, database)),
    }))
    .filter(({needs}) => needs.length > 0)
  const closed = await stillClosed(host, opener, inTheWay, ({entry, needs}) => ({
    path: pathOf(tree, entry),
    needs,
  }))
  const blocking = closed.map(({entry}) => entry)
  // A database that is only read may be anybody's.
  const isMeant = blocking.length === 0 && database !== null
  return entries.length === 0 || isMeant ? null : {entries, blocking}
}

export function pathOf({top}: Tree, {path}: Pick<Entry, 'path'>): string {
  return path === '' ? top.path : `${top.path}/${path}`
}

function foreignIn({opener, groups}: Owner, {top, entries, isNamed}: State): readonly Owned[] {
  return [{...top.stat, path: ''}, ...entries].filter(({path, type, uid, gid}) => {
    if (type !== 'file' && type !== 'directory') return false
    if (path === 'lost+found') return false
    if (isNamed) return uid !== opener.uid || !groups.includes(gid)
    // Only the application says that it is state, so others may share it; root's was not meant.
    return uid === 0 && opener.uid !== 0
  })
}

/** The alias of the database that a tree of one file is; null of any other. */
function databaseIn(target: Target, {top}: State): string | null {
  if (top.stat.type !== 'file') return null
  const name = posix.basename(top.path)
  const file = [...sqliteFiles(target)].find(([path]) => posix.basename(path) === name)
  return file?.[1] ?? null
}

type Needs = Closed['needs']

/** By its mode. */
function deniedOf(opener: Opener, entry: Owned, needs: Needs): Needs {
  return needs.filter(what => !may(opener, what, entry))
}

/** What the service must be able to do with an entry. */
function neededOf({staticRoot}: Target, tree: State, entry: Owned, database: string | null): Needs {
  // A log is written at its end, and so is the default database; another one may be only read.
  if (database !== null) return database === 'default' ? ['read', 'write'] : ['read']
  if (tree.top.stat.type === 'file') return ['write']
  if (entry.type === 'directory') return ['read', 'write', 'pass']
  const isStatic = staticRoot !== null && isBelow(pathOf(tree, entry), staticRoot)
  // Django removes a file before it writes it anew; WhiteNoise opens the compressed one there is.
  return isStatic && /\.(?:gz|br)$/.test(entry.path) ? ['read', 'write'] : ['read']
}
