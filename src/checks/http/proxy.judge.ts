import type {Front} from '../../facts/fronts/front.ts'
import {
  cameThrough,
  isByChance,
  isGatewayError,
  isSamePage,
  pageOf,
} from '../../facts/fronts/pages.ts'
import {askFront, type Question} from '../../facts/fronts/questions.ts'
import {type Stranger, strangersOf} from '../../facts/fronts/strangers.ts'
import {isOfOthers, type Stray} from '../../facts/fronts/strays.ts'
import {redirectsToHttps} from '../../facts/http.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {correct} from '../../remedies/front.ts'
import {finding, ok, type Verdict} from '../../report/finding.ts'
import {noAnswer} from './proxy.down.ts'
import {answeredElsewhere, httpsNowhere, redirectLoop} from './proxy.elsewhere.ts'
import {type Code, found} from './proxy.findings.ts'
import {refusedName} from './proxy.host.ts'
import {badGateway, deadStranger, passedOn} from './proxy.upstream.ts'
import {wrongUpstream} from './proxy.wrong-upstream.ts'

/** A site that leads to the application, by one of its names; null where the page comes through. */
export async function judge(
  host: Host,
  target: Target,
  question: Question,
): Promise<Verdict<Code> | null> {
  const {front, site, name, prefix} = question
  const page = await pageOf(host, target, name)
  const came = cameThrough(question, page, await askFront(host, question, `${prefix}${page.path}`))
  switch (came.kind) {
    case 'nothing':
      return noAnswer(host, target, question, came.answer)
    case 'turned-away':
      return ok(
        `${front.kind} turns this machine away for ${name} with ${came.status} (${came.directive})`,
      )
    case 'maintenance': {
      const summary = `Take the maintenance page out of the configuration of ${front.kind}`
      return finding(
        found.maintenance(front.kind, name),
        correct(target, front, {summary, at: site.at}),
      )
    }
    case 'own-error':
      return passedOn(target, question, page, came.status)
    case 'gateway-error':
      return badGateway(host, target, question, page, came.status)
    case 'bad-request':
      return refusedName(host, target, question, page)
    case 'loop':
      return redirectLoop(target, question, came.location)
    case 'other-page':
      return (await isByChance(host, target, question, page))
        ? null
        : answeredElsewhere(host, target, question, page, came.difference)
    case 'page':
      return came.toHttps ? httpsNowhere(host, target, question, page) : null
  }
}

/** A site that leads elsewhere and should lead to the application; null where it need not. */
export async function judgeStray(
  host: Host,
  target: Target,
  stray: Stray,
  someLeadHere: boolean,
): Promise<Verdict<Code> | null> {
  const {site, prefix, isNamed, name} = stray
  const {bind} = target
  if (await isOfOthers(host, target, stray, someLeadHere)) return null
  const page = await pageOf(host, target, name)
  const answer = await askFront(host, stray, `${prefix}${page.path}`)
  if (answer.kind === 'unreachable' || site.restrictions.has(answer.status)) return null
  if (answer.status === 503 && site.maintenance) return null
  if (isGatewayError(answer.status)) return badGateway(host, target, stray, page, answer.status)
  if (bind === null || someLeadHere || redirectsToHttps(answer) || page.direct?.kind !== 'response')
    return null
  // It may lead here by way of somebody else, as a cache: then the page is the application's own.
  if (isSamePage(answer, page.direct, name)) return null
  if (page.direct.status >= 400 || !isNamed) return null
  return wrongUpstream(host, target, stray, bind, answer.status)
}

interface Strangers {
  readonly bad: readonly Verdict<Code>[]
  /** Who answers as the application does. */
  readonly well: readonly string[]
}

/** Whoever listens on the ports of the web and is no known front. */
export async function judgeStrangers(
  host: Host,
  target: Target,
  fronts: readonly Front[],
  asked: readonly Question[],
): Promise<Strangers> {
  const isAsked = ({name, tls}: Stranger): boolean =>
    asked.some(one => one.name === name && one.tls === tls)
  const strangers = (await strangersOf(host, fronts, target)).filter(stranger => !isAsked(stranger))
  const judged = await Promise.all(
    strangers.map(stranger => judgeStranger(host, target, stranger, asked.length > 0)),
  )
  return {bad: judged.flatMap(({bad}) => bad), well: judged.flatMap(({well}) => well)}
}

async function judgeStranger(
  host: Host,
  target: Target,
  stranger: Stranger,
  someLeadHere: boolean,
): Promise<Strangers> {
  const {name, address, isNamed, holder} = stranger
  const page = await ifSeen(pageOf(host, target, name))
  const answer = page && (await ifSeen(askFront(host, stranger, page.path)))
  if (page === null || answer?.kind !== 'response') return {bad: [], well: []}
  const fails = isGatewayError(answer.status) && answer.status !== 500
  if (fails && (isNamed || !someLeadHere))
    return {bad: [deadStranger(stranger, answer.status, page)], well: []}
  const isOurs = page.direct?.kind === 'response' && isSamePage(answer, page.direct, name)
  const who = `${holder ?? 'somebody'} at ${shownBind(address)}`
  return {bad: [], well: isOurs ? [`${who} answers ${name} as the application does`] : []}
}
