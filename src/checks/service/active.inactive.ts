import type {JournalLine} from '../../facts/journal/journal.ts'
import {recognise} from '../../facts/journal/signatures.ts'
import type {Target} from '../../facts/target/target.ts'
import {socketObstacle} from '../../facts/unit/socket-obstacle.ts'
import {requiredUnits, showProperty, showUnit} from '../../facts/unit/systemd.ts'
import type {Host} from '../../host/host.ts'
import {failedCommand, splitWords, timestampOf, type Unit} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {start} from '../../remedies/service.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand, hand, readJournal} from '../../report/step.ts'
import type {Journal} from './active.failing.ts'
import {type Code, found} from './active.findings.ts'
import {startIt} from './active.remedies.ts'
import {afterDependency, stoppedWithRequired, withoutRequired} from './active.required.ts'

/**
 * Why nothing runs and nothing failed: `inactive` and `Result=success` is what an operator leaves
 * who stops a unit, and also what is left by a condition, by a unit that it requires, and by a boot
 * that did not want it.
 */
export async function inactive(
  host: Host,
  target: Target,
  journal: Journal,
): Promise<Verdict<Code>> {
  const {unit} = target
  const since = timestampOf(unit, 'InactiveEnterTimestamp')
  const last = journal?.findLast(({by, text}) => by === 'systemd' && isAboutStart.test(text))
  const held = (await waitingFor(host, target)) ?? unmetCondition(target, last, since)
  if (held) return held
  const required = await requiredUnits(host, unit)
  return (
    withoutRequired(target, required, since) ??
    afterDependency(target, last) ??
    stoppedWithRequired(target, required, since) ??
    (await conflictOf(host, target)) ??
    notStarted(target, since) ??
    (await ended(host, target, journal)) ??
    stopped(target, since)
  )
}

const isAboutStart = /^(?:Stopped |Dependency failed for |Job |.*\bunmet )|asserts? failed/i

/**
 * A start that is queued: until what it is ordered after has started, it looks as if nobody wanted
 * it.
 */
async function waitingFor(host: Host, {unit}: Target): Promise<Verdict<Code> | null> {
  if (!/^[1-9]/.test(unit.get('Job'))) return null
  const after = await servicesOf(host, splitWords(unit.get('After')))
  const slow = after.filter(
    each => each.get('ActiveState') === 'activating' || /^[1-9]/.test(each.get('Job')),
  )
  const cure = remedy('See what that waits for', 'manual', [
    hand('systemctl list-jobs --after'),
    ...slow.map(({name}) => byHand('systemctl', 'status', name)),
  ])
  return finding(found.queued(unit.name, slow.map(({name}) => name).join(' and ')), cure, {
    evidence: [`Job=${unit.get('Job')}`],
  })
}

/** systemctl start succeeds and does nothing. */
function unmetCondition(
  {unit, platform}: Target,
  last: JournalLine | undefined,
  since: string | null,
): Verdict<Code> | null {
  const words = unmetWords(unit, last, since)
  if (words === null) return null
  const cure = mend(
    'Meet the condition, or remove it from the unit',
    platform.unitChange(unit.name),
    {
      first: [byHand('systemctl', 'cat', unit.name)],
    },
  )
  return finding(found.condition(unit.name, words), cure, {
    since: timestampOf(unit, 'ConditionTimestamp'),
    evidence: [`Result=${unit.get('Result')}`, `ConditionResult=${unit.get('ConditionResult')}`],
  })
}

/**
 * What is not met; null for nothing. The default of ConditionResult= is "no": it must have been
 * looked at.
 */
function unmetWords(
  unit: Unit,
  last: JournalLine | undefined,
  since: string | null,
): string | null {
  const refused =
    unit.get('Result') === 'exec-condition' ? failedCommand(unit, ['ExecCondition']) : null
  if (refused) return `ExecCondition=${refused.argv.join(' ')} exited with ${refused.status}`
  const looked = timestampOf(unit, 'ConditionTimestamp')
  if (looked === null || (since !== null && looked < since)) return null
  const result = unit.get('ConditionResult')
  // Assertions are looked at right after the conditions, and only where those are met.
  if (result !== 'no' && !(result === 'yes' && unit.get('AssertResult') === 'no')) return null
  const known = last && recognise(last)
  const named =
    known?.signature.name === 'condition' ? known.signature.meaning?.(known.match, unit) : null
  return named ?? `${result === 'no' ? 'a condition' : 'an assertion'} of the unit is not met`
}

/**
 * What runs in its place: systemd stops one of two units that conflict, and calls that no failure.
 */
async function conflictOf(host: Host, target: Target): Promise<Verdict<Code> | null> {
  const {unit} = target
  const shown = await Promise.all(
    ['Conflicts', 'ConflictedBy'].map(property => showProperty(host, unit, property)),
  )
  const rivals = await servicesOf(host, splitWords(shown.join(' ')))
  const running = rivals.find(each => each.get('ActiveState') === 'active')
  if (!running) return null
  const cure = remedy(
    'Stop the other unit if it has done its work, then start the service',
    'manual',
    [
      byHand('systemctl', 'status', running.name),
      byHand('sudo', 'systemctl', 'stop', running.name),
      start(target),
    ],
  )
  return finding(found.conflict(unit.name, running.name), cure, {
    since: timestampOf(unit, 'InactiveEnterTimestamp'),
  })
}

/** Of services alone: shutdown.target conflicts with everything. */
function servicesOf(host: Host, names: readonly string[]): Promise<readonly Unit[]> {
  const services = names.filter(name => name.endsWith('.service'))
  return Promise.all(services.map(name => showUnit(host, name)))
}

function notStarted(target: Target, since: string | null): Verdict<Code> | null {
  const {unit} = target
  if (since || timestampOf(unit, 'ActiveEnterTimestamp')) return null
  return finding(found['not-started'](unit.name), startIt(target))
}

/** Nobody stopped it: systemd says so before it does. */
async function ended(host: Host, target: Target, journal: Journal): Promise<Verdict<Code> | null> {
  const {unit} = target
  const own = (journal ?? []).filter(
    ({by, invocation}) => by === 'systemd' && invocation === unit.get('InvocationID'),
  )
  const says = (words: RegExp): boolean => own.some(({text}) => words.test(text))
  if (!says(/^Deactivated successfully\./) || says(/^Stopp(?:ing|ed) /)) return null
  const status = unit.get('ExecMainStatus')
  // CLD_EXITED of waitid(2); what else counts as success is a signal that asks a process to end.
  const how =
    unit.get('ExecMainCode') === '1'
      ? `ended by itself with exit code ${status}`
      : `was ended by signal ${status}, not by systemd`
  const obstacle = await socketObstacle(host, target)
  const cure = remedy('See why it ended, then start it', 'manual', [
    readJournal(unit.name),
    start(target),
  ])
  return finding(found.ended(unit.name, how, unit.get('Restart'), obstacle), cure, {
    since: timestampOf(unit, 'InactiveEnterTimestamp'),
  })
}

function stopped(target: Target, since: string | null): Verdict<Code> {
  const {unit} = target
  const evidence = [`ActiveState=${unit.get('ActiveState')}`, `Result=${unit.get('Result')}`]
  return finding(found.stopped(unit.name), startIt(target), {since, evidence})
}
