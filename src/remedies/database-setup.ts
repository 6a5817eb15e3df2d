import {setupUnitName, type UnfinishedSetup} from '../facts/postgres/postgres-unit.ts'
import type {Target} from '../facts/target/target.ts'
import type {Remedy} from '../report/finding.ts'
import {readJournal, run} from '../report/step.ts'
import {remedy} from './remedy.ts'
import {restart} from './service.ts'

/** The end of a message: why something that a unit makes is not there yet. */
export function setupWords({state, reason}: UnfinishedSetup): string {
  return state === 'running'
    ? `, and ${setupUnitName}, which makes it, is still running`
    : `: ${setupUnitName}, which makes it, failed${reason ? `: ${reason}` : ''}`
}

/** Making by hand what a unit should have made would hide why it did not. */
export function finishSetup(target: Target, {state}: UnfinishedSetup): Remedy {
  const look = readJournal(setupUnitName)
  if (state === 'running') {
    return remedy('Wait until it has finished, then restart the service', 'manual', [
      look,
      restart(target),
    ])
  }
  return remedy('Fix what its journal says, run it again, then restart the service', 'manual', [
    look,
    run('systemctl', 'restart', setupUnitName),
    restart(target),
  ])
}
