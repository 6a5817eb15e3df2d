import type {Host} from '../../host/host.ts'
import {blockedAt, may, type Opener} from '../files/access.ts'
import {type Component, resolvePath} from '../files/paths.ts'
import type {Front} from './front.ts'
import {frontOpener} from './opener.ts'

/** What stops the processes of a front on their way to a socket. */
export interface Wall {
  readonly opener: Opener
  /** The socket, or the directory above it, that keeps them out. */
  readonly at: Component
}

/** Null where nothing stops them, or nobody can tell. */
export async function socketWall(
  host: Host,
  front: Front,
  socketPath: string,
): Promise<Wall | null> {
  const [{components, stat}, opener] = await Promise.all([
    resolvePath(host, socketPath),
    frontOpener(host, front),
  ])
  // Where something else stands in the place of the socket, the service could not make its own.
  if (opener === null || (stat && stat.type !== 'socket')) return null
  const end = stat && !may(opener, 'write', stat) ? {path: socketPath, stat} : null
  const at = blockedAt(opener, components) ?? end
  return at && {opener, at}
}
