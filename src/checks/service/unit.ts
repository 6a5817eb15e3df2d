import {ignoredSettings} from '../../facts/unit/ignored-settings.ts'
import {changeOnDisk} from '../../facts/unit/unit-file.ts'
import type {Unit} from '../../host/unit.ts'
import {ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './unit.explanation.ts'
import {unitFacts} from './unit.facts.ts'
import {type Code, changed, found, ignores, unloaded, unwanted} from './unit.findings.ts'

export const serviceUnit: CheckOf<Code> = {
  id: 'service/unit',
  title: 'systemd has loaded the unit and starts it at boot',
  fix: 'lets systemd read its units again, and enables the unit where systemctl enable can do that',
  explanation,
  findings: found,
  facts: unitFacts,
  async run({host, target}) {
    const {unit} = target
    const state = unit.get('LoadState')
    if (state !== 'loaded') return unloaded(host, target, state)
    const fragment = unit.get('FragmentPath')
    const isStale = unit.get('NeedDaemonReload') === 'yes'
    const change =
      (await changeOnDisk(host, unit)) ?? (isStale ? `${fragment} or a drop-in was changed` : null)
    const ignored = await ignoredSettings(host, unit)
    const verdicts = [
      ...ignored.map(each => ignores(target, each)),
      ...(change ? [changed(target, change)] : []),
      ...(isWanted(unit) ? [] : [unwanted(target)]),
    ]
    return verdicts.length > 0 ? verdicts : ok(`${unit.name} is loaded from ${fragment}`)
  },
}

/**
 * Something pulls the unit in at boot; on NixOS that is a link, and UnitFileState= may say linked
 * or static.
 */
function isWanted(unit: Unit): boolean {
  const pulling = ['WantedBy', 'RequiredBy', 'UpheldBy', 'BoundBy', 'TriggeredBy']
  return pulling.some(property => unit.get(property) !== '')
}
