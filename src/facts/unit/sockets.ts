import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {splitWords, type Unit} from '../../host/unit.ts'
import {type Bind, parseBind} from '../target/bind.ts'
import {showUnits} from './systemd.ts'

/**
 * Where the unit's .socket units listen: `Listen=/run/gunicorn.sock (Stream)`, a line each, in the
 * order of the descriptors (systemd.socket(5)). Null where no socket starts the unit.
 */
export async function socketBinds(
  host: Host,
  unit: Unit,
): Promise<readonly [string, readonly Bind[]] | null> {
  const names = splitWords(unit.get('TriggeredBy')).filter(name => name.endsWith('.socket'))
  if (names.length === 0) return null
  const sockets = (await ifSeen(showUnits(host, names))) ?? []
  const binds = sockets
    .flatMap(socket => socket.all('Listen'))
    .flatMap(line => {
      const address = /^(.*) \(Stream\)$/.exec(line)?.[1]
      if (address === undefined) return []
      const bind = /^[@/]/.test(address) ? {socketPath: address} : parseBind(address)
      return bind ? [bind] : []
    })
  return binds.length > 0 ? [names.join(' '), binds] : null
}
