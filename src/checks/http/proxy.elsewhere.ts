import {askedName} from '../../facts/fronts/names.ts'
import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import type {Page} from '../../facts/fronts/pages.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import {chosenSite} from '../../facts/fronts/site-names.ts'
import {redirectsToHttps} from '../../facts/http.ts'
import {type Bind, shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {findListeners, findWhoListens, isForeign} from '../../facts/unit/listeners.ts'
import {isLoopback} from '../../host/address.ts'
import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {moveAway} from '../../remedies/foreign-listener.ts'
import {correct} from '../../remedies/front.ts'
import {mend, or} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {type Finding, finding, type Step} from '../../report/finding.ts'
import {byHand, hand} from '../../report/step.ts'
import {type Code, found, placesOf} from './proxy.findings.ts'

/**
 * Somebody else takes the request: another program, another site of the front, or another location.
 */
export async function answeredElsewhere(
  host: Host,
  target: Target,
  question: Question,
  page: Page,
  difference: string,
): Promise<Finding<'critical', Code>> {
  const {front, name, address, prefix, site} = question
  const who = await findWhoListens(host, front.unit, address)
  if (isForeign(front.unit, who))
    return finding(
      found['foreign-listener'](front.unit, address, who),
      moveAway(front.unit, address),
    )
  const chosen = chosenSite(question)
  const path = `${prefix}${page.path}`
  const cure = correct(target, front, {
    summary: 'Correct the site that takes the request',
    at: chosen?.at ?? site.at,
    first: [lookThrough(question, path)],
  })
  const complaint = front.complaints.find(line => line.includes(`"${name}"`))
  const what = `${name}${path} ${difference}: ${takerOf(question)}`
  return finding(found['answered-elsewhere'](front.kind, what), cure, {
    evidence: complaint === undefined ? [] : [complaint],
  })
}

function takerOf(question: Question): string {
  const {site} = question
  const chosen = chosenSite(question)
  if (!chosen?.at || chosen === site) return 'something else takes the request'
  const own = site.at === null ? 'another place' : shownPlace(site.at)
  return `the site at ${shownPlace(chosen.at)} takes the request, not that at ${own}`
}

/** The head of what a front answers. */
export function lookThrough({name, address, tls}: Question, path: string): Step {
  const url = `${tls ? 'https' : 'http'}://${shownBind(address)}${path}`
  return byHand('curl', tls ? '-skI' : '-sI', '-H', `Host: ${name}`, url)
}

/** Over TLS as well the application sends visitors to where they are already. */
export function redirectLoop(
  target: Target,
  {front, name, site, route}: Question,
  location: string,
): Finding<'critical', Code> {
  const trusted = trustedHeader(target)
  const setting = {kind: 'proxy-headers'} as const
  if (trusted === null) {
    const cure = correct(target, front, {
      summary: 'Forward X-Forwarded-Proto and let Django trust it',
      at: site.at,
      first: [
        hand("SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')  # in the settings"),
      ],
      setting,
    })
    return finding(
      found['redirect-loop'](
        name,
        location,
        true,
        'nothing tells the application that this is TLS',
      ),
      cure,
    )
  }
  const isEdited = front.kind === 'nginx' && !target.platform.writesFronts
  const cure = correct(target, front, {
    summary: `Forward ${trusted}`,
    at: site.at,
    first: isEdited ? [hand(`proxy_set_header ${trusted} $scheme;  # beside proxy_pass`)] : [],
    setting,
  })
  const looks = 'where Django looks for it (SECURE_PROXY_SSL_HEADER)'
  const sent = route.forward?.headers.get(trusted.toLowerCase()) ?? []
  const places = placesOf(...sent.map(({at}) => at)).join(' and ')
  const why =
    sent.length > 1
      ? `${front.kind} sends ${trusted} more than once (${places}), which is no "https"`
      : `${front.kind} does not say so in ${trusted}, ${looks}`
  return finding(found['redirect-loop'](name, location, true, why), cure)
}

/**
 * The application sends plain visitors to https, and nothing on the way there can end that; null
 * where a proxy elsewhere may, or the front itself redirects.
 */
export async function httpsNowhere(
  host: Host,
  target: Target,
  {front, name, route}: Question,
  {path, direct}: Page,
): Promise<Finding<'critical', Code> | null> {
  const {bind, binds, hosts} = target
  const listeners = await findListeners(host)
  const isOpen = listeners === null || listeners.some(({at}) => 'port' in at && at.port === 443)
  const servesTls = front.sites.some(({listens}) => listens.some(({tls}) => tls))
  // Who ends TLS on another machine may ask the application itself.
  if (bind === null || isOpen || servesTls || !binds.every(isLoopbackBind)) return null
  const asked = askedName(hosts, name)
  const plain = await ifTold(host.request({address: bind, path, headers: {host: asked}}))
  if (plain === null || !redirectsToHttps(plain)) return null
  const [sent] = route.forward?.headers.get('x-forwarded-proto') ?? []
  const trusted = trustedHeader(target)
  const says = sent && /^(?:\$\{?scheme\}?|http)$/.test(sent.value) ? sent : null
  const always = direct !== null && redirectsToHttps(direct)
  const isDeaf = always && (trusted === null || trusted === 'X-Forwarded-Proto')
  if (says === null && !isDeaf) return null
  const place = says?.at ? ` (${shownPlace(says.at)})` : ''
  const why = isDeaf
    ? 'it does so whatever X-Forwarded-Proto says'
    : `${front.kind} says http in X-Forwarded-Proto whatever came to it${place}`
  const off = mend('Turn the redirect off', settingMeans(target, 'SECURE_SSL_REDIRECT', 'false'), {
    after: [restart(target)],
  })
  const cure = correct(target, front, {summary: 'Serve the site over TLS', at: route.at})
  return finding(found['https-nowhere'](name, why), or(cure, off))
}

function isLoopbackBind(bind: Bind): boolean {
  return 'socketPath' in bind || isLoopback(bind.host)
}

/** The header in which a front may say that the visitor came over TLS: X-Forwarded-Proto. */
function trustedHeader({django}: Target): string | null {
  const header = django.answer?.settings.SECURE_PROXY_SSL_HEADER
  const [name] = Array.isArray(header) ? header : []
  if (typeof name !== 'string' || !name.startsWith('HTTP_')) return null
  const words = name.slice('HTTP_'.length).toLowerCase().split('_')
  return words.map(word => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join('-')
}
