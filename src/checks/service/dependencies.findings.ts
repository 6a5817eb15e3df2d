import {findJournal} from '../../facts/journal/journal.ts'
import {type Reason, reasonFromJournal} from '../../facts/journal/reason.ts'
import {explainersOf} from '../../facts/journal/signatures.ts'
import {findSetupError, setupUnitName} from '../../facts/postgres/postgres-unit.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {timestampOf, type Unit} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {start} from '../../remedies/service.ts'
import {
  type CheckId,
  type CodeOf,
  cause,
  finding,
  findingsOf,
  type Verdict,
} from '../../report/finding.ts'
import {readJournal, run} from '../../report/step.ts'
import {explanation} from './dependencies.explanation.ts'

export const found = findingsOf(explanation, {
  missing: cause('critical', (unit: string, required: string, load: string) => {
    const state = load === 'not-found' ? 'does not exist' : `is ${load}`
    return `${unit} requires ${required}, which ${state}`
  }),
  inactive: cause(
    'critical',
    (unit: string, required: string, state: string, why: string | null) =>
      `${unit} requires ${required}, which is ${state}${why ? `: ${why}` : ''}`,
  ),
  'no-socket': cause(
    'critical',
    (name: string, place: string, why: string) => `${name} names ${place}, ${why}`,
  ),
  'socket-denied': cause(
    'critical',
    (user: string, wall: string, name: string, socket: string) =>
      `${user} may not ${wall}: ${name} leads to ${socket}`,
  ),
})

export type Code = CodeOf<typeof found>

/** A required unit does not run, or does not exist. */
export async function unitDown(host: Host, target: Target, required: Unit): Promise<Verdict<Code>> {
  const load = required.get('LoadState')
  if (load === 'loaded') return notRunning(target, required, await failureOf(host, required))
  const means = target.platform.unitChange(target.unit.name)
  return finding(
    found.missing(target.unit.name, required.name, load),
    mend('Define the required unit, or remove it from Requires=', means),
  )
}

interface Failure extends Pick<Reason, 'text' | 'quotes'> {
  /** It meets the same database and the same settings as the service. */
  readonly explainers: readonly CheckId[]
}

/** Why it failed; null where it did not, or nobody knows. */
async function failureOf(host: Host, unit: Unit): Promise<Failure | null> {
  const error = unit.name === setupUnitName ? await findSetupError(host) : null
  if (error !== null) return {text: error, quotes: [], explainers: []}
  if (unit.get('ActiveState') !== 'failed') return null
  const journal = await ifSeen(findJournal(host, unit))
  const reason = journal && reasonFromJournal(unit, journal)
  return reason && {...reason, explainers: explainersOf(reason.because ?? 'itself')}
}

function notRunning(target: Target, required: Unit, failure: Failure | null): Verdict<Code> {
  const {name} = required
  const state = required.get('ActiveState')
  const result = required.get('Result')
  const hasFailed = state === 'failed' && result !== '' && result !== 'success'
  const said = found.inactive(
    target.unit.name,
    name,
    hasFailed ? `${state} (${result})` : state,
    failure?.text ?? null,
  )
  const details = {
    since: timestampOf(required, 'InactiveEnterTimestamp'),
    evidence: failure?.quotes ?? [],
  }
  const again = [run('systemctl', 'start', name), start(target)]
  if (!hasFailed) {
    return finding(
      said,
      remedy('Start what it requires, then the service itself', 'disruptive', again),
      details,
    )
  }
  const look = readJournal(name)
  return finding(
    said,
    remedy('See why it fails, then start it and the service', 'manual', [look, ...again]),
    {
      ...details,
      because: ['state/space', ...(failure?.explainers ?? [])],
    },
  )
}
