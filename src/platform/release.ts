import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'

/** What the system says it is (os-release(5)). */
export interface Release {
  readonly id: string | null
  readonly version: string | null
  /** Its own name, and those of systems that it is like. */
  readonly names: readonly string[]
}

/** All of it is null or empty where the system does not say, or nobody could look. */
export async function findRelease(host: Host): Promise<Release> {
  const answer = await ifSeen(host.readFile('/etc/os-release'))
  const release = parseRelease(answer?.kind === 'file' ? answer.text : '')
  const id = release.get('ID') ?? null
  const version = release.get('VERSION_ID') ?? null
  const like = (release.get('ID_LIKE') ?? '').split(/\s+/)
  return {
    id,
    version,
    names: [id, ...like].filter(name => name !== null && name !== '') as string[],
  }
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

/** Who knows what is installed; null where nobody does, as on NixOS, or where it is not known who. */
export type PackageManager = 'dpkg' | 'rpm' | 'pacman' | null

const managers: readonly (readonly [Exclude<PackageManager, null>, readonly string[]])[] = [
  ['dpkg', ['debian', 'ubuntu']],
  ['rpm', ['fedora', 'rhel', 'centos', 'suse', 'opensuse', 'mageia']],
  ['pacman', ['arch']],
]

/** Each may be installed as a tool on a system of another kind, and know of nothing there. */
export async function findPackageManager(host: Host): Promise<PackageManager> {
  const {names} = await findRelease(host)
  return managers.find(([, systems]) => names.some(name => systems.includes(name)))?.[0] ?? null
}
