import type {Unheeded} from '../../facts/django/unheeded.ts'
import {shownBind} from '../../facts/target/bind.ts'

import type {Target} from '../../facts/target/target.ts'
import {shownState, type Unit} from '../../host/unit.ts'
import {foreignWords} from '../../remedies/foreign-listener.ts'
import {mend} from '../../remedies/remedy.ts'
import {
  type CodeOf,
  cause,
  type Finding,
  finding,
  findingsOf,
  symptom,
} from '../../report/finding.ts'
import {explanation} from './app.explanation.ts'

/** `place` is the address or the socket of the application, as it is shown. */
export const found = findingsOf(explanation, {
  'server-error': symptom(
    'critical',
    (place: string, path: string, status: number, reason: string | null) => {
      const why = reason === null ? '' : `: ${reason}`
      return `${place} answers ${path} with ${status}${why}`
    },
  ),
  refused: symptom('critical', (seen: string, unit: Unit) => {
    const but = isActive(unit) ? ', although' : ';'
    return `${seen}${but} ${unit.name} is ${shownState(unit)}`
  }),
  starting: symptom('warning', (seen: string, unit: Unit) =>
    isActive(unit)
      ? `${seen}, and ${unit.name} has begun to listen there since`
      : `${seen}; ${unit.name} is ${shownState(unit)}`,
  ),
  'other-address': cause(
    'critical',
    ({name}: Unit, actual: string, but: string) => `${name} listens on ${actual}, but ${but}`,
  ),
  'foreign-listener': symptom('critical', foreignWords),
  timeout: symptom('critical', (place: string, why: string) => `${place} ${why}`),
  'held-by-clients': cause('critical', silentWords),
  'held-by-server': cause('critical', silentWords),
  'output-full': cause('critical', silentWords),
  'file-locked': cause('critical', silentWords),
  'storage-silent': symptom('critical', silentWords),
  busy: cause('critical', silentWords),
  stopped: cause('critical', silentWords),
  'no-workers': cause('critical', silentWords),
  'socket-deleted': cause(
    'critical',
    (own: string, path: string, why: string) =>
      `${own} listens on ${path}, but the file of that socket was deleted${why}`,
  ),
  'socket-replaced': cause(
    'critical',
    (own: string, path: string, by: string | null, why: string) =>
      `${own} listens on ${path}, but another socket lies there now, ` +
      `at which ${by === null ? 'nobody listens' : `${by} listens`}${why}`,
  ),
  'socket-hidden': cause(
    'critical',
    (own: string, path: string) =>
      `${own} listens on ${path} in a directory that only that unit sees (its sandbox): ` +
      'nobody else finds the socket',
  ),
  denied: cause('critical', (place: string) => `permission to connect to ${place} is denied`),
  'empty-reply': symptom(
    'critical',
    (place: string, why: string) => `${place} closes the connection without an answer: ${why}`,
  ),
  'not-http': symptom(
    'critical',
    (place: string, why: string) => `${place} answers, but not in HTTP: ${why}`,
  ),
  'bad-request': cause(
    'critical',
    (place: string, name: string, why: string) =>
      `${place} answers 400 to the host name ${name}; ${why}`,
  ),
  'no-hosts': cause(
    'critical',
    (place: string, why: string) => `${why}: ${place} answers 400 to every name`,
  ),
  'unknown-hosts': cause(
    'warning',
    (place: string) => `${place} answers 400, and nothing says which names the application allows`,
  ),
  'not-found': cause(
    'warning',
    (place: string, pages: readonly string[]) =>
      `${place} answers, but has none of the pages ${pages.join(', ')}`,
  ),
})

export type Code = CodeOf<typeof found>

/** @param why "both workers of gunicorn wait for …" */
function silentWords(place: string, why: string): string {
  return `${place} accepts connections and gives no answer: ${why}`
}

function isActive(unit: Unit): boolean {
  return unit.get('ActiveState') === 'active'
}

/** The unit says one address, the server was told another, and a front forwards to the first. */
export function ignoresVariable(
  target: Target,
  {variable, value}: Unheeded,
): Finding<'critical', Code> {
  const {unit, binds, server, platform} = target
  const but = `nothing reads ${variable}=${value} of the unit`
  const summary = 'Let the server read the variable, or correct its configuration'
  const cure = mend(summary, platform.code(target))
  return finding(found['other-address'](unit, binds.map(shownBind).join(', '), but), cure, {
    evidence: server.config ? [`configuration: ${server.config}`] : [],
  })
}
