import type {ExecAnswer, Host, Stat} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Component} from './paths.ts'

/** Someone who opens files: a user id and all group ids of the process, the main one first. */
export interface Opener {
  readonly name: string
  readonly uid: number
  readonly groups: readonly number[]
}

const bits = {read: 4, write: 2, pass: 1} as const

/**
 * Whether the mode lets someone in: of the classes of path_resolution(7) only the first that fits
 * counts. Root may do everything; access control lists may admit more.
 */
export function may(
  opener: Opener,
  what: keyof typeof bits,
  {mode, uid, gid}: Pick<Stat, 'mode' | 'uid' | 'gid'>,
): boolean {
  if (opener.uid === 0) return true
  const shift = opener.uid === uid ? 6 : opener.groups.includes(gid) ? 3 : 0
  return ((mode >> shift) & bits[what]) !== 0
}

/** The first directory whose mode keeps someone from passing; null when the way is free. */
export function blockedAt(opener: Opener, components: readonly Component[]): Component | null {
  return wallsOf(opener, components)[0] ?? null
}

/** As blockedAt, with access control lists. */
export async function wallFor(
  host: Host,
  opener: Opener,
  components: readonly Component[],
): Promise<Component | null> {
  const walls = await stillClosed(host, opener, wallsOf(opener, components), ({path}) => ({
    path,
    needs: ['pass'],
  }))
  return walls[0] ?? null
}

function wallsOf(opener: Opener, components: readonly Component[]): readonly Component[] {
  return components.filter(({stat}) => stat.type === 'directory' && !may(opener, 'pass', stat))
}

const flags = {read: '-r', write: '-w', pass: '-x'} as const

/** A path that its mode closes to someone, and what it should let them do. */
export interface Closed {
  readonly path: string
  readonly needs: readonly (keyof typeof bits)[]
}

/** So many are asked about: a list that directories hand on holds for all below. */
const asked = 5

/**
 * Which of these are really closed. No mode tells of an access control list (acl(5)), so the kernel
 * is asked with someone's eyes (test(1), access(2)), one path after the other until one is closed.
 * All of them where nobody can ask.
 */
export async function stillClosed<T>(
  host: Host,
  {name}: Opener,
  closed: readonly T[],
  describe: (entry: T) => Closed,
): Promise<readonly T[]> {
  for (const [index, entry] of closed.slice(0, asked).entries()) {
    const {path, needs} = describe(entry)
    const ask = (what: keyof typeof bits): Promise<ExecAnswer | null> =>
      ifSeen(host.exec(['test', flags[what], path], {question: `may ${what} ${path}`, user: name}))
    const answers = await Promise.all(needs.map(ask))
    if (answers.some(answer => answer?.exitCode !== 0)) return closed.slice(index)
  }
  return []
}

/** 0o750 as "0750". */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
