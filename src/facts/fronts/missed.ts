import type {Front} from './front.ts'

/**
 * A front that is down, although its configuration leads to the application, or although it refuses
 * a configuration that has the application in it. One that is switched off while another is on is
 * not missed.
 */
export function isMissed(front: Front, fronts: readonly Front[]): boolean {
  if (front.active) return false
  const leadsHere = front.sites.some(site => site.leadsHere)
  return isOn(front) ? leadsHere || front.mentions : leadsHere && !fronts.some(isOn)
}

function isOn({active, unit}: Front): boolean {
  return active || unit.get('UnitFileState') === 'enabled' || unit.get('ActiveState') !== 'inactive'
}
