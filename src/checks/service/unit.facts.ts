import {discreetFact, factOf} from '../../facts/picture/facts.ts'
import {unitSettings} from '../../facts/picture/unit-settings.ts'
import {changeOnDisk, onlyInFiles} from '../../facts/unit/unit-file.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Fact, type Seen, whole} from '../../report/fact.ts'
import type {Context} from '../check.ts'

const prefix = 'unit file/'

/** The unit's settings as systemd goes by them, and what its files say that it has not read. */
export async function unitFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {unit} = target
  const [settings, written, unread] = await Promise.all([
    unitSettings(host, target),
    ifTold(onlyInFiles(host, unit)),
    ifTold(changeOnDisk(host, unit).then(change => ({change}))),
  ])
  const source = unit.get('FragmentPath') || unit.name
  return [
    ...settings,
    ...(written ? [whole(prefix), ...[...written].map(each => writtenFact(source, each))] : []),
    ...(unread ? [factOf('unit/not read yet', source, unread.change ?? '')] : []),
  ]
}

function writtenFact(source: string, [key, values]: readonly [string, readonly string[]]): Fact {
  const fact = key.startsWith('SetCredential') ? discreetFact : factOf
  return fact(`${prefix}${key}`, source, values.join('; '))
}
