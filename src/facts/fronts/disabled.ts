import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {shownBind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import {type Front, ownNames} from './front.ts'

/** A site that lies ready, leads to the application, and is not enabled. */
export interface DisabledSite {
  readonly front: Front
  readonly file: string
  /** The names of the application that stand in it. */
  readonly names: readonly string[]
}

/** Where Debian keeps the sites of a front (a2ensite(8), and nginx's package after its example). */
const places = {nginx: '/etc/nginx', apache: '/etc/apache2'} as const

/** So many files are read, of at most so many bytes. */
const most = {files: 30, bytes: 65_536} as const

/** What names the application's own address and one of its names, in a directory that the front does not read. */
export async function disabledSites(
  host: Host,
  {binds, hosts}: Target,
  fronts: readonly Front[],
): Promise<readonly DisabledSite[]> {
  const addresses = binds.flatMap(bind =>
    'socketPath' in bind ? [bind.socketPath] : [shownBind(bind), `localhost:${bind.port}`],
  )
  const found = fronts
    .filter(({active, kind}) => active && kind !== 'caddy')
    .map(async front => {
      const place = front.kind === 'apache' ? places.apache : places.nginx
      const [ready, enabled] = await Promise.all(
        ['sites-available', 'sites-enabled'].map(
          async name => (await ifSeen(host.list(posix.join(place, name)))) ?? [],
        ),
      )
      const off = (ready ?? []).filter(name => !enabled?.includes(name)).slice(0, most.files)
      const sites = await Promise.all(
        off.map(async name => {
          const file = posix.join(place, 'sites-available', name)
          const answer = await ifSeen(host.readFile(file, {limit: most.bytes}))
          const text = answer?.kind === 'file' ? answer.text.replace(/^[^\S\n]*#.*$/gm, '') : ''
          const words = text.split(/[\s;'"]+/)
          const names = ownNames(hosts).filter(own => words.includes(own))
          const leadsHere = words.some(word => addresses.some(address => leadsTo(word, address)))
          return leadsHere && names.length > 0 ? [{front, file, names}] : []
        }),
      )
      return sites.flat()
    })
  return (await Promise.all(found)).flat()
}

/** `http://127.0.0.1:8050/`, `http://unix:/run/app.sock:/`: the address, and not the beginning of another one. */
function leadsTo(word: string, address: string): boolean {
  const at = word.indexOf(address)
  return at >= 0 && !/^[\w.-]/.test(word.slice(at + address.length))
}
