import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Target} from '../target/target.ts'
import {isBelow, resolvePath} from './paths.ts'
import {writeObstacle} from './write-obstacle.ts'

/** Uploads that the service is to store where it cannot write. */
export interface StrayUploads {
  /** MEDIA_ROOT. */
  readonly root: string
  readonly why: string
  /** The fields of models whose files go there. */
  readonly fields: readonly string[]
}

/** Null where uploads go into the state directory, to another storage, or nowhere. */
export async function findStrayUploads(
  host: Host,
  target: Target,
  stateDirectory: string,
): Promise<StrayUploads | null> {
  const {environmentIncomplete, django, mediaRoot: root, workingDirectory} = target
  const storage = django.answer?.media
  const isOnDisk = storage?.bases.some(name => /\.FileSystemStorage$/.test(name))
  const isElsewhere = !isOnDisk || 'location' in (storage?.options ?? {})
  const fields = django.answer?.migrations?.uploads ?? []
  if (environmentIncomplete || !root || isElsewhere || fields.length === 0) return null
  if (isBelow(root, stateDirectory)) return null
  const path = root.startsWith('/') ? root : `${workingDirectory ?? ''}/${root}`
  const resolved = await ifSeen(resolvePath(host, path))
  if (isBelow(resolved?.path ?? path, '/nix/store')) {
    return {root, why: 'it lies in the read-only store', fields}
  }
  // The settings' own default may lie in the package.
  const why = await writeObstacle(host, target.served, path, resolved)
  return why === null ? null : {root, why, fields}
}
