import type {Host} from '../../host/host.ts'
import type {Target} from '../target/target.ts'
import {findListeners, holderOf, type Listener} from '../unit/listeners.ts'
import type {Front} from './front.ts'
import {ownNames} from './names.ts'

/** Somebody who listens where visitors ask, and whose configuration is not known. */
export interface Stranger {
  readonly name: string
  readonly address: {readonly host: string; readonly port: number}
  readonly tls: boolean
  /** `haproxy (pid 71)`; null when it is not known. */
  readonly holder: string | null
  /** Whether the application is known to have that name. */
  readonly isNamed: boolean
}

/** More names than these say the same. */
const maxNames = 5

/**
 * How to ask 127.0.0.1:80 and :443 for the application's names where somebody listens of whom
 * nothing is known: a front of another kind, or one whose configuration may not be read.
 */
export async function strangersOf(
  host: Host,
  fronts: readonly Front[],
  {hosts, bind}: Target,
): Promise<readonly Stranger[]> {
  const listeners = await findListeners(host)
  if (listeners === null) return []
  const names = ownNames(hosts).slice(0, maxNames)
  return [80, 443].flatMap(port => {
    const listener = listeners.find(({at}) => isAskable(at, port))
    const known = fronts.filter(({active, unknown}) => active && unknown === null)
    const isKnown = known.some(
      ({kind, sites}) =>
        sites.some(({listens}) => listens.some(at => at.port === port)) ||
        listener?.processes.some(({name}) => processNames[kind].test(name)),
    )
    if (!listener || isKnown || (bind !== null && 'port' in bind && bind.port === port)) return []
    const stranger = {
      address: {host: '127.0.0.1', port},
      tls: port === 443,
      holder: holderOf(listener),
    }
    const isNamed = names.length > 0
    return (isNamed ? names : ['localhost']).map(name => ({...stranger, name, isNamed}))
  })
}

/** A front may listen where it has no site, as where Caddy sends visitors on to https. */
const processNames = {nginx: /nginx/, apache: /^(?:apache2|httpd)$/, caddy: /^caddy$/} as const

function isAskable(at: Listener['at'], port: number): boolean {
  return 'port' in at && at.port === port && ['0.0.0.0', '*', '::', '127.0.0.1'].includes(at.host)
}
