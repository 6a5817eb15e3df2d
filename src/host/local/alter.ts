import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs'
import {posix} from 'node:path'
import type {Change} from '../../report/finding.ts'
import {type Alteration, type Altered, type Attributes, Refused, type Survey} from '../hands.ts'
import {inside, itself, mountOf, openEntry, withDirectory, withEntry} from './descriptors.ts'
import {boundOf} from './guards.ts'

/** Deeper trees and larger ones are no state of a web application; each level holds a descriptor. */
const maxDepth = 100
const maxEntries = 1_000_000

type Left = {path: string; why: string}

/** What a change would alter below the directories that the unit and the configuration name. */
export function survey(asked: Change, bounds: readonly string[]): Survey {
  const change = {...asked, path: inBytes(asked.path)}
  const bound = boundOf(change.path, bounds.map(inBytes))
  const refused: Left[] = []
  const entries = existing(change.path, () => entriesOf(change, bound, refused))
  return {change, bound, entries, refused}
}

/** A path that was read as UTF-8, as names are looked up here: bytes, read as latin1. */
function inBytes(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1')
}

function existing<T>(path: string, look: () => T): T {
  try {
    return look()
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new Refused(`${path} is not there`)
    if (code !== undefined) throw new Refused(`${path} cannot be opened (${code})`)
    throw error
  }
}

function entriesOf(change: Change, bound: string, refused: Left[]): readonly Alteration[] {
  switch (change.kind) {
    case 'own':
    case 'mode': {
      const entries: Alteration[] = []
      visit(change, bound, refused, (path, found) => {
        const was = attributes(found)
        const to = wanted(change, found)
        if (same(was, to)) return
        const why = forbidden(found)
        if (why) refused.push({path, why})
        else entries.push({path, ino: found.ino, was, to})
      })
      return entries
    }
    case 'make':
      return makeable(change, bound)
    case 'aside':
    case 'remove':
      return withParent(change.path, bound, (parent, name) =>
        withEntry(parent, name, (_, found) => {
          const special = !found.isFile() && !found.isDirectory()
          if (change.kind === 'remove' && !special) throw new Refused(`${change.path} is a file or a directory`)
          if (change.kind === 'aside' && special) throw new Refused(`${change.path} is no file and no directory`)
          return [{path: change.path, ino: found.ino, was: attributes(found), to: null}]
        }),
      )
  }
}

/** The directories on the way that are missing, too: only the last one is asked for. */
function makeable(change: Change & {kind: 'make'}, bound: string): readonly Alteration[] {
  const to = {uid: change.uid, gid: change.gid, mode: change.mode}
  return withParent(change.path, bound, (parent, name) => {
    if (isThere(parent, name)) throw new Refused(`${change.path} is there`)
    return [{path: change.path, ino: 0, was: null, to}]
  })
}

export function alter({change, bound, entries}: Survey): Altered {
  if (change.kind === 'own' || change.kind === 'mode') return alterTree(change, bound, entries, 'to')
  const [entry] = entries
  if (!entry) return {done: 0, left: []}
  return attempt(entry.path, () => withParent(entry.path, bound, (parent, name) => place(change, entry, parent, name)))
}

/** Undoes what `alter` did of the same survey. */
export function restore({change, bound, entries}: Survey): Altered {
  if (change.kind === 'own' || change.kind === 'mode') return alterTree(change, bound, entries, 'was')
  const [entry] = entries
  if (!entry) return {done: 0, left: []}
  return attempt(entry.path, () =>
    withParent(entry.path, bound, (parent, name) => {
      if (change.kind === 'make') return removeMade(parent, name, entry.to)
      if (change.kind === 'aside') return moveBack(parent, name, asideName(change, name), entry.ino)
      return 'what was removed cannot be made again'
    }),
  )
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
    if (!(error instanceof Refused) && (error as NodeJS.ErrnoException).code === undefined) throw error
  }
  return [...pending.keys()]
}

/** Null when it was done, else why not. */
type Outcome = string | null

function attempt(path: string, act: () => Outcome): Altered {
  let why: Outcome
  try {
    why = act()
  } catch (error) {
    if (!(error instanceof Refused) && (error as NodeJS.ErrnoException).code === undefined) throw error
    why = reason(error)
  }
  return why === null ? {done: 1, left: []} : {done: 0, left: [{path, why}]}
}

function place(change: Change, entry: Alteration, parent: number, name: string): Outcome {
  if (change.kind === 'make') return makeDirectory(parent, name, entry.to)
  return withEntry(parent, name, (_, found) => {
    if (found.ino !== entry.ino) return 'it was replaced meanwhile'
    if (change.kind === 'remove') {
      unlinkSync(inside(parent, name))
      return null
    }
    if (change.kind !== 'aside') return 'nothing to do'
    const to = asideName(change, name)
    if (isThere(parent, to)) return `${to} is there already`
    renameSync(inside(parent, name), inside(parent, to))
    return null
  })
}

function makeDirectory(parent: number, name: string, to: Attributes | null): Outcome {
  if (!to) return 'nothing to do'
  mkdirSync(inside(parent, name), 0o700)
  return withEntry(parent, name, (descriptor, found) => {
    // Whoever owns the parent may have put another directory there since: root's own and empty is what was made.
    if (!found.isDirectory() || found.uid !== process.geteuid?.() || readdirSync(itself(descriptor)).length > 0)
      return 'it was replaced meanwhile'
    set(descriptor, to)
    return null
  })
}

function removeMade(parent: number, name: string, made: Attributes | null): Outcome {
  if (!isThere(parent, name)) return null
  const now = withEntry(parent, name, (_, found) => attributes(found))
  // A kill may have left it as mkdir(2) makes it.
  const begun = {uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, mode: 0o700}
  if (!made || !isUnderway(now, begun, made)) return 'it was changed meanwhile'
  rmdirSync(inside(parent, name))
  return null
}

function moveBack(parent: number, name: string, from: string, ino: number): Outcome {
  const inode = (entry: string): number => withEntry(parent, entry, (_, found) => found.ino)
  // An undo that was killed may have moved it back already.
  if (isThere(parent, name)) return inode(name) === ino ? null : 'a new one is there'
  if (!isThere(parent, from)) return `${from} is gone`
  if (inode(from) !== ino) return `${from} was replaced meanwhile`
  renameSync(inside(parent, from), inside(parent, name))
  return null
}

function asideName(change: Change & {kind: 'aside'}, name: string): string {
  return `${name}.${change.suffix}`
}

function isThere(parent: number, name: string): boolean {
  return lstatSync(inside(parent, name), {throwIfNoEntry: false}) !== undefined
}

/** Passes through the tree again and sets what was surveyed, where an entry is still the one that was seen. */
function alterTree(change: Change, bound: string, entries: readonly Alteration[], end: 'was' | 'to'): Altered {
  const pending = new Map(entries.map(entry => [entry.path, entry]))
  const left: Left[] = []
  let done = 0
  try {
    visit(change, bound, left, (path, found, descriptor) => {
      const entry = pending.get(path)
      if (!entry?.was || !entry.to) return
      pending.delete(path)
      const kept = end === 'was' && isPrivileged(entry.was, entry.to, found)
      const was = kept ? {...entry.was, mode: entry.was.mode & 0o1777} : entry.was
      const [before, after] = end === 'to' ? [was, entry.to] : [entry.to, was]
      const now = attributes(found)
      if (found.ino !== entry.ino) left.push({path, why: 'it was replaced meanwhile'})
      else if (same(now, end === 'to' ? entry.to : entry.was)) done += 1
      else if (!isUnderway(now, before, after)) left.push({path, why: 'it was changed meanwhile'})
      else {
        const why = forbidden(found) ?? trySet(descriptor, after)
        if (why !== null) left.push({path, why})
        else if (kept)
          left.push({path, why: 'its set-user-ID bits are not given back: its owner may have written to it'})
        else done += 1
      }
    })
  } catch (error) {
    if (!(error instanceof Refused) && (error as NodeJS.ErrnoException).code === undefined) throw error
    for (const path of pending.keys()) left.push({path, why: reason(error)})
    return {done, left}
  }
  const named = new Set(left.map(({path}) => path))
  for (const path of pending.keys()) if (!named.has(path)) left.push({path, why: 'it is gone'})
  // What was refused in the survey, or has appeared since, is no entry of it.
  const surveyed = new Set(entries.map(({path}) => path))
  return {done, left: left.filter(({path}) => surveyed.has(path))}
}

/** Whether a file would become what runs with another's rights, after its contents were in the hands of the service. */
function isPrivileged(was: Attributes, to: Attributes, found: Stats): boolean {
  const isOthers = was.uid !== to.uid || was.gid !== to.gid
  return found.isFile() && isOthers && (was.mode & 0o6000) !== 0
}

/** As before, or between the two system calls of one change, where a kill may have left it. */
function isUnderway(now: Attributes, before: Attributes, after: Attributes): boolean {
  const owned = [before, after].some(({uid, gid}) => now.uid === uid && now.gid === gid)
  return owned && [before.mode, after.mode, before.mode & 0o1777, after.mode & 0o1777].includes(now.mode)
}

function trySet(descriptor: number, to: Attributes): Outcome {
  try {
    set(descriptor, to)
    return null
  } catch (error) {
    return reason(error)
  }
}

/** chown(2) clears the set-user-ID bits, so the mode comes last. */
function set(descriptor: number, to: Attributes): void {
  const now = fstatSync(descriptor)
  if (now.uid !== to.uid || now.gid !== to.gid) chownSync(itself(descriptor), to.uid, to.gid)
  if ((fstatSync(descriptor).mode & 0o7777) !== to.mode) chmodSync(itself(descriptor), to.mode)
}

function reason(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return code ?? message
}

/** Why an entry is never altered, or null. */
function forbidden(found: Stats): string | null {
  if (found.isFile() && found.nlink > 1) return `it has ${found.nlink} links: another name of it may lie elsewhere`
  return null
}

function wanted(change: Change, found: Stats): Attributes {
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

function attributes({uid, gid, mode}: Stats): Attributes {
  return {uid, gid, mode: mode & 0o7777}
}

function same(a: Attributes, b: Attributes): boolean {
  return a.uid === b.uid && a.gid === b.gid && a.mode === b.mode
}

/** Runs with the directory that an entry lies in; everything from the bound on lies in the bound's own mount. */
function withParent<T>(path: string, bound: string, use: (parent: number, name: string) => T): T {
  // What a journal says is held against the same guards.
  boundOf(path, [bound])
  const parent = posix.dirname(path)
  return withDirectory(parent, directory => {
    if (path !== bound) assertSameMount(bound, directory, parent)
    return use(directory, posix.basename(path))
  })
}

function assertSameMount(bound: string, descriptor: number, path: string): void {
  const mount = withDirectory(bound, mountOf)
  if (mountOf(descriptor) !== mount) throw new Refused(`${path} is another mount than ${bound}`)
}

type Visitor = (path: string, found: Stats, descriptor: number) => void

/** Files and directories of a change's tree, each by a descriptor; what lies in another mount is refused and not entered. */
function visit(change: Change, bound: string, refused: Left[], visitor: Visitor): void {
  let count = 0
  const mount = withDirectory(bound, mountOf)
  const enter = (path: string, descriptor: number, found: Stats, depth: number): void => {
    count += 1
    if (count > maxEntries) throw new Refused(`${change.path} has more than ${maxEntries} entries`)
    if (!found.isFile() && !found.isDirectory()) return
    if (mountOf(descriptor) !== mount) {
      refused.push({path, why: 'it is another mount'})
      return
    }
    visitor(path, found, descriptor)
    if (!found.isDirectory() || (change.kind === 'mode' && !change.recursive)) return
    if (depth > maxDepth) {
      refused.push({path, why: `it lies deeper than ${maxDepth} directories`})
      return
    }
    for (const name of readdirSync(itself(descriptor), {encoding: 'latin1'})) {
      if (depth === 0 && name === 'lost+found') continue
      descend(path, descriptor, name, depth + 1)
    }
  }
  const descend = (path: string, directory: number, name: string, depth: number): void => {
    let descriptor: number
    try {
      descriptor = openEntry(directory, name)
    } catch (error) {
      // It went away after it was listed, or another mount hides it.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      refused.push({path: `${path}/${name}`, why: reason(error)})
      return
    }
    try {
      enter(`${path}/${name}`, descriptor, fstatSync(descriptor), depth)
    } finally {
      closeSync(descriptor)
    }
  }
  const start = (directory: number, found: Stats): void => enter(change.path, directory, found, 0)
  withParent(change.path, bound, (parent, name) =>
    withEntry(parent, name, (descriptor, found) => {
      if (found.isSymbolicLink()) throw new Refused(`${change.path} is a symbolic link`)
      start(descriptor, found)
    }),
  )
}
