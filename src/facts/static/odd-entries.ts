import type {Entry, EntryType, Host} from '../../host/host.ts'
import {resolvePath} from '../files/paths.ts'
import type {ListedTree} from '../files/tree.ts'

/** What WhiteNoise stumbles over: it opens every collected entry when it starts. */
export interface OddEntries {
  /** Links that lead nowhere. */
  readonly dangling: readonly Entry[]
  /** A FIFO, a socket or a device, or a link that leads to one. */
  readonly irregular: readonly Entry[]
}

export async function findOddEntries(host: Host, {top, entries}: ListedTree): Promise<OddEntries> {
  const links = entries.filter(({type}) => type === 'symlink')
  const ends = await Promise.all(
    links.map(async link => ({
      link,
      end: (await resolvePath(host, `${top.path}/${link.path}`)).stat,
    })),
  )
  const toOdd = ends.filter(({end}) => end !== null && isOdd(end.type))
  return {
    dangling: ends.filter(({end}) => end === null).map(({link}) => link),
    irregular: [
      ...entries.filter(({type}) => type !== 'symlink' && isOdd(type)),
      ...toOdd.map(({link}) => link),
    ],
  }
}

function isOdd(type: EntryType): boolean {
  return type !== 'file' && type !== 'directory'
}
