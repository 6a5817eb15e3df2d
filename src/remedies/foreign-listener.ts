import {type Bind, shownBind} from '../facts/target/bind.ts'
import {holderOf, type WhoListens} from '../facts/unit/listeners.ts'
import type {Unit} from '../host/unit.ts'
import type {Remedy} from '../report/finding.ts'
import {byHand, run} from '../report/step.ts'
import {remedy} from './remedy.ts'

/** Another program listens where a unit should. */
export function foreignWords(unit: Unit, bind: Bind, {listener, unit: other}: WhoListens): string {
  const holder = (listener && holderOf(listener, other)) ?? 'another process'
  return `${holder} listens on ${shownBind(bind)}, and is not part of ${unit.name}`
}

export function moveAway(unit: Unit, bind: Bind, other: string | null = null): Remedy {
  const port = 'socketPath' in bind ? bind.socketPath : `sport = :${bind.port}`
  return remedy(`Stop or move the other program, then restart ${unit.name}`, 'manual', [
    byHand('sudo', 'ss', '-ltnxp', port),
    ...(other?.endsWith('.service') ? [byHand('systemctl', 'status', other)] : []),
    run('systemctl', 'restart', unit.name),
  ])
}
