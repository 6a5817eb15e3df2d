import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {isBelow, resolvePath} from '../files/paths.ts'
import {writeObstacle} from '../files/write-obstacle.ts'
import {runsBeforeStart} from '../program/pre-start.ts'
import type {Target} from '../target/target.ts'

/** Why collectstatic cannot fill STATIC_ROOT: it is in the store, or something is in the way. */
export type Unwritable =
  | {readonly kind: 'store'}
  | {readonly kind: 'obstacle'; readonly why: string}

/** Null where the unit's collectstatic can fill STATIC_ROOT, need not, or somebody else has. */
export async function whyUnwritable(
  host: Host,
  target: Target,
  path: string,
): Promise<Unwritable | null> {
  // Where the way to it may not be looked at, the path as written is judged.
  const resolved = await ifSeen(resolvePath(host, path))
  const {path: real = null, stat = null} = resolved ?? {}
  const inStore = [path, real ?? path].some(each => isBelow(each, '/nix/store'))
  if (inStore) {
    const names = real && stat?.type === 'directory' ? await host.list(real) : null
    // Collected while the package was built, or by another unit.
    return names !== null && names.length > 0 ? null : {kind: 'store'}
  }
  if (target.stateDirectory !== null && isBelow(path, target.stateDirectory)) return null
  const why = await writeObstacle(host, target.served, path, resolved)
  // Who collects by hand, or as root, does not need the unit's permission.
  if (why === null || !(await runsBeforeStart(host, target, 'collectstatic'))) return null
  return {kind: 'obstacle', why}
}
