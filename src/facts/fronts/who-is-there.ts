import type {Host} from '../../host/host.ts'
import type {Bind} from '../target/bind.ts'
import {findListeners, holderOf, type Listener} from '../unit/listeners.ts'
import {isLocal} from './names.ts'
import type {Question} from './questions.ts'

/** Who listens where a site forwards to. */
export async function whoIsThere(
  host: Host,
  {route}: Question,
): Promise<'nobody' | 'unknown' | {readonly holder: string}> {
  const places = route.forward?.places ?? []
  const found = await Promise.all(places.map(place => listenerAt(host, place)))
  if (found.length === 0 || found.includes(undefined)) return 'unknown'
  const listener = found.find(each => each)
  return listener ? {holder: holderOf(listener) ?? 'another program'} : 'nobody'
}

/** Who listens at a place: null where nobody does, undefined where nobody can tell. */
async function listenerAt(host: Host, place: Bind): Promise<Listener | null | undefined> {
  const listeners = await findListeners(host)
  if (listeners === null) return undefined
  const own = 'port' in place && isLocal(place.host) ? {...place, host: '127.0.0.1'} : place
  return (
    listeners.find(({at}) =>
      'socketPath' in at || 'socketPath' in own
        ? 'socketPath' in at && 'socketPath' in own && at.socketPath === own.socketPath
        : at.port === own.port && (at.host === own.host || /^(?:\*|0\.0\.0\.0|::)$/.test(at.host)),
    ) ?? null
  )
}
