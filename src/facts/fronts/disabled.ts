import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Means, Sites} from '../../platform/platform.ts'
import {shownBind} from '../target/bind.ts'

import type {Target} from '../target/target.ts'
import type {Front} from './front.ts'
import {ownNames} from './names.ts'

/** A site that leads to the application and is not enabled. */
export interface DisabledSite {
  readonly front: Front
  readonly file: string
  /** The names of the application that stand in it. */
  readonly names: readonly string[]
  /** How it is enabled. */
  readonly enable: Means
}

/** So many files are read, of at most so many bytes. */
const most = {files: 30, bytes: 65_536} as const

/** Sites of running fronts that have the application's address and name and are not enabled. */
export async function disabledSites(
  host: Host,
  target: Target,
  fronts: readonly Front[],
): Promise<readonly DisabledSite[]> {
  const found = fronts.map(async front => {
    const sites = front.active ? target.platform.sites(front) : null
    return sites ? disabledOf(host, target, front, sites) : []
  })
  return (await Promise.all(found)).flat()
}

async function disabledOf(
  host: Host,
  target: Target,
  front: Front,
  {available, enabled, enable}: Sites,
): Promise<readonly DisabledSite[]> {
  const [all, on] = await Promise.all(
    [available, enabled].map(directory => ifSeen(host.list(directory))),
  )
  const off = (all ?? []).filter(name => !on?.includes(name)).slice(0, most.files)
  const sites = await Promise.all(
    off.map(async name => {
      const file = `${available}/${name}`
      const names = await namesIn(host, target, file)
      return names.length > 0 ? [{front, file, names, enable: enable(file)}] : []
    }),
  )
  return sites.flat()
}

/** The application's own names in a file that forwards to it; none where it does not. */
async function namesIn(
  host: Host,
  {binds, hosts}: Target,
  file: string,
): Promise<readonly string[]> {
  const answer = await ifSeen(host.readFile(file, {limit: most.bytes}))
  const text = answer?.kind === 'file' ? answer.text.replace(/^[^\S\n]*#.*$/gm, '') : ''
  const words = text.split(/[\s;'"]+/)
  const addresses = binds.flatMap(bind =>
    'socketPath' in bind ? [bind.socketPath] : [shownBind(bind), `localhost:${bind.port}`],
  )
  const leadsHere = words.some(word => addresses.some(address => leadsTo(word, address)))
  return leadsHere ? ownNames(hosts).filter(own => words.includes(own)) : []
}

/** `http://127.0.0.1:8050/`, `http://unix:/run/app.sock:/`: the address, not part of another. */
function leadsTo(word: string, address: string): boolean {
  const at = word.indexOf(address)
  return at >= 0 && !/^[\w.-]/.test(word.slice(at + address.length))
}
