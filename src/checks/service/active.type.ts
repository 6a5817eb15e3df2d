import type {JournalLine} from '../../facts/journal/journal.ts'
import {type Manner, mannerOf} from '../../facts/program/background.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {findOwnListeners, type Listener} from '../../facts/unit/listeners.ts'
import {showProperty} from '../../facts/unit/systemd.ts'
import type {Host} from '../../host/host.ts'
import {isFirstStart, timestampOf, type Unit} from '../../host/unit.ts'
import {mend, or} from '../../remedies/remedy.ts'
import {start} from '../../remedies/service.ts'
import {type Details, finding, type Remedy, type Verdict} from '../../report/finding.ts'
import type {Journal} from './active.failing.ts'
import {type Code, found} from './active.findings.ts'

/**
 * Whether the server starts in another way than Type= says: systemd then takes it for ended, or
 * waits for what never comes. Null where that is not so, or nobody knows how the server starts.
 */
export async function otherType(
  host: Host,
  target: Target,
  journal: Journal,
): Promise<Verdict<Code> | null> {
  const manner = mannerOf(target)
  if (!manner) return null
  return forkedAway(target, manner) ?? (await waitsInVain(host, target, manner, journal))
}

/** The process that systemd started ended with success, since another one goes on for it. */
function forkedAway(target: Target, {background}: Manner): Verdict<Code> | null {
  const {unit} = target
  const type = unit.get('Type')
  if (background === null || !/^(?:simple|exec|idle|notify|notify-reload)$/.test(type)) return null
  // uWSGI's child tells systemd that it is the one now; where that is heard, it was only stopped.
  const isHeard = target.server.kind === 'uwsgi' && type.startsWith('notify')
  if (isHeard && unit.get('Result') === 'success') return null
  // CLD_EXITED of waitid(2); what failed before it forked is another fault.
  if (unit.get('ExecMainCode') !== '1' || unit.get('ExecMainStatus') !== '0') return null
  const said = found['forked-away'](unit.name, nameOf(target), background, type)
  return finding(said, ways(target, background), since(unit))
}

/** It stays where it is, and systemd waits for its fork, its word or its file. */
async function waitsInVain(
  host: Host,
  target: Target,
  manner: Manner,
  journal: Journal,
): Promise<Verdict<Code> | null> {
  const {unit} = target
  const isStarting = isFirstStart(unit) && unit.get('SubState').startsWith('start')
  if (!isStarting && !timedOut(unit, journal)) return null
  const [own] = await findOwnListeners(host, unit)
  const awaited = await awaitedBy(host, target, manner, {journal, own})
  if (!awaited) return null
  // Before it listens it may have other reasons to take its time.
  if (isStarting && !own) return null
  const where = own ? `, although it listens on ${shownBind(own.at)}` : ''
  return finding(found['never-ready'](unit.name, awaited.words, where), awaited.cure, {
    ...since(unit),
    evidence: [`Type=${unit.get('Type')}`, `TimeoutStartUSec=${unit.get('TimeoutStartUSec')}`],
  })
}

/** Whether a start took too long, the last or the one before that is tried again. */
function timedOut(unit: Unit, journal: Journal): boolean {
  if (unit.get('Result') === 'timeout') return true
  const last = journal?.findLast(({by, text}) => by === 'systemd' && /^start operation /.test(text))
  return last !== undefined && !isActive(unit) && isLate(last, journal ?? [])
}

function isActive(unit: Unit): boolean {
  return unit.get('ActiveState') === 'active'
}

/** Nothing has started well since. */
function isLate(line: JournalLine, journal: readonly JournalLine[]): boolean {
  return !journal.some(
    ({by, text, at}) => by === 'systemd' && at > line.at && /^Started /.test(text),
  )
}

interface Seen {
  readonly journal: Journal
  readonly own: Listener | undefined
}

interface Awaited {
  readonly words: string
  readonly cure: Remedy
}

async function awaitedBy(
  host: Host,
  target: Target,
  {background, pidFile, neverNotifies}: Manner,
  seen: Seen,
): Promise<Awaited | null> {
  const {unit, platform} = target
  const name = nameOf(target)
  const type = unit.get('Type')
  const simple = mend(
    'Let systemd take it for started at once',
    platform.unitSetting(unit.name, {Type: 'exec'}, {force: true}),
  )
  if (type === 'forking' && background === null)
    return {
      words: `for ${name} to fork (Type=forking), and that stays in the foreground`,
      cure: simple,
    }
  if (type === 'forking') return awaitedFile(host, target, pidFile)
  if (!type.startsWith('notify')) return null
  if (neverNotifies)
    return {
      words: `for ${name} to say that it is ready (Type=${type}), which that never does`,
      cure: simple,
    }
  const pid = await refusedChild(host, unit, seen)
  if (pid === null) return null
  const all = platform.unitSetting(unit.name, {NotifyAccess: 'all'})
  return {
    words:
      `for its main process to say that it is ready (Type=${type}), ` +
      `and a child of that says so (pid ${pid}), which NotifyAccess= does not admit`,
    cure: mend('Let a child say so, or let the script end in exec', all),
  }
}

/** By versions of systemd that say so. */
const refusal = /^Got notification message from PID (\d+), but reception (?:only|is) /

/** The process that says that it is ready, and is not heard; null for none. */
async function refusedChild(host: Host, unit: Unit, {journal, own}: Seen): Promise<number | null> {
  const line = journal?.findLast(({by, text}) => by === 'systemd' && refusal.test(text))
  if (line && isOfStart(line, unit)) return Number(refusal.exec(line.text)?.[1])
  const pids = (own?.processes ?? []).map(({pid}) => pid)
  const main = Number(unit.get('MainPID'))
  if (main === 0 || pids.length === 0 || pids.includes(main)) return null
  const access = await showProperty(host, unit, 'NotifyAccess')
  return access === null || access === 'all' ? null : Math.min(...pids)
}

function isOfStart(line: JournalLine, unit: Unit): boolean {
  const from = timestampOf(unit, 'InactiveExitTimestamp')
  return from === null || line.at >= Date.parse(from)
}

/** PIDFile= of the unit, where the server writes none, or another one. */
async function awaitedFile(
  host: Host,
  target: Target,
  written: string | null,
): Promise<Awaited | null> {
  const {unit, platform} = target
  const file = await showProperty(host, unit, 'PIDFile')
  const plain = (path: string): string => path.replace(/^\/var\/run\//, '/run/')
  if (file === null || (written !== null && plain(written) === plain(file))) return null
  const name = nameOf(target)
  const words = `for the file ${file} (PIDFile=), and ${name} writes ${written ?? 'none'}`
  return {
    words,
    cure: mend(
      'Name the same file in both places',
      written === null
        ? platform.unitChange(unit.name)
        : platform.unitSetting(unit.name, {PIDFile: written}, {force: true}),
    ),
  }
}

function nameOf({server}: Target): string {
  return server.kind ?? 'the server'
}

/** It stays in the foreground, or the unit says that it does not. */
function ways(target: Target, background: string): Remedy {
  const {unit, platform} = target
  const inCode = background.startsWith('daemon = True in ')
  const summary = `Let it stay in the foreground (no ${background.split(' ')[0]})`
  const means = inCode ? platform.code(target) : platform.unitChange(unit.name)
  const other = mend(
    'Tell systemd that it forks',
    platform.unitSetting(unit.name, {Type: 'forking'}, {force: true}),
  )
  return or(mend(summary, means, {after: [start(target)]}), other)
}

function since(unit: Unit): Details {
  return {since: timestampOf(unit, 'StateChangeTimestamp')}
}
