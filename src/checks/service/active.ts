import {findJournal} from '../../facts/journal/journal.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {isFirstStart, timestampOf} from '../../host/unit.ts'
import {type Metric, ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './active.explanation.ts'
import {activeFacts} from './active.facts.ts'
import {crashLoop, failing, type Journal, restartsOf, workersCrash} from './active.failing.ts'
import {type Code, found, times} from './active.findings.ts'
import {inactive} from './active.inactive.ts'
import {starting, stopping} from './active.transition.ts'
import {otherType} from './active.type.ts'
import {serviceUnit} from './unit.ts'

/** What was asked of a service that runs, or may yet. */
export interface ActiveService {
  /** Since the boot; null where this user may not read it. */
  readonly journal: Journal
}

export const serviceActive: CheckOf<Code, ActiveService> = {
  id: 'service/active',
  title: 'The service runs and keeps running',
  fix: 'starts the service again once no other cause is left',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: activeFacts,
  async run({host, target}) {
    const journal = await findJournal(host, target.unit)
    const restarts: Metric = {
      name: 'restarts',
      value: restartsOf(target.unit),
      unit: '',
      direction: 'above',
    }
    const verdict = await judge(host, target, journal)
    return {findings: [{...verdict, metrics: [restarts]}], result: {journal}}
  },
}

async function judge(host: Host, target: Target, journal: Journal): Promise<Verdict<Code>> {
  const {unit} = target
  const state = unit.get('ActiveState')
  if (state === 'active' || state === 'reloading') return running(host, target, journal)
  const other = await otherType(host, target, journal)
  if (other) return other
  switch (state) {
    case 'inactive':
      return inactive(host, target, journal)
    case 'activating':
      return isFirstStart(unit) ? starting(host, target) : failing(host, target, journal)
    case 'deactivating': {
      const isWell = restartsOf(unit) === 0 && unit.get('Result') === 'success'
      return isWell ? stopping(target) : failing(host, target, journal)
    }
    default:
      return failing(host, target, journal)
  }
}

async function running(host: Host, target: Target, journal: Journal): Promise<Verdict<Code>> {
  const {unit} = target
  const restarts = restartsOf(unit)
  const loop = restarts > 0 ? await crashLoop(host, target, journal) : null
  const other = loop && (await otherType(host, target, journal))
  if (other) return other
  const crash = loop ?? workersCrash(host, target, journal)
  if (crash) return crash
  const restarted = restarts > 0 ? `; systemd has restarted it ${times(restarts)}` : ''
  const state = `${unit.get('ActiveState')} (${unit.get('SubState')})`
  return ok(`${unit.name} is ${state}${restarted}`, {
    since: timestampOf(unit, 'ActiveEnterTimestamp'),
  })
}
