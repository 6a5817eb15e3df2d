import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {oncePerTarget} from '../once-per-target.ts'
import type {Bind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import {findOwnListeners} from '../unit/listeners.ts'
import {showUnits} from '../unit/systemd.ts'
import {apacheFront} from './apache.ts'
import {caddyFront} from './caddy.ts'
import {type Front, type IsHere, isSamePlace} from './front.ts'
import {findNginxFront} from './nginx.ts'
import {visitorsAddress} from './visitors-address.ts'

/**
 * The fronts whose units are loaded: nginx, Apache and Caddy, each by its own configuration. Many
 * checks ask for them, and a run reads them once.
 * @throws CannotLook where systemd cannot be asked.
 */
export const findFronts = oncePerTarget(async (host, target): Promise<readonly Front[]> => {
  const places = await ownPlaces(host, target)
  const isHere: IsHere = place => places.some(own => isSamePlace(place, own))
  // nginx's unit is asked for by others as well, and by itself.
  const units =
    (await ifSeen(showUnits(host, ['apache2.service', 'httpd.service', 'caddy.service']))) ?? []
  const others = units.filter(unit => unit.get('LoadState') === 'loaded')
  const found = await Promise.all([
    findNginxFront(host, target, isHere),
    ...others.map(unit =>
      unit.name === 'caddy.service'
        ? caddyFront(host, target, unit, isHere)
        : apacheFront(host, target, unit, isHere),
    ),
  ])
  const fronts = found.filter(front => front !== null)
  const address = await visitorsAddress(host, fronts)
  return address === null ? fronts : fronts.map(front => ({...front, address}))
})

/** Where the application is told to listen, and where its processes do. */
async function ownPlaces(host: Host, {unit, bind}: Target): Promise<readonly Bind[]> {
  const own = (await findOwnListeners(host, unit)).map(({at}) => at)
  return bind === null ? own : [bind, ...own]
}
