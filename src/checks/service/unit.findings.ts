import type {Target} from '../../facts/target/target.ts'
import type {IgnoredSetting} from '../../facts/unit/ignored-settings.ts'
import {refusedSetting} from '../../facts/unit/refused-setting.ts'
import type {Host} from '../../host/host.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {type CodeOf, cause, type Finding, finding, findingsOf} from '../../report/finding.ts'
import {byHand, run} from '../../report/step.ts'
import {explanation} from './unit.explanation.ts'

export const found = findingsOf(explanation, {
  missing: cause('critical', (unit: string) => `systemd has no unit ${unit}`),
  masked: cause(
    'critical',
    (unit: string) => `${unit} is masked: its unit file is a link to /dev/null`,
  ),
  'not-loaded': cause(
    'critical',
    (unit: string, why: string) => `systemd cannot load ${unit}: ${why}`,
  ),
  reload: cause(
    'warning',
    (change: string) => `systemd has not read the unit's files again: ${change}`,
  ),
  ignored: cause('warning', ({path, line, name, why, meant}: IgnoredSetting) => {
    const setting = why === 'section' ? name : `${name}=`
    return `systemd ignores ${setting} in line ${line} of ${path}: ${whyIgnored(name, why, meant)}`
  }),
  'not-wanted': cause('warning', (unit: string, state: string) => {
    const why = state === '' ? 'no unit wants it' : `its file is ${state}`
    return `nothing starts ${unit} at the next boot (${why})`
  }),
})

function whyIgnored(
  name: string,
  why: IgnoredSetting['why'],
  meant: IgnoredSetting['meant'],
): string {
  if (why === 'value') return 'it cannot parse the value'
  if (meant === name) return 'that section has no such setting'
  const what = why === 'section' ? 'section' : 'setting'
  return `it knows no such ${what}${meant === null ? '' : ` (${meant} may be meant)`}`
}

export type Code = CodeOf<typeof found>

/** systemd has not loaded the unit. @param state its LoadState=, which is not "loaded". */
export async function unloaded(
  host: Host,
  {unit, platform}: Target,
  state: string,
): Promise<Finding<'critical', Code>> {
  const {name} = unit
  const evidence = [`LoadState=${state}`]
  if (state === 'not-found') {
    return finding(found.missing(name), mend('Define the unit', platform.unitDefinition(name)), {
      evidence,
    })
  }
  if (state === 'masked') {
    return finding(found.masked(name), mend('Enable the unit', platform.unmask(name)), {evidence})
  }
  const error = unit.get('LoadError')
  // `org.freedesktop.systemd1.BadUnitSetting "Unit x.service has a bad unit file setting."`
  const why = (await refusedSetting(host, unit)) ?? error.replace(/^\S*\s*"?|"$/g, '')
  const cure = mend('Correct the unit', platform.unitChange(name), {
    first: [byHand('systemd-analyze', 'verify', name)],
  })
  return finding(found['not-loaded'](name, why || state), cure, {
    evidence: [...evidence, `LoadError=${error}`],
  })
}

/** @param change what differs, and where. */
export function changed({unit}: Target, change: string): Finding<'warning', Code> {
  const cure = remedy('Let systemd read its units again', 'safe', [
    run('systemctl', 'daemon-reload'),
  ])
  return finding(found.reload(change), cure, {
    evidence: [`NeedDaemonReload=${unit.get('NeedDaemonReload')}`],
  })
}

/** The name and the line alone are shown: a value may be a secret. */
export function ignores(
  {unit, platform}: Target,
  ignored: IgnoredSetting,
): Finding<'warning', Code> {
  const cure = mend('Correct the unit', platform.unitChange(unit.name), {
    first: [byHand('systemd-analyze', 'verify', unit.name)],
  })
  return finding(found.ignored(ignored), cure)
}

export function unwanted({unit, platform}: Target): Finding<'warning', Code> {
  const state = unit.get('UnitFileState')
  const cure = mend('Let the boot start it', platform.enable(unit.name, state))
  return finding(found['not-wanted'](unit.name, state), cure, {
    evidence: [`UnitFileState=${state}`, 'WantedBy='],
  })
}
