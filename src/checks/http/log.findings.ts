import type {Front} from '../../facts/fronts/front.ts'
import {shownPath} from '../../facts/fronts/log/concerns.ts'
import type {Decided} from '../../facts/fronts/log/decides.ts'
import type {FrontEvent} from '../../facts/fronts/log/event.ts'
import {type Place, shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import {type CodeOf, cause, findingsOf, symptom} from '../../report/finding.ts'
import {ago, times} from '../service/active.findings.ts'
import {explanation} from './log.explanation.ts'

/** What is said of events of one kind. */
export interface Told {
  readonly front: Front
  /** At least one, the last one last. */
  readonly events: readonly [FrontEvent, ...FrontEvent[]]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** "3 times, last 4 min ago" */
function howOften({events, now}: Told): string {
  const last = events.at(-1) ?? events[0]
  return `${times(events.length)}, last ${ago(now - last.at)} ago`
}

/** ": /upload/ and 2 more" */
function where({events}: Told): string {
  const paths = [...new Set(events.flatMap(({path}) => (path === null ? [] : shownPath(path))))]
  const [first, ...others] = paths
  if (first === undefined) return ''
  return others.length === 0 ? ` (${first})` : ` (${first} and ${others.length} more)`
}

function placed(at: Place | null): string {
  return at === null ? '' : ` (${shownPlace(at)})`
}

/** `client_max_body_size 10m (/etc/nginx/x:3)`, `client_max_body_size 1m, nginx's own default`. */
export function limit(directive: string, {value, at}: Decided, byDefault: string): string {
  return value === null
    ? `${directive} ${byDefault}, its own default`
    : `${directive} ${value}${placed(at)}`
}

export const found = findingsOf(explanation, {
  'body-too-large': cause('warning', (told: Told, largest: number, decided: string) => {
    const size = `the largest of ${megabytes(largest)}`
    return `${told.front.kind} refused to take what visitors sent ${howOften(told)}, ${size}${where(told)}: ${decided}`
  }),
  'header-too-big': symptom(
    'warning',
    (told: Told, decided: string) =>
      `${told.front.kind} dropped answers of the application ${howOften(told)}, since their headers did not fit${where(told)}: ${decided}`,
  ),
  'upstream-timeout': symptom(
    'warning',
    (told: Told, decided: string) =>
      `${told.front.kind} gave up waiting for the application ${howOften(told)}${where(told)}: ${decided}`,
  ),
  'upstream-closed': symptom(
    'warning',
    (told: Told) =>
      `the application closed the connection before it had answered ${told.front.kind} ${howOften(told)}${where(told)}`,
  ),
  'backlog-full': symptom(
    'warning',
    (told: Told) =>
      `${told.front.kind} was turned away by the application's socket, whose queue was full, ${howOften(told)}`,
  ),
  'no-live-upstreams': symptom(
    'warning',
    (told: Told) =>
      `${told.front.kind} asked nobody, since it took every server behind it for dead, ${howOften(told)}`,
  ),
  'upstream-tls': symptom(
    'warning',
    (told: Told, words: string) =>
      `${told.front.kind} got no TLS from the application ${howOften(told)}: ${words}`,
  ),
  'file-denied': symptom(
    'critical',
    (told: Told, file: string, why: string) =>
      `${told.front.kind} may not open ${file} (${howOften(told)}): ${why}`,
  ),
  'temp-denied': cause(
    'critical',
    (told: Told, directory: string, why: string) =>
      `${told.front.kind} may not write its temporary files to ${directory} (${howOften(told)}), so that uploads and large answers fail: ${why}`,
  ),
  'no-space': symptom(
    'critical',
    (told: Told, path: string, free: string) =>
      `${told.front.kind} found no space left ${howOften(told)}, and the disk of ${path} has ${free} free`,
  ),
  connections: cause(
    'warning',
    (told: Told, decided: string) =>
      `${told.front.kind} had no connection left for visitors ${howOften(told)}: ${decided}`,
  ),
  'open-files': cause(
    'warning',
    (told: Told, decided: string) =>
      `${told.front.kind} had too many files open ${howOften(told)}: ${decided}`,
  ),
  'configuration-refused': cause(
    'warning',
    (front: Front, words: string) =>
      `${front.kind} refuses its configuration and runs with the one before: ${words}`,
  ),
  'conflicting-name': symptom(
    'warning',
    (name: string, sites: readonly string[]) =>
      `nginx ignores a site, since two have the name ${name}: ${sites.join(', ')}`,
  ),
  'worker-killed': symptom(
    'warning',
    (told: Told, signal: string) =>
      `a worker of ${told.front.kind} ended by signal ${signal} ${howOften(told)}`,
  ),
  cycle: symptom(
    'warning',
    (told: Told) => `${told.front.kind} sent a request in a circle ${howOften(told)}${where(told)}`,
  ),
})

export type Code = CodeOf<typeof found>

export function megabytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
