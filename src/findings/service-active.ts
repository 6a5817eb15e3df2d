import {type JournalLine, restarts as restartTimes} from '../facts/journal/journal.ts'
import {recognise} from '../facts/journal/signatures.ts'
import {shownBind} from '../facts/target/bind.ts'
import type {Target} from '../facts/target/target.ts'
import {findWhoListens, holderOf} from '../facts/unit/listeners.ts'
import {showProperty} from '../facts/unit/systemd.ts'
import {writtenSetting} from '../facts/unit/unit-file.ts'
import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {execCommands, parseTimeSpan, timestampOf, type Unit} from '../host/unit.ts'
import {remedy} from '../remedies/remedy.ts'
import {critical, type Details, type Metric, type Verdict, warning} from '../report/finding.ts'
import {hand} from '../report/step.ts'
import {type Reason, reasonFromJournal, reasonFromSystemd} from './service-reason.ts'
import {correctPackage, remedyOf} from './service-remedy.ts'
import {socketObstacle} from './socket-obstacle.ts'
import {uncollectable} from './uncollectable.ts'

type Journal = readonly JournalLine[] | null

/** It failed, for good or until systemd tries again. */
export async function failing(host: Host, target: Target, journal: Journal): Promise<Verdict> {
  const {unit} = target
  const reason = await reasonOf(host, target, journal)
  const {code, phrase} = howItFails(unit, journal)
  return critical(
    code,
    `${unit.name} ${phrase}: ${reason.text}`,
    remedyOf(target, reason),
    detailsOf(unit, reason, journal),
  )
}

function howItFails(unit: Unit, journal: Journal): {readonly code: string; readonly phrase: string} {
  const times = Number(unit.get('NRestarts')) || 0
  if (unit.get('ActiveState') !== 'failed') {
    const tried = times > 0 ? `, ${times === 1 ? 'once' : `${times} times`} so far` : ''
    return {code: 'restarting', phrase: `fails and is started again every ${unit.get('RestartUSec')}${tried}`}
  }
  // Result= says so only where the result before it was success; 252 never does.
  const last = journal?.findLast(({by, text}) => by === 'systemd' && /^(?:Start request repeated|Starting )/.test(text))
  if (unit.get('Result') === 'start-limit-hit' || last?.text.startsWith('Start request repeated')) {
    return {code: 'start-limit', phrase: 'failed too often in too short a time, and systemd gave up (start limit)'}
  }
  return {code: 'failed', phrase: 'failed'}
}

async function reasonOf(host: Host, target: Target, journal: Journal): Promise<Reason> {
  const told = (journal && reasonFromJournal(target.unit, journal)) ?? reasonFromSystemd(target.unit)
  const obstacle = told.because === null ? await socketObstacle(host, target) : null
  const said: Reason = obstacle ? {text: obstacle, quotes: told.quotes, because: [], recognised: null} : told
  const reason = (await uncollectable(host, target, said)) ?? said
  const {name, setting} = reason.recognised?.signature ?? {}
  if (setting) return {...reason, text: `${reason.text}${await shownSetting(host, target.unit, setting)}`}
  if (name !== 'address-in-use' || !target.bind) return reason
  const {listener, owner} = await findWhoListens(host, target.unit, target.bind)
  const holder = listener && owner !== 'unit' ? holderOf(listener) : null
  // uWSGI and others do not say which address.
  const place = shownBind(target.bind)
  const text = reason.text.includes(place) || /\d/.test(reason.text) ? reason.text : `the address ${place} is in use`
  return {...reason, text: holder ? `${text} by ${holder}` : text}
}

/** ` (TasksMax=3)`, as the unit's files have it: systemd shows "append" of StandardOutput=append:/var/log/x. */
async function shownSetting(host: Host, unit: Unit, property: string): Promise<string> {
  const name = property.replace(/USec$/, 'Sec')
  const written = (await ifSeen(writtenSetting(host, unit, name)))?.at(-1)
  const value = written ?? (await showProperty(host, unit, property))
  return value === null ? '' : ` (${name}=${value})`
}

function detailsOf(unit: Unit, {because, quotes}: Reason, journal: Journal): Details {
  const evidence = [...quotes, `Result=${unit.get('Result')}`, `NRestarts=${unit.get('NRestarts')}`]
  if (!journal) evidence.push('the journal could not be read: there may be more to know')
  // Where a start stops at the application itself, Django was asked, and says so in its own words.
  return {since: failingSince(unit, journal), evidence, ...(because && {because: [...because, 'app/settings']})}
}

/** Since when it has not run for long: the first of the restarts that systemd counts, or the end of the last run. */
function failingSince(unit: Unit, journal: Journal): string | null {
  const first = journal?.findLast(({text}) => text.startsWith('Scheduled restart job, restart counter is at 1.'))
  const counted = first && Number(unit.get('NRestarts')) > 0 ? new Date(first.at).toISOString() : null
  const ended = timestampOf(unit, 'ActiveExitTimestamp') ?? timestampOf(unit, 'StateChangeTimestamp')
  return [counted, ended].filter(time => time !== null).sort()[0] ?? null
}

/** Milliseconds in which three restarts are a loop, whatever RestartSec= is. */
const recent = 600_000

/** It runs at the moment; null where that seems to last. */
export async function crashLoop(host: Host, target: Target, journal: Journal): Promise<Verdict | null> {
  const {unit} = target
  const started = timestampOf(unit, 'ActiveEnterTimestamp')
  const up = started ? host.now() - Date.parse(started) : Number.POSITIVE_INFINITY
  const lately = restartTimes(journal ?? []).filter(at => host.now() - at < recent).length
  if (up >= 10 * parseTimeSpan(unit.get('RestartUSec')) && lately < 3) return null
  const reason = await reasonOf(host, target, journal)
  const times = Number(unit.get('NRestarts'))
  return critical(
    'crash-loop',
    `${unit.name} does not stay up: it has run for ${Math.max(0, Math.round(up / 1000))} s, and systemd has restarted it ${times === 1 ? 'once' : `${times} times`}: ${reason.text}`,
    remedyOf(target, reason),
    {...detailsOf(unit, reason, journal), metrics: [restartsMetric(times)]},
  )
}

/** How often systemd has started the unit again (NRestarts=). */
export function restartsMetric(value: number): Metric {
  return {name: 'restarts', value, unit: '', direction: 'above'}
}

/** Milliseconds in which three crashes of workers are a loop: the main process starts another within a second. */
const crashesWithin = 60_000

/** The main process lives, and no worker does for long: systemd sees no failure. Null where that is not so. */
export function workersCrash(host: Host, target: Target, journal: Journal): Verdict | null {
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
  return critical(
    'workers-crash',
    `${unit.name} runs, but its workers crash (${name ? `SIG${name}` : `signal ${number}`}), ${lines.length} times within the last minute`,
    correctPackage(target, hand(`sudo journalctl -b _SYSTEMD_UNIT=${unit.name} -n 100 --no-pager`)),
    {evidence: [last.text], because: []},
  )
}

/** A first start: TimeoutStartSec= holds for each of its commands. */
export function starting(host: Host, target: Target): Verdict {
  const {unit} = target
  const since = timestampOf(unit, 'InactiveExitTimestamp')
  const commands = ['ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap(property => execCommands(unit, property))
  const allowed = parseTimeSpan(unit.get('TimeoutStartUSec')) * Math.max(1, commands.length)
  const elapsed = since ? host.now() - Date.parse(since) : 0
  const phrase = `${unit.name} has been starting for ${Math.round(elapsed / 1000)} s (${unit.get('SubState')})`
  const look = hand(`systemctl status ${unit.name}`)
  if (elapsed > allowed) {
    return critical('start-overdue', phrase, remedy('See what it waits for', 'manual', [look]), {since})
  }
  const wait = remedy('Wait until it has started, then look again', 'manual', [look])
  return warning('starting', phrase, wait, {since, evidence: [`TimeoutStartUSec=${unit.get('TimeoutStartUSec')}`]})
}

export function stopping({unit}: Target): Verdict {
  return warning(
    'stopping',
    `${unit.name} is being stopped (${unit.get('SubState')})`,
    remedy('Wait until it has stopped, then look again', 'manual', [hand(`systemctl status ${unit.name}`)]),
    {since: timestampOf(unit, 'ActiveExitTimestamp')},
  )
}
