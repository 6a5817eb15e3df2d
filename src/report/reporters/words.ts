import type {CheckReport} from '../report.ts'
import {type Standing, standingOf} from '../standing.ts'

const small = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
]

/** "one check", "two checks", "13 checks". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${small[count] ?? count} ${count === 1 ? singular : plural}`
}

const standings = [
  ['ok', 'ok'],
  ['critical', 'critical'],
  ['warning', 'warnings'],
  ['explained', 'consequences'],
  ['unknown', 'unknown'],
  ['skipped', 'skipped'],
  ['waived', 'waived'],
] as const satisfies readonly (readonly [Standing, string])[]

/** "10 ok, 1 critical, 3 consequences, 2 skipped": what there is none of is not named. */
export function countsOf(checks: readonly CheckReport[]): string {
  const byStanding = Map.groupBy(checks, standingOf)
  return standings
    .map(([standing, many]) => ({count: byStanding.get(standing)?.length ?? 0, many}))
    .filter(({count}) => count > 0)
    .map(({count, many}) => `${count} ${count === 1 ? many.replace(/s$/, '') : many}`)
    .join(', ')
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** The beginning of what is longer than so many characters. */
export function cutAfter(longest: number, text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text
}

/** Of a check that was not judged, by what it needs. */
export function whySkipped(needs: readonly string[]): string {
  return `${listed(needs)} did not pass`
}

/** The verdict on a run that ends with an error. */
export const failedVerdict = 'the run failed before anything was looked at'

/** Milliseconds as a person reads them: "12 ms", "0.41 s", "12.3 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`
  return milliseconds < 10_000
    ? `${(milliseconds / 1000).toFixed(2)} s`
    : `${(milliseconds / 1000).toFixed(1)} s`
}

export const months = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
]

/**
 * "since 03:12 (4 h ago)", in local time; both are ISO 8601. Empty when it cannot be: a time that
 * has not come yet.
 * @param isPast where `now` is none: how long ago says nothing then.
 */
export function since(time: string, now: string, isPast = false): string {
  const seconds = (Date.parse(now) - Date.parse(time)) / 1000
  if (!(seconds >= 0)) return ''
  const relative = isPast ? '' : ` (${seconds < 5 ? 'just now' : `${ago(seconds)} ago`})`
  return `since ${moment(time, now)}${relative}`
}

/** "03:12", or "25 Nov 03:12" where that was not today, in local time; both are ISO 8601. */
export function moment(time: string, now: string): string {
  const then = new Date(time)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return clock(then)
  const year = then.getFullYear() === today.getFullYear() ? '' : ` ${then.getFullYear()}`
  return `${day(then)}${year} ${clock(then)}`
}

/** The same with how long ago that was, unless that time has not come yet: "03:12, 4 h ago". */
export function momentAgo(time: string, now: string): string {
  const seconds = (Date.parse(now) - Date.parse(time)) / 1000
  const relative = seconds >= 0 ? `, ${seconds < 5 ? 'just now' : `${ago(seconds)} ago`}` : ''
  return `${moment(time, now)}${relative}`
}

/** "25 Nov 2026 03:12", in local time. */
export function dated(time: string): string {
  const then = new Date(time)
  return `${day(then)} ${then.getFullYear()} ${clock(then)}`
}

function day(time: Date): string {
  return `${time.getDate()} ${months[time.getMonth()]}`
}

function clock(time: Date): string {
  return `${pad(time.getHours())}:${pad(time.getMinutes())}`
}

function ago(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

export function pad(value: number): string {
  return String(value).padStart(2, '0')
}

/**
 * Whether a line says again what was said: this share of its words, of which paths and addresses
 * have several, stands there already.
 */
export function repeats(line: string, said: string, share = 1): boolean {
  const known = wordsOf(said)
  const words = [...wordsOf(line)]
  return words.filter(word => known.has(word)).length >= words.length * share
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu))
}
