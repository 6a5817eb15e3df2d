import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {uncollectable} from '../static/uncollectable.ts'
import {shownBind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import {findWhoListens, holderOf} from '../unit/listeners.ts'
import {socketObstacle} from '../unit/socket-obstacle.ts'
import {showProperty} from '../unit/systemd.ts'
import {writtenSetting} from '../unit/unit-file.ts'
import type {JournalLine} from './journal.ts'
import {type Reason, reasonFromJournal} from './reason.ts'
import {reasonFromSystemd} from './reason-of-systemd.ts'

/**
 * Why the unit does not run: what its journal or systemd tell, and what the machine adds to that:
 * the file that is meant, the setting's value, the program that holds the address.
 * @param journal null where it may not be read.
 */
export async function findReason(
  host: Host,
  target: Target,
  journal: readonly JournalLine[] | null,
): Promise<Reason> {
  const {unit} = target
  const told = (journal && reasonFromJournal(unit, journal)) ?? reasonFromSystemd(unit)
  const obstacle = told.because === null ? await socketObstacle(host, target) : null
  const said: Reason = obstacle
    ? {text: obstacle, quotes: told.quotes, because: 'itself', recognised: null}
    : told
  const reason = (await uncollectable(host, target, said)) ?? said
  const {name, setting} = reason.recognised?.signature ?? {}
  if (setting) return {...reason, text: `${reason.text}${await shownSetting(host, unit, setting)}`}
  if (name === 'address-in-use')
    return {...reason, ...(await addressInUse(host, target, reason.text))}
  return name === 'start-timeout' ? notHeard(unit, reason, journal ?? []) : reason
}

/**
 * A server that told systemd that it is ready, and is not the process that systemd hears
 * (NotifyAccess=main): a shell stands between them, which waits for it.
 */
function notHeard(unit: Unit, reason: Reason, journal: readonly JournalLine[]): Reason {
  const main = Number(unit.get('ExecMainPID'))
  const isOver = unit.get('ActiveState') === 'failed' || unit.get('SubState') === 'auto-restart'
  if (!isOver || unit.get('Type') !== 'notify' || unit.get('NotifyAccess') !== 'main') return reason
  const line = journal.findLast(({by, text}) => by === 'service' && listens.test(text))
  if (!line || !(main > 0) || line.pid === main) return reason
  const heard = `it listened as pid ${line.pid}, and systemd hears pid ${main} alone (NotifyAccess=main)`
  return {...reason, text: `${reason.text}: ${heard}`, quotes: [line.text, ...reason.quotes]}
}

/** gunicorn's master, a moment before it tells systemd. */
export const listens = /^Listening at: /

/**
 * ` (TasksMax=3)`, as the unit's files have it: systemd shows "append" of
 * StandardOutput=append:/var/log/x.
 */
async function shownSetting(host: Host, unit: Unit, property: string): Promise<string> {
  const name = property.replace(/USec$/, 'Sec')
  const written = (await ifSeen(writtenSetting(host, unit, name)))?.at(-1)
  const value = written ?? (await showProperty(host, unit, property))
  return value === null ? '' : ` (${name}=${value})`
}

async function addressInUse(
  host: Host,
  {unit, bind}: Target,
  said: string,
): Promise<Pick<Reason, 'text' | 'isLeftBehind'>> {
  if (!bind) return {text: said}
  const {listener, owner, unit: other} = await findWhoListens(host, unit, bind)
  const holder = listener && holderOf(listener, other)
  const isLeftBehind = holder !== null && owner === 'unit'
  // uWSGI and others do not say which address.
  const place = shownBind(bind)
  const text = said.includes(place) || /\d/.test(said) ? said : `the address ${place} is in use`
  if (!holder) return {text}
  const since = isLeftBehind ? `, which an earlier start of ${unit.name} has left behind` : ''
  return {text: `${text} by ${holder}${since}`, isLeftBehind}
}
