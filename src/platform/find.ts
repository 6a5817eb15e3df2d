import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {debian} from './debian.ts'
import {generic} from './generic.ts'
import {type NixosSettings, nixos} from './nixos.ts'
import type {Platform} from './platform.ts'

/**
 * The platform that this machine says it is (os-release(5)); a generic one where it does not say,
 * or nobody could look.
 */
export async function findPlatform(host: Host, settings: NixosSettings): Promise<Platform> {
  const answer = await ifSeen(host.readFile('/etc/os-release'))
  const release = parseRelease(answer?.kind === 'file' ? answer.text : '')
  const id = release.get('ID') ?? null
  const version = release.get('VERSION_ID') ?? null
  const names = [id, ...(release.get('ID_LIKE') ?? '').split(/\s+/)]
  if (names.includes('nixos') || (id === null && (await ifSeen(host.stat('/etc/NIXOS'))))) {
    return nixos({id: id ?? 'nixos', version}, settings)
  }
  if (names.includes('debian') || names.includes('ubuntu')) return debian({id, version})
  return generic({id, version})
}

/** NAME=value, each value in a shell's quotes or in none. */
function parseRelease(text: string): ReadonlyMap<string, string> {
  const lines = [
    ...text.matchAll(/^([A-Z][A-Z0-9_]*)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"']*))[ \t]*$/gm),
  ]
  return new Map(
    lines.map(([, name = '', double, single, bare]) => [name, double ?? single ?? bare ?? '']),
  )
}
