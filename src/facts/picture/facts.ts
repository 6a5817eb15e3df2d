import type {Host, Stat} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Fact} from '../../report/fact.ts'
import {digestOf} from './digest.ts'
import {holdsKey, withoutKeys} from './discretion.ts'

/** What a fact may have beside its name, its source and its value. */
export type More = Pick<Fact, 'secret' | 'at'>

/**
 * A fact whose name and value are the same wherever Nix has put a thing. Of a value with a part that
 * looks like a key nothing is told.
 */
export function factOf(name: string, source: string, value: string, more: More = {}): Fact {
  const [called, said] = [withoutKeys(lasting(name)), lasting(oneLine(value))]
  if (!more.secret && holdsKey(said)) return discreetFact(called, source, said, more)
  return {name: called, source, value: said, ...more}
}

/**
 * A fact of which only it is told that it has changed. Nobody is told to hide its value elsewhere: it
 * may be a word like any other.
 */
export function discreetFact(name: string, source: string, value: string, more: More = {}): Fact {
  const digest = digestOf(oneLine(value))
  return {name: withoutKeys(lasting(name)), source, value: digest, ...more, secret: true}
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/**
 * Every rebuild gives whatever depends on what changed another hash: the path of the package is a
 * fact of its own, and no other fact changes with it. Secrets are installed in a numbered directory
 * each time.
 */
export function lasting(text: string): string {
  return text.replace(
    /(\/nix\/store\/)[0-9a-z]{32}(?=-)|(\/run\/(?:secrets|agenix)\.d\/)\d+/g,
    (_, store: string | undefined, secrets: string) => `${store ?? secrets}…`,
  )
}

/** When a file was changed last; nothing for what Nix dates to the epoch, and for no file. */
export function changedAt(...stats: readonly (Pick<Stat, 'mtime'> | null)[]): Pick<Fact, 'at'> {
  const at = Math.max(...stats.map(stat => stat?.mtime ?? 0))
  return at > 86_400_000 ? {at} : {}
}

/** When a file was changed last, without a look at what Nix dates to the epoch anyway. */
export async function fileChangedAt(host: Host, path: string): Promise<Pick<Fact, 'at'>> {
  return path.startsWith('/nix/store/') ? {} : changedAt(await ifTold(host.stat(path)))
}

/** Names in an order of their own, each once: for lists whose order means nothing. */
export function sortedList(words: readonly string[]): string {
  return [...new Set(words)].sort().join(' ')
}

/** "root", or the number of anybody else: a name may be gone while its files are not. */
export function shownOwner({uid, gid}: Pick<Stat, 'uid' | 'gid'>): string {
  const shown = (id: number): string => (id === 0 ? 'root' : String(id))
  return `${shown(uid)}:${shown(gid)}`
}

/** `998:998 0750`: the owner and the permissions. */
export function shownAccess(stat: Pick<Stat, 'uid' | 'gid' | 'mode' | 'type' | 'link'>): string {
  if (stat.type === 'symlink') return `link to ${stat.link ?? ''}`
  const mode = stat.mode.toString(8).padStart(4, '0')
  const type = stat.type === 'directory' || stat.type === 'file' ? '' : ` ${stat.type}`
  return `${shownOwner(stat)} ${mode}${type}`
}
