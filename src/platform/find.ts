import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {debian} from './debian.ts'
import {generic} from './generic.ts'
import {type NixosSettings, nixos} from './nixos.ts'
import type {Platform} from './platform.ts'
import {findRelease} from './release.ts'

/**
 * The platform that this machine says it is (os-release(5)); a generic one where it does not say,
 * or nobody could look.
 */
export async function findPlatform(host: Host, settings: NixosSettings): Promise<Platform> {
  const {id, version, names} = await findRelease(host)
  if (names.includes('nixos') || (id === null && (await ifSeen(host.stat('/etc/NIXOS'))))) {
    return nixos({id: id ?? 'nixos', version}, settings)
  }
  if (names.includes('debian') || names.includes('ubuntu')) return debian({id, version})
  return generic({id, version})
}
