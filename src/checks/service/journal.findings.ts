import {keepsConnections} from '../../facts/django/django.ts'
import {quotesOf, wordsOf} from '../../facts/journal/chain.ts'
import {type Aftermath, isLost} from '../../facts/journal/good-answers.ts'
import type {Group, Said} from '../../facts/journal/grouped.ts'
import type {RefusedHost} from '../../facts/journal/refused-hosts.ts'
import type {RefusedOrigin} from '../../facts/journal/refused-origins.ts'
import type {Target} from '../../facts/target/target.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  type Remedy,
  symptom,
  type Verdict,
} from '../../report/finding.ts'
import {byHand, readJournal} from '../../report/step.ts'
import {ago, times} from './active.findings.ts'
import {explanation} from './journal.explanation.ts'

/** @param between good answers to the same requests, between the first time and the last. */
const logged = (count: number, at: number, what: string, between: number): string => {
  const comesAndGoes =
    between > 0 ? `, with ${counted(between, 'good answer')} to the same in between` : ''
  return `logged ${times(count)}, last at ${shownTime(at)}${comesAndGoes}: ${what}`
}

/** @param since milliseconds since it was logged last. */
const isOver = (count: number, since: number, good: number, what: string): string => {
  return `logged ${times(count)}, last ${ago(since)} ago; ${counted(good, 'good answer')} since: ${what}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

export const found = findingsOf(explanation, {
  error: symptom('warning', logged),
  // Whatever fails below may have raised it: ConnectionRefusedError, as Redis is stopped
  // (test/hosts, bakery-redis-stopped).
  exception: symptom('warning', logged),
  over: symptom('warning', isOver),
  'disallowed-host': symptom(
    'warning',
    (name: string, front: string) =>
      `requests for ${name}, which ${front} serves, are refused since ALLOWED_HOSTS lacks it`,
  ),
  'untrusted-origin': cause(
    'warning',
    ({origin, count}: RefusedOrigin, front: string) =>
      `forms sent from ${origin}, which ${front} serves, were refused ${times(count)}: Django does not trust that origin`,
  ),
})

export type Code = CodeOf<typeof found>

/** "08:28 UTC" */
export function shownTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}

/**
 * A message that tells of a fault, or an exception.
 * @param now milliseconds since the epoch.
 */
export function fault(
  target: Target,
  {last, count}: Group,
  now: number,
  {good, between, isOver, experiments}: Aftermath,
): Verdict<Code> {
  const {path, at, recognised, link} = last
  const words = `${wordsOf(last, link)}${path ? `, at ${path}` : ''}`
  const because = recognised?.signature.because ?? null
  const evidence = quotesOf(last)
  const look = remedy('Read the lines around it', 'manual', [readJournal(target.unit.name, 100)])
  const cure = lostConnection(target, last) ?? look
  if (isOver)
    return finding(found.over(count, now - at, good, words), cure, {evidence, experiments})
  const say = recognised ? found.error : found.exception
  return finding(say(count, at, words, between), cure, {
    evidence,
    experiments,
    // What ends a start by itself need not be the reason why a page fails.
    ...(because !== 'itself' && because && {because}),
  })
}

/**
 * A connection that Django kept, and that was gone when the next request needed it: the server was
 * restarted in between. Null for anything else.
 */
function lostConnection(target: Target, last: Said): Remedy | null {
  const databases = Object.values(target.django.answer?.databases ?? {})
  const isKept = databases.some(keepsConnections)
  if (!isLost(last) || !isKept) return null
  const summary = 'Let Django try a kept connection before it uses it (CONN_HEALTH_CHECKS = True)'
  return mend(summary, settingMeans(target, 'DATABASES'))
}

/** A front serves the name, and Django refuses it. */
export function refused(target: Target, {name, line}: RefusedHost, front: string): Verdict<Code> {
  const cure = mend('Add the name to ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS'), {
    first: [byHand('systemctl', 'show', '-p', 'Environment', target.unit.name)],
  })
  return finding(found['disallowed-host'](name, front), cure, {
    evidence: [line],
    because: ['http/proxy'],
  })
}

/**
 * A front serves the name, and Django refuses what visitors send from there: it takes the request
 * for one of another scheme or name.
 */
export function untrusted(target: Target, refused: RefusedOrigin, front: string): Verdict<Code> {
  const summary = `Add ${refused.origin} to CSRF_TRUSTED_ORIGINS`
  const cure = mend(summary, settingMeans(target, 'CSRF_TRUSTED_ORIGINS', refused.origin))
  return finding(found['untrusted-origin'](refused, front), cure, {evidence: [refused.line]})
}
