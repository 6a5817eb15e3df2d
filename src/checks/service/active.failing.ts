import {findReason} from '../../facts/journal/find-reason.ts'
import {type JournalLine, restarts as restartTimes} from '../../facts/journal/journal.ts'
import {lastWords} from '../../facts/journal/last-words.ts'
import type {Reason} from '../../facts/journal/reason.ts'
import {explainersOf, recognise} from '../../facts/journal/signatures.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {parseTimeSpan, timestampOf, type Unit} from '../../host/unit.ts'
import {type Details, finding, type Said, type Verdict} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './active.findings.ts'
import {correctPackage, openOf, remedyOf} from './active.remedies.ts'

/** The unit's journal; null where it may not be read. */
export type Journal = readonly JournalLine[] | null

/** It failed, for good or until systemd tries again. */
export async function failing(
  host: Host,
  target: Target,
  journal: Journal,
): Promise<Verdict<Code>> {
  const {unit} = target
  const reason = await findReason(host, target, journal)
  return finding(
    howItFails(unit, journal, reason.text),
    remedyOf(target, reason),
    detailsOf(target, reason, journal),
  )
}

function howItFails(unit: Unit, journal: Journal, why: string): Said<Code, 'critical'> {
  const {name} = unit
  if (unit.get('ActiveState') !== 'failed') {
    return found.restarting(name, unit.get('RestartUSec'), restartsOf(unit), why)
  }
  // Result= says so only where the result before it was success; 252 never does.
  const last = journal?.findLast(
    ({by, text}) => by === 'systemd' && /^(?:Start request repeated|Starting )/.test(text),
  )
  const isLimit = unit.get('Result') === 'start-limit-hit' || last?.text.startsWith('Start request')
  return isLimit ? found['start-limit'](name, why) : found.failed(name, why)
}

function detailsOf(target: Target, reason: Reason, journal: Journal): Details {
  const {unit} = target
  const {because, quotes} = reason
  const evidence = [...quotes, `Result=${unit.get('Result')}`, `NRestarts=${unit.get('NRestarts')}`]
  if (!journal) evidence.push('the journal could not be read: there may be more to know')
  const since = failingSince(unit, journal)
  const open = openOf(target, reason, lastWords(journal ?? []))
  return {
    since,
    evidence,
    ...(open && {open}),
    ...(because !== null && {because: explainersOf(because)}),
  }
}

/**
 * Since when it has not run for long: the first of the restarts that systemd counts, or the end of
 * the last run.
 */
function failingSince(unit: Unit, journal: Journal): string | null {
  const first = journal?.findLast(({text}) =>
    text.startsWith('Scheduled restart job, restart counter is at 1.'),
  )
  const counted = first && restartsOf(unit) > 0 ? new Date(first.at).toISOString() : null
  const ended =
    timestampOf(unit, 'ActiveExitTimestamp') ?? timestampOf(unit, 'StateChangeTimestamp')
  return [counted, ended].filter(time => time !== null).sort()[0] ?? null
}

/** How often systemd has started the unit again on its own. */
export function restartsOf(unit: Unit): number {
  return Number(unit.get('NRestarts')) || 0
}

/** Milliseconds in which three restarts are a loop, whatever RestartSec= is. */
const recent = 600_000

/** It runs at the moment; null where that seems to last. */
export async function crashLoop(
  host: Host,
  target: Target,
  journal: Journal,
): Promise<Verdict<Code> | null> {
  const {unit} = target
  const started = timestampOf(unit, 'ActiveEnterTimestamp')
  const up = started ? host.now() - Date.parse(started) : Number.POSITIVE_INFINITY
  const lately = restartTimes(journal ?? []).filter(at => host.now() - at < recent).length
  if (up >= 10 * parseTimeSpan(unit.get('RestartUSec')) && lately < 3) return null
  const reason = await findReason(host, target, journal)
  const seconds = Math.max(0, Math.round(up / 1000))
  const count = restartsOf(unit)
  return finding(
    found['crash-loop'](unit.name, seconds, count, reason.text),
    remedyOf(target, reason),
    detailsOf(target, reason, journal),
  )
}

/**
 * Milliseconds in which three crashes of workers are a loop: the main process starts another within
 * a second.
 */
const crashesWithin = 60_000

/**
 * The main process lives, and no worker does for long: systemd sees no failure. Null where that is
 * not so.
 */
export function workersCrash(host: Host, target: Target, journal: Journal): Verdict<Code> | null {
  const {unit} = target
  const lines = (journal ?? []).filter(
    line =>
      line.invocation === unit.get('InvocationID') &&
      host.now() - line.at < crashesWithin &&
      recognise(line)?.signature.name === 'worker-crashed',
  )
  const last = lines.at(-1)
  const known = last && recognise(last)
  if (!last || !known || lines.length < 3) return null
  const [, name, number] = known.match
  return finding(
    found['workers-crash'](unit.name, name ? `SIG${name}` : `signal ${number}`, lines.length),
    correctPackage(target, [
      byHand('sudo', 'journalctl', '-b', `_SYSTEMD_UNIT=${unit.name}`, '-n', '100', '--no-pager'),
    ]),
    {evidence: [last.text]},
  )
}
