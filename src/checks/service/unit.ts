import {findJournal} from '../../facts/journal/journal.ts'
import type {Target} from '../../facts/target/target.ts'
import {changeOnDisk} from '../../facts/unit/unit-file.ts'
import type {Host} from '../../host/host.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {critical, ok, type Verdict, warning} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'
import type {Check} from '../check.ts'

export const serviceUnit: Check = {
  id: 'service/unit',
  title: 'systemd has the unit and would start it at boot',
  fix: 'lets systemd read its units again, and the boot start the unit where systemctl enable does that',
  explanation: {
    why: `Everything else is read from the unit: without it there is nothing to look at, and a unit that nothing wants
stays down after the next boot.`,
    asks: `systemctl show is asked for the unit, and LoadState is read first, since a unit that does not exist "is" inactive and
nothing more. The unit's file and its drop-ins are read and compared with what systemd has loaded. What it could not load, it named in
the journal.`,
    findings: {
      missing: {
        means:
          'systemd knows no unit of that name; on NixOS usually because the module that defines it is not imported any more.',
        remedy: 'Install the unit, or on NixOS import the module that defines it; for another name, use --unit.',
      },
      masked: {
        means: 'The unit file leads to /dev/null, which is what enable = false makes of it on NixOS.',
        remedy: 'Unmask it, or enable it in the configuration of NixOS.',
      },
      'not-loaded': {
        means: 'systemd cannot make sense of the unit file, and its own words are quoted.',
        remedy: 'Correct what systemd-analyze verify complains of.',
      },
      reload: {
        means: `The files on disk say something else than what systemd has loaded, so that the next restart would not start
what was deployed.`,
        remedy: 'Run systemctl daemon-reload; a restart is needed as well before the change takes effect.',
      },
      'not-wanted': {
        means: 'Nothing pulls the unit in at boot: it works until then, and is not started after it.',
        remedy: 'Run systemctl enable; on NixOS add it to wantedBy of multi-user.target.',
      },
    },
    mistakenFor: `NeedDaemonReload=no proves nothing: systemd compares only times, every file in the Nix store has the same
one, and older versions miss a first drop-in. UnitFileState=linked or static is normal on NixOS, and a unit that a timer,
a socket or another unit starts needs no target of its own. Units there are links into a read-only store: they
are not edited, enabled or unmasked by hand.`,
  },
  async run({host, target}) {
    const {unit} = target
    const notLoaded = await judgeLoad(host, target)
    if (notLoaded) return notLoaded
    const verdicts: Verdict[] = []
    const stale = unit.get('NeedDaemonReload') === 'yes'
    const change =
      (await changeOnDisk(host, unit)) ?? (stale ? `${unit.get('FragmentPath')} or a drop-in was changed` : null)
    if (change) {
      verdicts.push(
        warning(
          'reload',
          `systemd has not read the unit's files again: ${change}`,
          remedy('Let systemd read its units again', 'safe', [run('systemctl', 'daemon-reload')]),
          {evidence: [`NeedDaemonReload=${unit.get('NeedDaemonReload')}`]},
        ),
      )
    }
    const notWanted = judgeWanted(target)
    if (notWanted) verdicts.push(notWanted)
    return verdicts.length > 0 ? verdicts : ok(`${unit.name} is loaded from ${unit.get('FragmentPath')}`)
  },
}

async function judgeLoad(host: Host, target: Target): Promise<Verdict | null> {
  const {unit} = target
  const {name} = unit
  const state = unit.get('LoadState')
  if (state === 'loaded') return null
  const evidence = [`LoadState=${state}`]
  if (state === 'not-found') {
    const fix = mend('Define the unit', target.platform.unitDefinition(name))
    return critical('missing', `systemd has no unit ${name}`, fix, {evidence})
  }
  if (state === 'masked') {
    return critical(
      'masked',
      `${name} is masked: its unit file leads to /dev/null`,
      mend('Enable the unit', target.platform.unmask(name)),
      {evidence},
    )
  }
  const why = (await refusedSetting(host, target)) ?? unit.get('LoadError').replace(/^\S*\s*"?|"$/g, '')
  return critical(
    'not-loaded',
    `systemd cannot load ${name}: ${why || state}`,
    mend('Correct the unit', target.platform.unitChange(name), {first: [hand(`systemd-analyze verify ${name}`)]}),
    {evidence: [...evidence, `LoadError=${unit.get('LoadError')}`]},
  )
}

/**
 * The setting for which systemd refused the unit, with file and line: LoadError= has neither. What it only ignores is not
 * the reason, and may quote the value of a variable.
 */
async function refusedSetting(host: Host, {unit}: Target): Promise<string | null> {
  const lines = (await findJournal(host, unit)) ?? []
  const refused = /^\/\S+:\d+: (?!.*\bignoring\b)|\bRefusing\.$/i
  return lines.findLast(({by, text}) => by === 'systemd' && refused.test(text))?.text ?? null
}

/** Something must pull the unit in at boot; on NixOS that is a wants link, and UnitFileState may say linked or static. */
function judgeWanted(target: Target): Verdict | null {
  const {unit} = target
  const pulling = ['WantedBy', 'RequiredBy', 'UpheldBy', 'BoundBy', 'TriggeredBy']
  if (pulling.some(property => unit.get(property) !== '')) return null
  const state = unit.get('UnitFileState')
  return warning(
    'not-wanted',
    `nothing starts ${unit.name} at the next boot (${state === '' ? 'no unit wants it' : `its file is ${state}`})`,
    mend('Let the boot start it', target.platform.enable(unit.name, state)),
    {evidence: [`UnitFileState=${state}`, 'WantedBy=']},
  )
}
