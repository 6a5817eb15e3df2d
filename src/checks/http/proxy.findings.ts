import {type Place, shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import {foreignWords} from '../../remedies/foreign-listener.ts'
import {type CodeOf, cause, findingsOf, symptom} from '../../report/finding.ts'
import {explanation} from './proxy.explanation.ts'

/** `front` is the kind of the front, "nginx", and `name` the one that visitors ask for. */
export const found = findingsOf(explanation, {
  'not-running': cause('critical', (unit: string, why: string) => `${unit} ${why}`),
  'site-disabled': cause('critical', (front: string, file: string, names: readonly string[]) => {
    const site = `${file}, the site of ${names.join(', ')}`
    return `${front} leads nobody to the application: ${site}, is not enabled`
  }),
  maintenance: cause('warning', (front: string, name: string) => {
    const how = front === 'nginx' ? ' (return 503)' : ''
    return `${front} itself answers ${name} with 503${how}, and does not ask the application`
  }),
  'not-listening': cause(
    'critical',
    (front: string, name: string, at: string, why: string) =>
      `${front} is told to listen at ${at} for ${name}, but nothing answers there: ${why}`,
  ),
  'wrong-upstream': cause(
    'critical',
    (front: string, name: string, to: string, status: number, own: string) =>
      `${front} forwards ${name} to ${to} and answers ${status}; the application listens at ${own}`,
  ),
  'socket-denied': cause(
    'critical',
    (user: string, denied: string, name: string, status: number) =>
      `${user} may not ${denied}: ${name} answers ${status}`,
  ),
  'bad-gateway': symptom('critical', (who: string, does: string, why: string | null) => {
    const words = why === null ? '' : `: ${why}`
    return `${who} ${does}${words}`
  }),
  starting: symptom(
    'warning',
    (front: string, name: string, status: number, unit: string) =>
      `${front} answers ${status} for ${name} while ${unit} is starting`,
  ),
  'host-not-allowed': symptom(
    'critical',
    (front: string, name: string, lacks: string) =>
      `${front} serves ${name}, which ${lacks}: every visitor gets 400`,
  ),
  'host-not-forwarded': cause(
    'critical',
    (front: string, name: string, sent: string, says: string) => {
      const why = `${front} forwards the name ${sent} (${says})`
      return `the application refuses ${name} behind ${front} (400) and allows it directly: ${why}`
    },
  ),
  'host-twice': cause(
    'critical',
    (front: string, header: string, name: string, places: readonly string[]) => {
      const times = places.length > 2 ? `${places.length} times` : 'twice'
      const sends = `${front} sends ${header} ${times} (${places.join(' and ')})`
      return `${sends}, and the application answers 400 for ${name}`
    },
  ),
  'https-nowhere': cause(
    'critical',
    (name: string, why: string) =>
      `the application redirects every visitor of ${name} to https, where nobody listens: ${why}`,
  ),
  'wrong-protocol': cause(
    'critical',
    (front: string, name: string, status: number, how: string, place: string, speaks: string) =>
      `${front} answers ${status} for ${name}: ${how}, and ${place} speaks ${speaks}`,
  ),
  'redirect-loop': cause(
    'critical',
    (name: string, location: string, tls: boolean, why: string) => {
      const how = tls ? ' over TLS as well' : ', and that does not end'
      return `${name} redirects to ${location}${how}: ${why}`
    },
  ),
  'page-differs': cause(
    'critical',
    (front: string, what: string, why: string) => `${front} answers ${what}: ${why}`,
  ),
  'page-cut': cause(
    'critical',
    (front: string, page: string, size: number, own: number) =>
      `${front} cuts ${page} off: ${size} bytes come through, and the application sends ${own}`,
  ),
  'inside-address': cause(
    'critical',
    (page: string, leads: string, url: string, why: string) =>
      `${page} ${leads} ${url}, where no visitor comes: ${why}`,
  ),
  'back-to-http': cause(
    'warning',
    (page: string, location: string) => `${page} over TLS sends visitors back to ${location}`,
  ),
  'cookie-lost': cause(
    'critical',
    (page: string, cookie: string, why: string) =>
      `browsers lose the cookie ${cookie} of ${page}, so its form is refused: ${why}`,
  ),
  'cached-page': cause(
    'warning',
    (front: string, page: string, header: string, own: string) =>
      `${front} lets browsers keep ${page} (${header}), and the application forbids it (${own})`,
  ),
  'foreign-listener': cause('critical', foreignWords),
  'answered-elsewhere': cause(
    'critical',
    (front: string, what: string) => `${front} answers ${what}`,
  ),
})

export type Code = CodeOf<typeof found>

/** For evidence: where a configuration says it. */
export function placesOf(...places: readonly (Place | null)[]): readonly string[] {
  return places.filter(at => at !== null).map(shownPlace)
}
