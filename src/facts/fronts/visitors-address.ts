import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Front} from './front.ts'

/**
 * An address of this machine at which a visitor asks, where 127.0.0.1 is another site's: as the
 * status page of nginx, which listens there alone. Null where 127.0.0.1 will do, or none is known.
 */
export async function visitorsAddress(
  host: Host,
  fronts: readonly Front[],
): Promise<string | null> {
  const isNeeded = fronts.some(front =>
    front.sites.some(
      ({leadsHere, listens}) =>
        leadsHere && listens.some(at => at.host === '' && isTaken(front, at.port)),
    ),
  )
  if (!isNeeded) return null
  const argv = ['ip', '-o', '-4', 'addr', 'show', 'scope', 'global']
  const answer = await ifSeen(host.exec(argv, {question: 'addresses'}))
  return /\binet ([\d.]+)\//.exec(answer?.stdout ?? '')?.[1] ?? null
}

/** Whether a site has a port of 127.0.0.1 for itself. */
export function isTaken({sites}: Front, port: number): boolean {
  return sites.some(({listens}) =>
    listens.some(at => at.port === port && /^(?:127\.0\.0\.1|localhost)$/.test(at.host)),
  )
}
