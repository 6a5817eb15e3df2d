import type {Group} from '../../facts/journal/grouped.ts'
import type {RefusedHost} from '../../facts/journal/refused-hosts.ts'
import type {Target} from '../../facts/target/target.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {type CodeOf, finding, findingsOf, symptom, type Verdict} from '../../report/finding.ts'
import {byHand, readJournal} from '../../report/step.ts'
import {times} from './active.findings.ts'
import {explanation} from './journal.explanation.ts'

const logged = (count: number, at: number, what: string): string =>
  `logged ${times(count)}, last at ${shownTime(at)}: ${what}`

export const found = findingsOf(explanation, {
  error: symptom('warning', logged),
  // Whatever fails below may have raised it: ConnectionRefusedError, as Redis is stopped
  // (test/hosts, bakery-redis-stopped).
  exception: symptom('warning', logged),
  'disallowed-host': symptom(
    'warning',
    (name: string, front: string) =>
      `requests for ${name}, which ${front} serves, are refused since ALLOWED_HOSTS lacks it`,
  ),
})

export type Code = CodeOf<typeof found>

/** "08:28 UTC" */
export function shownTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}

/** A message that tells of a fault, or an exception. */
export function fault({unit}: Target, {last, count}: Group): Verdict<Code> {
  const {text, where, path, at, recognised} = last
  const [first = ''] = text.split('\n')
  const place = `${path ? ` at ${path}` : ''}${where ? ` (${where})` : ''}`
  const say = recognised ? found.error : found.exception
  const because = recognised?.signature.because ?? null
  const look = readJournal(unit.name, 100)
  return finding(
    say(count, at, `${first}${place}`),
    remedy('Read the lines around it', 'manual', [look]),
    // What ends a start by itself need not be the reason why a page fails.
    {evidence: text.split('\n').slice(0, 4), ...(because !== 'itself' && because && {because})},
  )
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
