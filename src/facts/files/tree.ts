import {
  CannotLook,
  type Entry,
  type Host,
  type ListedWalk,
  type WalkAnswer,
} from '../../host/host.ts'
import {visible} from '../../report/escape.ts'
import {ownMounts} from './mounts.ts'
import type {Component} from './paths.ts'

/** A directory and all below it, as one walk found it; paths of entries are relative to the top. */
export type Tree = Top & WalkAnswer

/** A tree that is small enough to have every entry by its name. */
export type ListedTree = Top & ListedWalk

interface Top {
  /** The directory itself, links followed. */
  readonly top: Component
}

/** What is known of one entry, and of many that are alike. */
export interface Traits extends Pick<Entry, 'type' | 'mode' | 'uid' | 'gid'> {
  /** A directory that it is or lies in: the entry itself, or one that was told apart, or the top. */
  readonly place: string
  /** Whether the name ends in .gz or .br. */
  readonly compressed: boolean
}

/** Some entries of a tree. */
export interface Selection<T = Entry> {
  readonly count: number
  /** The first of them; of a large tree at least one of each kind. */
  readonly first: readonly T[]
}

/** The entries of a tree, without its top, of which something is true. */
export function select(tree: Tree, isMeant: (traits: Traits) => boolean): Selection {
  const {path} = tree.top
  if (!tree.truncated) {
    const first = tree.entries.filter(entry => isMeant(traitsOf(tree, entry)))
    return {count: first.length, first}
  }
  const kinds = tree.kinds.filter(({apart, ...kind}) =>
    isMeant({...kind, place: apart === null ? path : `${path}/${apart}`}),
  )
  // One of each kind comes first: whoever asks about a few has asked about all kinds.
  const ones = kinds.map(({named: [one]}) => one)
  return {count: sum(kinds), first: [...ones, ...kinds.flatMap(({named: [, ...more]}) => more)]}
}

/** Of an entry that a walk listed or named. */
export function traitsOf(
  {top}: Tree,
  {path, type, mode, uid, gid}: Pick<Entry, 'path' | 'type' | 'mode' | 'uid' | 'gid'>,
): Traits {
  const compressed = /\.(?:gz|br)$/.test(path)
  return {type, mode, uid, gid, compressed, place: `${top.path}/${path}`}
}

/** What is left of a selection when some of the first are not meant after all. */
export function withFirst<T>({count, first}: Selection<T>, left: readonly T[]): Selection<T> {
  return {count: left.length === 0 ? 0 : count - first.length + left.length, first: left}
}

/** Entries of a tree, without its top. */
export function countOf(tree: Tree): number {
  return tree.truncated ? sum(tree.kinds) + tree.unjudged : tree.entries.length
}

function sum(counted: readonly {readonly count: number}[]): number {
  return counted.reduce((total, {count}) => total + count, 0)
}

/**
 * Whoever has found no fault calls this before saying so. Another mount is no part of a tree: also
 * one that lets nobody but its owner look (FUSE without allow_other) hides none of it, but is told.
 * @param others why nobody could look at others.
 * @returns what is to be said behind an all-clear: nothing, or which mounts those are.
 * @throws CannotLook where some of the trees was not seen.
 */
export async function assertSeen(
  host: Host,
  trees: readonly Tree[],
  [other]: readonly CannotLook[],
): Promise<string> {
  if (other) throw other
  const unreadable = [...new Set(trees.flatMap(tree => tree.unreadable))]
  const mounts = unreadable.length > 0 ? await ownMounts(host) : []
  const points = new Set(mounts.map(({point}) => point))
  const hidden = unreadable.find(path => !points.has(path))
  if (hidden !== undefined)
    throw new CannotLook(`${visible(hidden)} may not be read by this user`, {privilege: true})
  const vague = trees.find(tree => tree.truncated && tree.unjudged > 0)
  if (vague?.truncated)
    throw new CannotLook(
      `${vague.unjudged} of ${countOf(vague)} entries below ${vague.top.path} were not judged: there are too many kinds, or they lie too deep`,
    )
  return unreadable.length > 0 ? `; not looked into, as another mount: ${firstFew(unreadable)}` : ''
}

/** So many are named; the others are counted. */
const named = 3

/**
 * "a, b, c and 9 more", on one line whatever the names hold.
 * @param count Of all of them, where not all names are known.
 */
export function firstFew(names: readonly string[], count = names.length): string {
  const few = names.slice(0, named)
  const more = count - few.length
  const shown = few.map(visible).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
