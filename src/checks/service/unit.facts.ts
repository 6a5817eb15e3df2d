import {factOf} from '../../facts/picture/facts.ts'
import {unitSettings} from '../../facts/picture/unit-settings.ts'
import {changeOnDisk} from '../../facts/unit/unit-file.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The unit's settings as systemd goes by them, and what its files say that it has not read. */
export async function unitFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {unit} = target
  const [settings, unread] = await Promise.all([
    unitSettings(host, target),
    ifTold(changeOnDisk(host, unit).then(change => ({change}))),
  ])
  const source = unit.get('FragmentPath') || unit.name
  return [
    ...settings,
    ...(unread ? [factOf('unit/not read yet', source, unread.change ?? '')] : []),
  ]
}
