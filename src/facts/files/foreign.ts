import {posix} from 'node:path'
import type {Entry, Host} from '../../host/host.ts'
import type {Target} from '../target/target.ts'
import {type Closed, may, type Opener, stillClosed} from './access.ts'
import {isBelow} from './paths.ts'
import {lostAndFound, type State, sqliteFiles} from './state-tree.ts'
import {type Selection, select, type Traits, type Tree, traitsOf, withFirst} from './tree.ts'

/** As whom the service opens files, and which groups are taken as meant: its own and nginx's. */
export interface Owner {
  readonly opener: Opener
  readonly groups: readonly number[]
}

/** An entry of a tree, or its top, whose path is ''. */
export type Owned = Pick<Entry, 'path' | 'type' | 'mode' | 'uid' | 'gid'>

/** What belongs to somebody else and should not. */
export interface Foreign {
  readonly entries: Selection<Owned>
  /** Those of them that the service cannot use as it must. */
  readonly blocking: Selection<Owned>
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
  const entries = selectAll(tree, traits => isForeign(owner, tree, traits))
  const denied = (traits: Traits): Needs =>
    deniedOf(opener, traits, neededOf(target, tree, traits, database))
  const inTheWay = selectAll(
    tree,
    traits => isForeign(owner, tree, traits) && denied(traits).length > 0,
  )
  const closed = await stillClosed(host, opener, inTheWay.first, entry => ({
    path: pathOf(tree, entry),
    needs: denied(entry.path === '' ? topOf(tree) : traitsOf(tree, entry)),
  }))
  const blocking = withFirst(inTheWay, closed)
  // A database that is only read may be anybody's.
  const isMeant = blocking.count === 0 && database !== null
  return entries.count === 0 || isMeant ? null : {entries, blocking}
}

/** As `select`, the top first. */
function selectAll(tree: Tree, isMeant: (traits: Traits) => boolean): Selection<Owned> {
  const below = select(tree, isMeant)
  if (!isMeant(topOf(tree))) return below
  return {count: below.count + 1, first: [{...tree.top.stat, path: ''}, ...below.first]}
}

function topOf({top}: Tree): Traits {
  return {...top.stat, place: top.path, compressed: false}
}

export function pathOf({top}: Tree, {path}: Pick<Entry, 'path'>): string {
  return path === '' ? top.path : `${top.path}/${path}`
}

function isForeign(
  {opener, groups}: Owner,
  {top, isNamed}: State,
  {place, type, uid, gid}: Traits,
): boolean {
  if (type !== 'file' && type !== 'directory') return false
  if (isBelow(place, `${top.path}/${lostAndFound}`)) return false
  if (isNamed) return uid !== opener.uid || !groups.includes(gid)
  // Only the application says that it is state, so others may share it; root's was not meant.
  return uid === 0 && opener.uid !== 0
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
function deniedOf(opener: Opener, traits: Traits, needs: Needs): Needs {
  return needs.filter(what => !may(opener, what, traits))
}

/** What the service must be able to do with an entry. */
function neededOf(
  {staticRoot}: Target,
  {top}: State,
  {type, place, compressed}: Traits,
  database: string | null,
): Needs {
  // A log is written at its end, and so is the default database; another one may be only read.
  if (database !== null) return database === 'default' ? ['read', 'write'] : ['read']
  if (top.stat.type === 'file') return ['write']
  if (type === 'directory') return ['read', 'write', 'pass']
  const isStatic = staticRoot !== null && isBelow(place, staticRoot)
  // Django removes a file before it writes it anew; WhiteNoise opens the compressed one there is.
  return isStatic && compressed ? ['read', 'write'] : ['read']
}
