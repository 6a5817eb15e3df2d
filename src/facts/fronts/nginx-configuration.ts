import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import {showUnit} from '../unit/systemd.ts'
import {firstArguments, type NginxServer, serverOf} from './nginx-server.ts'
import {flattened} from './nginx-syntax.ts'
import {readNginx} from './nginx-text.ts'

/** What nginx of this machine is told to do. */
export interface Nginx {
  readonly unit: Unit
  readonly active: boolean
  /** The file that it starts from. */
  readonly file: string
  /** The words of the `user` directive, which only a master that is root heeds. */
  readonly user: readonly string[]
  readonly servers: readonly NginxServer[]
  /** `upstream` blocks: their servers by name. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>
  /** Every word of the configuration, for one that nginx itself cannot make sense of. */
  readonly words: ReadonlySet<string>
  /** Files of the configuration that could not be read: nothing may be called absent then. */
  readonly unread: readonly string[]
  /** What nginx says of its own configuration while it takes it (`[warn] conflicting server name …`), a line each. */
  readonly complaints: readonly string[]
}

/** nginx's configuration as nginx.service would load it; null where no nginx.service is loaded. */
export async function findNginx(host: Host): Promise<Nginx | null> {
  const unit = await showUnit(host, 'nginx.service')
  if (unit.get('LoadState') !== 'loaded') return null
  const {file, directives, unread, complaints} = await readNginx(host, unit)
  const http = directives.filter(({name}) => name === 'http').flatMap(({block}) => block ?? [])
  const upstreams = http.filter(({name}) => name === 'upstream')
  return {
    unit,
    active: unit.get('ActiveState') === 'active',
    file,
    user: directives.find(({name}) => name === 'user')?.args ?? [],
    servers: http.filter(({name}) => name === 'server').map(server => serverOf(server, http)),
    upstreams: new Map(upstreams.map(({args, block}) => [args[0] ?? '', firstArguments(block ?? [], 'server')])),
    words: new Set(flattened(directives).flatMap(({name, args}) => [name, ...args])),
    unread,
    complaints,
  }
}
