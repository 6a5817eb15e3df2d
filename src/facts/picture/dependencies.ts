import {hasDoneItsWork, isUp, timestampOf, type Unit} from '../../host/unit.ts'
import type {Fact} from '../../report/fact.ts'
import {factOf} from './facts.ts'

/** Whether another unit is up; a oneshot that has done its work is. */
export function stateFact(unit: Unit): Fact {
  const at = Date.parse(timestampOf(unit, 'StateChangeTimestamp') ?? '')
  const state = unit.get('LoadState') === 'loaded' ? unit.get('ActiveState') : unit.get('LoadState')
  const value = isUp(unit) || hasDoneItsWork(unit) ? 'up' : state
  const source = `systemctl status ${unit.name}`
  return factOf(`dependency/${unit.name}/state`, source, value, Number.isNaN(at) ? {} : {at})
}
