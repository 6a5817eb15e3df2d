import type {JournalLine} from '../../facts/journal/journal.ts'
import {recognise} from '../../facts/journal/signatures.ts'
import {isPostgresUnit} from '../../facts/postgres/postgres-unit.ts'
import type {Target} from '../../facts/target/target.ts'
import {hasDoneItsWork, isUp, timestampOf, type Unit} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {start} from '../../remedies/service.ts'
import {type CheckId, finding, type Remedy, type Verdict} from '../../report/finding.ts'
import {run} from '../../report/step.ts'
import {type Code, found} from './active.findings.ts'
import {startIt} from './active.remedies.ts'

/** What it requires does not run, so that systemd does not start it either. */
export function withoutRequired(
  target: Target,
  required: readonly Unit[],
  since: string | null,
): Verdict<Code> | null {
  const down = required.filter(
    each => !isUp(each) && (isPostgresUnit(each.name) || !hasDoneItsWork(each)),
  )
  if (down.length === 0) return null
  const because = down.map(
    ({name}): CheckId => (isPostgresUnit(name) ? 'database/server' : 'service/dependencies'),
  )
  return finding(
    found['required-inactive'](target.unit.name, down.map(stateOf)),
    startAll(target, down),
    {
      since,
      because: [...new Set(because)],
    },
  )
}

function stateOf(unit: Unit): string {
  const isMissing = unit.get('LoadState') === 'not-found'
  return `${unit.name}, which ${isMissing ? 'does not exist' : `is ${unit.get('ActiveState')}`}`
}

function startAll(target: Target, down: readonly Unit[]): Remedy {
  if (down.some(each => each.get('LoadState') !== 'loaded')) {
    const means = target.platform.unitChange(target.unit.name)
    return mend('Define the required unit, or remove it from Requires=', means, {
      after: [start(target)],
    })
  }
  return remedy('Start what it requires, then the service itself', 'disruptive', [
    ...down.map(({name}) => run('systemctl', 'start', name)),
    start(target),
  ])
}

/** What it requires had failed, and runs by now. */
export function afterDependency(
  target: Target,
  last: JournalLine | undefined,
): Verdict<Code> | null {
  if (!last || recognise(last)?.signature.name !== 'dependency') return null
  return finding(found.dependency(target.unit.name), startIt(target), {
    since: new Date(last.at).toISOString(),
    evidence: [last.text],
  })
}

/** Requires= stops both, the dependent first; Restart= does not bring it back. */
export function stoppedWithRequired(
  target: Target,
  required: readonly Unit[],
  since: string | null,
): Verdict<Code> | null {
  const partner = since === null ? undefined : required.find(each => stoppedTogether(each, since))
  if (!partner) return null
  return finding(found['stopped-with-required'](target.unit.name, partner.name), startIt(target), {
    since,
  })
}

function stoppedTogether(required: Unit, since: string): boolean {
  const stopped = timestampOf(required, 'InactiveEnterTimestamp')
  const started = timestampOf(required, 'ActiveEnterTimestamp')
  if (!stopped || !started) return false
  const apart = Date.parse(stopped) - Date.parse(since)
  return apart >= 0 && apart < 60_000 && started > since
}
