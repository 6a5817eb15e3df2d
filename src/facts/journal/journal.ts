import {stripVTControlCharacters} from 'node:util'
import type {Host, JournalEntry} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {findUser} from '../files/identity.ts'
import {findEntries} from './entries.ts'

/** One line that systemd wrote of the unit, or that a process of the unit wrote. */
export interface JournalLine {
  /**
   * Milliseconds since the epoch, as journald stamped it: programs write their own times, each in
   * its own zone.
   */
  readonly at: number
  /**
   * Without the unit's name that systemd puts before it, and without what gunicorn and uvicorn do.
   */
  readonly text: string
  /**
   * `systemd`: PID 1, or its child on the way to exec. `service`: what the unit's processes say.
   */
  readonly by: 'systemd' | 'service'
  readonly pid: number
  /**
   * One start of the unit, with all that came of it; null where systemd says none, or the process
   * was gone too soon.
   */
  readonly invocation: string | null
}

/**
 * What the journal has of a unit since the boot, the last lines; null where it may not be read:
 * then there is no evidence, which is not the same as no error.
 */
export async function findJournal(
  host: Host,
  unit: Unit,
  count = 600,
): Promise<readonly JournalLine[] | null> {
  const entries = await findEntries(host, [{unit: unit.name}], count)
  return entries && linesOf(entries, unit.name, await serviceUid(host, unit))
}

async function serviceUid(host: Host, unit: Unit): Promise<number | null> {
  const own = Number(unit.get('UID'))
  if (unit.get('UID') !== '' && Number.isInteger(own)) return own
  const user = unit.get('User')
  return user ? ((await ifSeen(findUser(host, user)))?.uid ?? null) : 0
}

/** What is said about a unit is believed only of root and of the service's own user. */
export function linesOf(
  entries: readonly JournalEntry[],
  unit: string,
  uid: number | null,
): readonly JournalLine[] {
  return entries.flatMap(entry => {
    const said = entry.about === unit
    const isTrusted = entry.uid === 0 || (entry.uid !== undefined && entry.uid === uid)
    if (entry.unit !== unit && !(said && isTrusted)) return []
    const by = said ? 'systemd' : 'service'
    const {at, pid = Number.NaN, invocation = null} = entry
    return entry.text
      .split('\n')
      .map(part => ({at, by, pid, invocation, text: stripped(part, unit, by)}))
  })
}

/**
 * `[2026-11-23 08:28:04 +0000] [205] [ERROR] …` of gunicorn, `ERROR:    …` of uvicorn,
 * `prism-django.service: …`.
 */
function stripped(text: string, unit: string, by: JournalLine['by']): string {
  if (by === 'systemd') return text.startsWith(`${unit}: `) ? text.slice(unit.length + 2) : text
  // Some programs colour what they write wherever it goes.
  return stripVTControlCharacters(text).replace(
    /^\[[-\d: +]+\] \[\d+\] \[[A-Z]+\] |^(?:INFO|WARNING|ERROR|CRITICAL): {4,5}/,
    '',
  )
}

/** How systemd says that a start came to a bad end; the last line of it. */
const ending = /^(?:Failed with result |(?:Main|Control) process exited, )/

/** All lines of the last start that failed, in their order; empty where none did. */
export function lastFailure(lines: readonly JournalLine[]): readonly JournalLine[] {
  const end = lines.findLast(({by, text}) => by === 'systemd' && ending.test(text))
  if (!end) return []
  const isOfIt = ({invocation}: JournalLine): boolean => invocation === end.invocation
  const [from, to] = [lines.findIndex(isOfIt), lines.findLastIndex(isOfIt)]
  // A process that was gone before journald looked at it has the unit's name and no invocation.
  return lines.filter(
    (line, at) => isOfIt(line) || (line.invocation === null && at > from && at < to),
  )
}

/** When systemd started the unit again on its own, milliseconds since the epoch. */
export function restarts(lines: readonly JournalLine[]): readonly number[] {
  return lines
    .filter(({by, text}) => by === 'systemd' && text.startsWith('Scheduled restart job'))
    .map(({at}) => at)
}
