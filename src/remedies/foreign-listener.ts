import {type Bind, shownBind} from '../facts/target/bind.ts'
import {holderOf, type WhoListens} from '../facts/unit/listeners.ts'
import type {Unit} from '../host/unit.ts'
import type {Remedy} from '../report/finding.ts'
import {byHand, run} from '../report/step.ts'
import {remedy} from './remedy.ts'

/** Another program listens where a unit should. */
export function foreignWords(unit: Unit, bind: Bind, {listener}: WhoListens): string {
  const holder = (listener && holderOf(listener)) ?? 'another process'
  return `${holder} listens on ${shownBind(bind)}, and is not part of ${unit.name}`
}

export function moveAway(unit: Unit, bind: Bind): Remedy {
  const port = 'socketPath' in bind ? bind.socketPath : `sport = :${bind.port}`
  return remedy(`Stop or move the other program, then restart ${unit.name}`, 'manual', [
    byHand('sudo', 'ss', '-ltnxp', port),
    run('systemctl', 'restart', unit.name),
  ])
}
