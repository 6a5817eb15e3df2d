import type {JournalLine} from '../../facts/journal/journal.ts'
import {recognise} from '../../facts/journal/signatures.ts'
import {isPostgresUnit} from '../../facts/postgres/postgres-unit.ts'
import type {Target} from '../../facts/target/target.ts'
import {socketObstacle} from '../../facts/unit/socket-obstacle.ts'
import {requiredUnits, showProperty, showUnit} from '../../facts/unit/systemd.ts'
import type {Host} from '../../host/host.ts'
import {failedCommand, hasDoneItsWork, isUp, splitWords, timestampOf, type Unit} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {start} from '../../remedies/service.ts'
import {type CheckId, critical, type Verdict} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'

/**
 * Why nothing runs and nothing failed: `inactive` and `Result=success` is what an operator leaves who stops a unit, and
 * also what is left by a condition, by a unit that it requires, and by a boot that did not want it.
 */
export async function inactive(host: Host, target: Target, journal: readonly JournalLine[] | null): Promise<Verdict> {
  const {unit} = target
  const since = timestampOf(unit, 'InactiveEnterTimestamp')
  const last = journal?.findLast(
    ({by, text}) =>
      by === 'systemd' && /^(?:Stopped |Dependency failed for |Job |.*\bunmet )|asserts? failed/i.test(text),
  )
  const queued = await waitingFor(host, target)
  if (queued) return queued
  const met = unmetCondition(target, last, since)
  if (met) return met
  const required = await requiredUnits(host, unit)
  const down = required.filter(each => !isUp(each) && (isPostgresUnit(each.name) || !hasDoneItsWork(each)))
  if (down.length > 0) return withoutRequired(target, down, since)
  const dependency = last && recognise(last)?.signature.name === 'dependency' ? last : null
  const again = remedy('Start the service', 'disruptive', [start(target)])
  if (dependency) {
    return critical(
      'dependency',
      `${unit.name} was not started because a unit that it requires had failed; that one runs now`,
      again,
      {since: new Date(dependency.at).toISOString(), evidence: [dependency.text], because: []},
    )
  }
  const partner = since ? required.find(each => stoppedTogether(each, since)) : undefined
  if (partner) {
    return critical(
      'stopped-with-required',
      `${unit.name} was stopped together with ${partner.name}, which has been started since; it has not`,
      again,
      {since, because: []},
    )
  }
  const rival = await conflictOf(host, target)
  if (rival) return rival
  if (!since && !timestampOf(unit, 'ActiveEnterTimestamp')) {
    return critical('not-started', `${unit.name} has not been started since the boot`, again, {because: []})
  }
  if (endedItself(unit, journal ?? [])) {
    // CLD_EXITED of waitid(2); what else counts as success is a signal that asks a process to end.
    const how =
      unit.get('ExecMainCode') === '1'
        ? `ended by itself with exit code ${unit.get('ExecMainStatus')}`
        : `was ended by signal ${unit.get('ExecMainStatus')}, not by systemd`
    const obstacle = await socketObstacle(host, target)
    return critical(
      'ended',
      `${unit.name} ${how}, which counts as success, and Restart=${unit.get('Restart')} leaves it so${obstacle ? `; ${obstacle}` : ''}`,
      remedy('See why it ended, then start it', 'manual', [
        hand(`journalctl -u ${unit.name} -n 50 --no-pager`),
        start(target),
      ]),
      {since, because: []},
    )
  }
  return critical('stopped', `${unit.name} was stopped`, again, {
    since,
    evidence: [`ActiveState=${unit.get('ActiveState')}`, `Result=${unit.get('Result')}`],
    because: [],
  })
}

/** Nobody stopped it: systemd says so before it does. */
function endedItself(unit: Unit, journal: readonly JournalLine[]): boolean {
  const own = journal.filter(({by, invocation}) => by === 'systemd' && invocation === unit.get('InvocationID'))
  const says = (words: RegExp): boolean => own.some(({text}) => words.test(text))
  return says(/^Deactivated successfully\./) && !says(/^Stopp(?:ing|ed) /)
}

/** A start that is queued: until what it is ordered after has started, it looks as if nobody wanted it. */
async function waitingFor(host: Host, {unit}: Target): Promise<Verdict | null> {
  if (!/^[1-9]/.test(unit.get('Job'))) return null
  const after = await unitsOf(host, splitWords(unit.get('After')))
  const slow = after.filter(each => each.get('ActiveState') === 'activating' || /^[1-9]/.test(each.get('Job')))
  const names = slow.map(({name}) => name).join(' and ')
  const look = hand('systemctl list-jobs --after')
  return critical(
    'queued',
    names === ''
      ? `${unit.name} waits to be started: its job is queued`
      : `${unit.name} waits to be started until ${names} has started (After=)`,
    remedy('See what that waits for', 'manual', [look, ...slow.map(({name}) => hand(`systemctl status ${name}`))]),
    {evidence: [`Job=${unit.get('Job')}`], because: []},
  )
}

/** What runs in its place: systemd stops one of two units that conflict, and calls that no failure. */
async function conflictOf(host: Host, target: Target): Promise<Verdict | null> {
  const {unit} = target
  const shown = await Promise.all(['Conflicts', 'ConflictedBy'].map(property => showProperty(host, unit, property)))
  const rivals = await unitsOf(host, splitWords(shown.join(' ')))
  const running = rivals.find(each => each.get('ActiveState') === 'active')
  if (!running) return null
  return critical(
    'conflict',
    `${unit.name} is inactive: ${running.name} runs, and the two conflict (Conflicts=)`,
    remedy('Stop the other unit if it has done its work, then start the service', 'manual', [
      hand(`systemctl status ${running.name}`),
      hand(`sudo systemctl stop ${running.name}`),
      start(target),
    ]),
    {since: timestampOf(unit, 'InactiveEnterTimestamp'), because: []},
  )
}

/** Of services alone: shutdown.target conflicts with everything. */
function unitsOf(host: Host, names: readonly string[]): Promise<readonly Unit[]> {
  return Promise.all(names.filter(name => name.endsWith('.service')).map(name => showUnit(host, name)))
}

/** systemctl start succeeds and does nothing. The default of ConditionResult= is "no": it must have been looked at. */
function unmetCondition({unit, platform}: Target, last: JournalLine | undefined, since: string | null): Verdict | null {
  const looked = timestampOf(unit, 'ConditionTimestamp')
  // Assertions are looked at right after the conditions, and only where those are met.
  const isLate = looked !== null && (since === null || looked >= since)
  const asserted = isLate && unit.get('ConditionResult') === 'yes' && unit.get('AssertResult') === 'no'
  const refused = unit.get('Result') === 'exec-condition' ? failedCommand(unit, ['ExecCondition']) : null
  const unmet = isLate && unit.get('ConditionResult') === 'no'
  if (!unmet && !asserted && !refused) return null
  const known = last && recognise(last)
  const meaning = known?.signature.name === 'condition' ? known.signature.meaning?.(known.match, unit) : undefined
  const words = refused
    ? `ExecCondition=${refused.argv.join(' ')} exited with ${refused.status}`
    : (meaning ?? `${unmet ? 'a condition' : 'an assertion'} of the unit is not met`)
  return critical(
    'condition',
    `${unit.name} is not started: ${words}`,
    mend('Fulfil the condition or take it out of the unit', platform.unitChange(unit.name), {
      first: [hand(`systemctl cat ${unit.name}`)],
    }),
    {
      since: looked,
      evidence: [`Result=${unit.get('Result')}`, `ConditionResult=${unit.get('ConditionResult')}`],
      because: [],
    },
  )
}

function withoutRequired(target: Target, down: readonly Unit[], since: string | null): Verdict {
  const {unit} = target
  const states = down.map(each => {
    const missing = each.get('LoadState') === 'not-found'
    return missing ? `${each.name}, which does not exist` : `${each.name}, which is ${each.get('ActiveState')}`
  })
  const because = down.map((each): CheckId => (isPostgresUnit(each.name) ? 'database/server' : 'service/dependencies'))
  const absent = down.some(each => each.get('LoadState') !== 'loaded')
  return critical(
    'required-inactive',
    `${unit.name} is inactive: it requires ${states.join(' and ')}`,
    absent
      ? mend('Define the unit that is required, or require it no more', target.platform.unitChange(unit.name), {
          after: [start(target)],
        })
      : remedy('Start what it requires, then the service itself', 'disruptive', [
          ...down.map(each => run('systemctl', 'start', each.name)),
          start(target),
        ]),
    {since, because: [...new Set(because)]},
  )
}

/** Requires= stops both, the dependent first; Restart= does not bring it back. */
function stoppedTogether(required: Unit, since: string): boolean {
  const stopped = timestampOf(required, 'InactiveEnterTimestamp')
  const started = timestampOf(required, 'ActiveEnterTimestamp')
  if (!stopped || !started) return false
  const apart = Date.parse(stopped) - Date.parse(since)
  return apart >= 0 && apart < 60_000 && started > since
}
