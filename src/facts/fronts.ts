import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {findOwnListeners} from '../probes/listeners.ts'
import {showUnits} from '../probes/systemd.ts'
import type {Bind, Target} from '../target.ts'
import {apacheFront} from './fronts/apache.ts'
import {caddyFront} from './fronts/caddy.ts'
import {type Front, type IsHere, isSamePlace} from './fronts/front.ts'
import {findNginxFront} from './fronts/nginx.ts'

/**
 * The fronts whose units are loaded: nginx, Apache and Caddy, each by its own configuration.
 * @throws CannotLook where systemd cannot be asked.
 */
export async function findFronts(host: Host, target: Target): Promise<readonly Front[]> {
  const places = await ownPlaces(host, target)
  const isHere: IsHere = place => places.some(own => isSamePlace(place, own))
  // nginx's unit is asked for by others as well, and by itself.
  const units = (await ifSeen(showUnits(host, ['apache2.service', 'httpd.service', 'caddy.service']))) ?? []
  const others = units.filter(unit => unit.get('LoadState') === 'loaded')
  const found = await Promise.all([
    findNginxFront(host, target, isHere),
    ...others.map(unit =>
      unit.name === 'caddy.service' ? caddyFront(host, target, unit, isHere) : apacheFront(host, target, unit, isHere),
    ),
  ])
  return found.filter(front => front !== null)
}

/** Where the application is told to listen, and where its processes do. */
async function ownPlaces(host: Host, {unit, bind}: Target): Promise<readonly Bind[]> {
  const own = (await findOwnListeners(host, unit)).map(({at}) => at)
  return bind === null ? own : [bind, ...own]
}
