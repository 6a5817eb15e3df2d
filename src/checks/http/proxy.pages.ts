import {arrivingPath} from '../../facts/fronts/chosen-route.ts'
import {type Cost, comparePages, type Differing} from '../../facts/fronts/compare.ts'
import {isKeptFor} from '../../facts/fronts/cookies.ts'
import type {Difference} from '../../facts/fronts/differences.ts'
import type {Front} from '../../facts/fronts/front.ts'
import {isHarmless} from '../../facts/fronts/harmless.ts'
import {askedName} from '../../facts/fronts/names.ts'
import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import {isGatewayError} from '../../facts/fronts/pages.ts'
import {askFront, type Question} from '../../facts/fronts/questions.ts'
import {type Response, redirectsToHttps} from '../../facts/http.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {FrontSetting} from '../../platform/platform.ts'
import {correct} from '../../remedies/front.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {finding, milder, type Remedy, type Verdict} from '../../report/finding.ts'
import {lookThrough, redirectLoop} from './proxy.elsewhere.ts'
import {type Code, found, placesOf} from './proxy.findings.ts'
import {refusedName} from './proxy.host.ts'
import {badGateway} from './proxy.upstream.ts'

interface Compared {
  readonly bad: readonly Verdict<Code>[]
  /** What was compared, and what that took: for --verbose. */
  readonly evidence: readonly string[]
}

interface Asking {
  readonly host: Host
  readonly target: Target
  readonly questions: readonly Question[]
}

/** Whether pages come through the fronts as the application gives them. */
export async function judgePages(
  host: Host,
  target: Target,
  fronts: readonly Front[],
  questions: readonly Question[],
): Promise<Compared> {
  const {found: differing, cost} = await comparePages(host, target, fronts, questions)
  // One line of a configuration makes many pages differ: it is said once, with how many they are.
  const groups = Map.groupBy(differing, keyOf)
  const asking = {host, target, questions}
  const verdicts = await Promise.all(
    [...groups.values()].map(([first, ...others]) =>
      first ? judgeDifference(asking, first, others.length) : null,
    ),
  )
  return {bad: verdicts.filter(verdict => verdict !== null), evidence: shownCost(cost)}
}

function keyOf({question: {front, route}, difference}: Differing): string {
  const at = route.at === null ? route.path : shownPlace(route.at)
  return `${front.kind} ${at} ${difference.kind}`
}

function shownCost({pages, requests, bytes, isCutShort}: Cost): readonly string[] {
  if (requests === 0) return []
  const kib = Math.ceil(bytes / 1024)
  const end = isCutShort ? '; then the limit was reached' : ''
  return [`compared ${pages} pages through the front, by ${requests} requests, ${kib} KiB${end}`]
}

async function judgeDifference(
  asking: Asking,
  differing: Differing,
  others: number,
): Promise<Verdict<Code> | null> {
  const {target} = asking
  const {question, path, difference} = differing
  const {front, name, route} = question
  const page = `${name}${path}`
  const evidence = [
    ...placesOf(route.at),
    ...(others > 0 ? [`${others} more of the compared pages differ in the same way`] : []),
  ]
  const mended = (summary: string, setting?: FrontSetting): Remedy =>
    correct(target, front, {
      summary,
      at: route.at,
      first: [lookThrough(question, path)],
      ...(setting && {setting}),
    })
  switch (difference.kind) {
    case 'status':
      return statusDiffers(asking, differing, mended, evidence)
    case 'page':
    case 'type':
      return pageDiffers(asking, differing, mended, evidence)
    case 'loop':
      return loops(target, differing, mended, evidence)
    case 'cut': {
      const said = found['page-cut'](front.kind, page, difference.size, difference.own)
      return finding(said, mended(`Correct what ${front.kind} complains about`), {evidence})
    }
    case 'inside-location':
    case 'inside-link': {
      const leads = difference.kind === 'inside-link' ? 'links to' : 'redirects to'
      const said = found['inside-address'](page, leads, difference.url, whySent(question))
      const isLess = difference.kind === 'inside-link'
      const cure = mended('Forward the name that the visitor asked for', {kind: 'proxy-headers'})
      return finding(isLess ? milder(said) : said, cure, {evidence})
    }
    case 'to-http': {
      if (await sendsOn(asking, differing, difference.location)) return null
      const cure = mended('Forward X-Forwarded-Proto', {kind: 'proxy-headers'})
      return finding(found['back-to-http'](page, difference.location), cure, {evidence})
    }
    case 'cookie':
      return cookieLost(asking, differing, difference, mended, evidence)
    case 'cached': {
      const {header, own} = difference
      const cure = mended('Leave Cache-Control to the application')
      return finding(found['cached-page'](front.kind, page, header, own), cure, {evidence})
    }
  }
}

type Mended = (summary: string, setting?: FrontSetting) => Remedy

async function statusDiffers(
  asking: Asking,
  differing: Differing,
  mended: Mended,
  evidence: readonly string[],
): Promise<Verdict<Code> | null> {
  const {host, target} = asking
  const {question, path, own, direct, through, difference} = differing
  const page = {path: own, direct}
  const status = through.kind === 'response' ? through.status : 0
  const refused = status === 400 ? await refusedName(host, target, question, page) : null
  const fails = isGatewayError(status) && question.route.forward !== null
  const said = fails ? await badGateway(host, target, question, page, status) : refused
  if (said === null) return pageDiffers(asking, differing, mended, evidence)
  const words = 'words' in difference ? difference.words : ''
  return {...said, evidence: [`${path} is answered ${words}`, ...said.evidence]}
}

async function pageDiffers(
  asking: Asking,
  {question, path, own, difference, through}: Differing,
  mended: Mended,
  evidence: readonly string[],
): Promise<Verdict<Code> | null> {
  const {route, front, name} = question
  const words = 'words' in difference ? difference.words : ''
  const {forward, at} = route
  const arrives = arrivingPath(route, path)
  const by = at === null ? `${front.kind} itself takes it` : `${shownPlace(at)} takes it`
  const what = `${name}${path} ${words}`
  if (!forward?.replaces || arrives === null || arrives === own) {
    const cure = mended('Correct what takes the page')
    return finding(found['page-differs'](front.kind, what, by), cure, {evidence})
  }
  const behind = isHarmless(arrives) ? await direct(asking, question, arrives) : null
  // Whoever leads one page to another that comes well means it so.
  const isSame = behind !== null && through.kind === 'response' && behind.status === through.status
  const isMeant = isSame && behind.status < 400
  if (isMeant) return null
  const {from, to} = forward.replaces
  const place = at === null ? '' : ` (${shownPlace(at)})`
  const too = isSame ? `, which is ${behind.status}` : ''
  const why = `${forward.how}${place} puts "${to}" in the place of "${from}": ${arrives} arrives${too}`
  const cure = mended(
    to === '/'
      ? `Take the path off the end of ${forward.how}`
      : `Correct the path of ${forward.how}`,
  )
  return finding(found['page-differs'](front.kind, what, why), cure, {evidence})
}

async function direct(
  {host, target: {bind, hosts}}: Asking,
  {name}: Question,
  path: string,
): Promise<Response | null> {
  if (bind === null) return null
  const asked = askedName(hosts, name)
  const answer = await ifSeen(host.request({address: bind, path, headers: {host: asked}}))
  return answer?.kind === 'response' ? answer : null
}

function loops(
  target: Target,
  {question, path, difference}: Differing,
  mended: Mended,
  evidence: readonly string[],
): Verdict<Code> | null {
  if (difference.kind !== 'loop') return null
  const {location, back} = difference
  const {name, tls, front, route} = question
  // The application alone sends visitors to https, and only where it does not see that they are there.
  if (tls && back === null && /^https:/i.test(location))
    return redirectLoop(target, question, location)
  const at = route.at === null ? front.kind : shownPlace(route.at)
  const why = back === null ? `${at} answers so` : `from there visitors are sent to ${back}`
  return finding(
    found['redirect-loop'](`${name}${path}`, location, false, why),
    mended('Take one of the redirects away'),
    {evidence},
  )
}

/** Why the application makes addresses of another name than the visitor's. */
function whySent({front, route}: Question): string {
  const [sent] = route.forward?.hosts ?? []
  const at = sent?.at ?? route.at
  const place = at === null ? '' : ` (${shownPlace(at)}${sent?.at ? '' : ' sets no Host'})`
  if (sent && sent.value !== null) return `${front.kind} forwards the name ${sent.value}${place}`
  const [other] = route.forward?.headers.get('x-forwarded-host') ?? []
  if (other) return `${front.kind} sends X-Forwarded-Host ${other.value}`
  return route.at === null ? `${front.kind} says so` : `${shownPlace(route.at)} leads there`
}

/** Whether plain http of the same name sends visitors on to https, so that they come back. */
async function sendsOn(
  {host, questions}: Asking,
  {question}: Differing,
  location: string,
): Promise<boolean> {
  const plain = questions.find(({name, tls}) => name === question.name && !tls)
  if (!plain) return false
  const {pathname} = new URL(location)
  // Where nobody may ask, nobody knows.
  if (!isHarmless(pathname)) return true
  const answer = await ifSeen(askFront(host, plain, pathname))
  return answer !== null && redirectsToHttps(answer)
}

function cookieLost(
  {target, questions}: Asking,
  {question, path}: Differing,
  {cookie, why, byFront, domain}: Extract<Difference, {kind: 'cookie'}>,
  mended: Mended,
  evidence: readonly string[],
): Verdict<Code> | null {
  const {front, name} = question
  // The name that visitors mostly use may be another one, for which it is right.
  const isRight = (other: Question): boolean => domain !== null && isKeptFor(other.name, domain)
  if (questions.some(isRight)) return null
  const who = byFront ? front.kind : 'the application'
  const said = found['cookie-lost'](`${name}${path}`, cookie, `${who} ${why}`)
  if (byFront) return finding(said, mended('Pass Set-Cookie on as it is'), {evidence})
  const part = domain === null ? 'PATH' : 'DOMAIN'
  const setting = `${/csrf/i.test(cookie) ? 'CSRF' : 'SESSION'}_COOKIE_${part}`
  const cure = mend(`Correct ${setting}`, settingMeans(target, setting), {after: [restart(target)]})
  return finding(said, cure, {evidence})
}
