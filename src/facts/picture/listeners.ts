import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Fact} from '../../report/fact.ts'
import {shownBind} from '../target/bind.ts'
import {findListeners} from '../unit/listeners.ts'
import {factOf} from './facts.ts'

/** Ports from here on are given to whoever asks for any (ip_local_port_range). */
const firstOfAny = 32_768

/**
 * Which program listens on each port of its own. One where nobody does is not told: whoever should
 * is down then, and that is a fact elsewhere.
 */
export async function listenerFacts(host: Host): Promise<readonly Fact[]> {
  const listeners = (await ifTold(findListeners(host))) ?? []
  return listeners.flatMap(({at, processes}) => {
    if ('socketPath' in at || at.port >= firstOfAny || processes.length === 0) return []
    // gunicorn calls its processes "gunicorn: maste" and "gunicorn: worke".
    const names = processes.map(({name}) => name.replace(/:.*$/, ''))
    return [factOf(`listener/${shownBind(at)}`, 'ss', [...new Set(names)].sort().join(' '))]
  })
}
