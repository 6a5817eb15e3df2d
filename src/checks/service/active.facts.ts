import {factOf} from '../../facts/picture/facts.ts'
import {kernelSettings} from '../../facts/picture/kernel.ts'
import {systemFiles} from '../../facts/picture/system-files.ts'
import {requiredUnits} from '../../facts/unit/systemd.ts'
import {ifTold} from '../../host/if-seen.ts'
import {hasDoneItsWork, isUp, timestampOf} from '../../host/unit.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Whether somebody has stopped the service, and what decides how any program runs here. */
export async function activeFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {unit} = target
  const [kernel, files, required] = await Promise.all([
    kernelSettings(host),
    systemFiles(host),
    ifTold(requiredUnits(host, unit)),
  ])
  // With what it requires systemd stops it by itself, and where a condition is not met it starts none.
  const isStopped =
    unit.get('ActiveState') === 'inactive' &&
    unit.get('Result') === 'success' &&
    unit.get('ConditionResult') !== 'no' &&
    (required ?? []).every(each => isUp(each) || hasDoneItsWork(each))
  const at = Date.parse(timestampOf(unit, 'InactiveEnterTimestamp') ?? '')
  // One that fails was not stopped, and why it fails is told by other facts.
  const wanted = factOf('unit/wanted', 'systemctl', isStopped ? 'stopped' : 'started', {
    ...(isStopped && !Number.isNaN(at) && {at}),
  })
  return [...(unit.get('LoadState') === 'loaded' ? [wanted] : []), ...kernel, ...files]
}
