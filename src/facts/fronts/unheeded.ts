import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type Unheeded, unheededBind} from '../django/unheeded.ts'
import type {Bind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import {findFronts} from './find.ts'
import {isSamePlace} from './front.ts'

/** The address that the unit states and the server ignores, where one of these places is it. */
export function unheededAmong(target: Target, places: readonly Bind[]): Unheeded | null {
  const unheeded = unheededBind(target)
  return unheeded && places.some(place => isSamePlace(place, unheeded.bind)) ? unheeded : null
}

/** The same, where a front forwards to it. */
export async function unheededByServer(host: Host, target: Target): Promise<Unheeded | null> {
  if (!unheededBind(target)) return null
  const fronts = (await ifSeen(findFronts(host, target))) ?? []
  const routes = fronts.flatMap(({sites}) => sites.flatMap(site => site.routes))
  return unheededAmong(
    target,
    routes.flatMap(({forward}) => forward?.places ?? []),
  )
}
