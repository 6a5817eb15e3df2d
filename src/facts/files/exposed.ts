import type {Host} from '../../host/host.ts'
import {resolvePath} from './paths.ts'

/** A file that everybody on the machine can read. */
export interface Exposed {
  /** Where its path leads, links followed. */
  readonly real: string
  readonly mode: number
}

/** Null where others may not read the file. */
export async function findExposed(host: Host, path: string): Promise<Exposed | null> {
  const {stat, path: real, components} = await resolvePath(host, path)
  if (!stat || !real || (stat.mode & 0o004) === 0) return null
  // A directory on the way that others cannot pass protects the file as well.
  const isOpen = components.every(
    each => each.stat.type !== 'directory' || (each.stat.mode & 0o001) !== 0,
  )
  return isOpen ? {real, mode: stat.mode} : null
}
