import type {Front} from '../../facts/fronts/front.ts'
import {refusalOf} from '../../facts/fronts/journal.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import {namesOf} from '../../facts/fronts/site-names.ts'
import type {Unreachable} from '../../facts/http.ts'
import {shownBind} from '../../facts/target/bind.ts'

import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {shownState, timestampOf} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {readJournal, run} from '../../report/step.ts'
import {type Code, found} from './proxy.findings.ts'

/** A front that leads to the application, is meant to run, and does not. */
export function notRunning(
  host: Host,
  target: Target,
  front: Front,
): Promise<Finding<'critical', Code>> {
  const sites = front.sites.filter(({leadsHere}) => leadsHere)
  const names = sites.flatMap(site => namesOf(front, site, target.hosts))
  return isDown(host, target, front, names)
}

async function isDown(
  host: Host,
  target: Target,
  front: Front,
  names: readonly string[],
): Promise<Finding<'critical', Code>> {
  const {kind, unit} = front
  const state = `is ${shownState(unit)}`
  const since = timestampOf(unit, 'InactiveEnterTimestamp')
  const refusal = unit.get('ActiveState') === 'inactive' ? null : await refusalOf(host, front)
  if (refusal) {
    const means = target.platform.front({...front, active: false})
    const cure = mend(`Correct what ${kind} refuses`, means, {first: [readJournal(unit.name)]})
    const evidence = [refusal.line, `${unit.name} ${state}`]
    const said = found['not-running'](unit.name, `does not start: ${refusal.words}`)
    return finding(said, cure, {since, evidence})
  }
  const shown = [...new Set(names)].join(', ') || 'the application through it'
  const cure = remedy(`Start ${kind}`, 'disruptive', [run('systemctl', 'start', unit.name)])
  const said = found['not-running'](unit.name, `${state}: nobody reaches ${shown}`)
  return finding(said, cure, {since, evidence: [`${unit.name} ${state}`]})
}

/** A front that runs, and from which nothing comes at all. */
export async function noAnswer(
  host: Host,
  target: Target,
  {front, name, address, tls}: Question,
  {code, message}: Unreachable,
): Promise<Finding<'critical', Code>> {
  const {kind, unit} = front
  if (code !== 'ECONNREFUSED') {
    const cure = remedy('See why the application does not answer', 'manual', [
      readJournal(unit.name),
    ])
    const does = `gives no answer for ${name}${tls ? ' over TLS' : ''}`
    return finding(found['bad-gateway'](kind, does, message), cure)
  }
  // Between two tries it is active for a moment.
  if (Number(unit.get('NRestarts')) > 0) return isDown(host, target, front, [name])
  const cure = remedy(`See what ${kind} says, then reload it`, 'manual', [
    readJournal(unit.name),
    run('systemctl', 'reload', unit.name),
  ])
  return finding(found['not-listening'](kind, name, shownBind(address), message), cure)
}
