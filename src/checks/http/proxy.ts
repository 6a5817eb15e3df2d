import {disabledSites} from '../../facts/fronts/disabled.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import {admits, type Front, isLocal, isSamePlace, ownNames, type Route, type Site} from '../../facts/fronts/front.ts'
import {
  askFront,
  mainRoute,
  namesOf,
  type Question,
  questions,
  questionsOf,
  type Stranger,
  strangersOf,
} from '../../facts/fronts/questions.ts'
import {allowedHost, askPage, pagesOf, redirectsToHttps} from '../../facts/http.ts'
import {findDjangoServices} from '../../facts/program/services.ts'
import {type Bind, shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {
  answeredElsewhere,
  badGateway,
  deadStranger,
  differenceOf,
  isGatewayError,
  isLoop,
  isSamePage,
  maintenance,
  noAnswer,
  notRunning,
  type Page,
  passedOn,
  redirectLoop,
  refusedName,
  siteDisabled,
  whoIsThere,
  wrongUpstream,
} from '../../findings/http-proxy.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {Check} from '../check.ts'

export const httpProxy: Check = {
  id: 'http/proxy',
  title: 'What stands before the application brings its pages',
  fix: 'starts nginx, Apache or Caddy',
  explanation: {
    why: `Visitors come through a web server that stands before the application. An application that answers at its own
address is no use while that one sends them elsewhere.`,
    asks: `The configuration of nginx, Apache and Caddy is read: as nginx prints it (nginx -T) and Caddy adapts it, or from
their files. For each name of each site that leads to the application (proxy_pass, uwsgi_pass, ProxyPass, reverse_proxy), the
page that the application has is asked of the front at the address where it listens, over TLS as well (whatever the
certificate says): status, redirect, Content-Type and the title of the page must be the application's own. Where somebody else
listens on 127.0.0.1:80 or :443, that one is asked by the names that the application admits.`,
    findings: {
      'not-running': {
        means: 'The front does not run, or refuses its configuration: then its own words are quoted.',
        remedy: 'Start it where somebody stopped it; else correct what it refuses, and start it again.',
      },
      'site-disabled': {
        means: `The application listens for this machine alone, no site leads to it, and one that would lies in sites-available
and is not enabled.`,
        remedy: 'Enable the site (a2ensite, a link in sites-enabled), then test and reload the front.',
      },
      maintenance: {
        means: 'The front is told to answer 503 itself (return 503), as while somebody works on the application.',
        remedy: 'Take the page for maintenance out of its configuration, then reload it.',
      },
      'not-listening': {
        means: 'The front runs and nothing takes connections where its configuration says.',
        remedy: 'Reload it, or see its journal.',
      },
      'wrong-upstream': {
        means: `A site with a name of the application, or for all names, forwards to another place than the one where the
application listens, and the page does not come from there. Its file and line are said.`,
        remedy: 'Correct where it forwards to, then test and reload the front.',
      },
      'socket-denied': {
        means: "The application's socket, or a directory above it, does not admit the front's user.",
        remedy: 'Put that user into the group, and give the group the permission that lacks, then restart the front.',
      },
      'bad-gateway': {
        means: `The front forwards to the right place and gets no answer there, or too late a one. Where the application answers
when it is asked directly, what the front says of its upstream is quoted.`,
        remedy:
          'See why the application does not answer: mostly http/app says so. Else correct what the front complains of.',
      },
      starting: {
        means: 'The front gets no answer yet, since the service is starting.',
        remedy: 'Wait until it has started, then look again.',
      },
      'host-not-allowed': {
        means: 'The application refuses a name that a front serves (400): ALLOWED_HOSTS lacks it.',
        remedy: 'Add the name to ALLOWED_HOSTS.',
      },
      'host-not-forwarded': {
        means: `The application admits the name and refuses the request: the front's configuration forwards another name, mostly
that of its upstream. One with an underscore is never admitted, whatever ALLOWED_HOSTS says.`,
        remedy: `Forward the name that the visitor asked for: proxy_set_header Host $host (recommendedProxySettings on NixOS),
ProxyPreserveHost On.`,
      },
      'host-twice': {
        means: `nginx is told twice to set Host, and sends both: the application sees "name,name" and answers 400. On NixOS
recommendedProxySettings sets it already.`,
        remedy: 'Leave one of the two lines that are named.',
      },
      'redirect-loop': {
        means: 'Over TLS, too, the application redirects to https: it is not told that the visitor came over TLS.',
        remedy: 'Forward X-Forwarded-Proto and set SECURE_PROXY_SSL_HEADER.',
      },
      'foreign-listener': {
        means: 'Another program than the front listens where the front is told to, and answers in its place.',
        remedy: 'End or move that program yourself, then restart the front.',
      },
      'answered-elsewhere': {
        means: `The application has the page, and through the front comes something else: another site, or another location, takes
the request. Which site the front chooses is said where its configuration tells.`,
        remedy: 'Correct the site that takes the request: of two with the same name the first counts.',
      },
    },
    mistakenFor: `Sites that lead elsewhere are not judged, as Debian's default site or another application's server_name
localhost. A password that the front asks for, addresses that it denies and limits on requests turn away who asks from this
machine, and are no fault. A redirect to https where TLS ends on another machine is no fault. Names with wildcards are asked for
by names that the application admits. An expired certificate is another matter. 502 while the application itself is down is its
consequence. Where no front was found, nobody but this machine was asked, and more is not said.`,
  },
  explainedBy: ['http/app', 'service/unit', 'service/active'],
  async run({host, target}) {
    const fronts = await findFronts(host, target)
    const asked = questionsOf(fronts, target)
    const stopped = fronts.filter(front => isMissed(front, fronts))
    const down = await Promise.all(stopped.map(front => notRunning(host, target, front, namesIn(front, target))))
    // Whoever has the ports of a front that does not start is named by that.
    const nobody = {bad: [], well: []}
    const [judged, strays, strangers] = await Promise.all([
      Promise.all(asked.map(question => judge(host, target, question))),
      judgeStrays(host, target, fronts, asked),
      down.length > 0 ? nobody : judgeStrangers(host, target, fronts, asked),
    ])
    const said = [...down, ...judged, ...strays, ...strangers.bad].filter(verdict => verdict !== null)
    if (said.length > 0) return said
    if (asked.length === 0 && strangers.well.length === 0 && target.binds.every(isOfThisMachine)) {
      const disabled = await disabledSites(host, target, fronts)
      if (disabled.length > 0) return disabled.map(siteDisabled)
    }
    const notes = fronts.flatMap(({note}) => note ?? [])
    return ok([wellBecause(fronts, asked, strangers.well), ...notes].join('; '))
  },
}

/** Nobody comes to such an address but by a front. */
function isOfThisMachine(bind: Bind): boolean {
  return 'socketPath' in bind || isLocal(bind.host)
}

/**
 * A front that does not run, although its configuration leads to the application, or it refuses that and has the
 * application in it: but not one that is switched off while another is on.
 */
function isMissed(front: Front, fronts: readonly Front[]): boolean {
  if (front.active) return false
  const leadsHere = front.sites.some(site => site.leadsHere)
  return isOn(front) ? leadsHere || front.mentions : leadsHere && !fronts.some(isOn)
}

function isOn({active, unit}: Front): boolean {
  return active || unit.get('UnitFileState') === 'enabled' || unit.get('ActiveState') !== 'inactive'
}

function namesIn(front: Front, {hosts}: Target): readonly string[] {
  return front.sites.filter(({leadsHere}) => leadsHere).flatMap(site => namesOf(front, site, hosts))
}

/** @throws CannotLook where nothing was asked, and a configuration that would tell whom to ask may not be read. */
function wellBecause(fronts: readonly Front[], asked: readonly Question[], strangers: readonly string[]): string {
  if (asked.length > 0 || strangers.length > 0) {
    const byKind = Map.groupBy(asked, ({front}) => front.kind)
    const words = [...byKind].map(
      ([kind, all]) => `${kind} forwards ${[...new Set(all.map(({name}) => name))].join(', ')} to the application`,
    )
    return [...words, ...strangers].join('; ')
  }
  const unread = fronts.find(({active, unknown}) => active && unknown !== null)
  if (unread?.unknown) throw new CannotLook(unread.unknown, {privilege: true})
  if (fronts.length === 0) return 'no front was found: nobody but this machine was asked'
  const running = fronts.filter(({active}) => active)
  const kinds = (running.length > 0 ? running : fronts).map(({kind}) => kind)
  return `${kinds.join(' and ')} ${kinds.length === 1 ? 'forwards' : 'forward'} nothing to the application`
}

/** The page that http/app found, asked of the application itself by the name that visitors use, where it admits that. */
async function pageOf(host: Host, target: Target, name: string | null): Promise<Page> {
  const {bind, hosts} = target
  const pages = pagesOf(target)
  const [first = '/'] = pages
  if (bind === null) return {path: first, direct: null}
  const allowed = name !== null && admits(hosts, name) ? name : allowedHost(hosts)
  const asked = allowed ?? name ?? ('socketPath' in bind ? 'localhost' : shownBind(bind))
  for (const path of pages) {
    const direct = await askPage(host, target, bind, asked, path)
    if (direct.kind === 'unreachable') return {path: first, direct}
    if (direct.status !== 404) return {path, direct}
  }
  return {path: first, direct: null}
}

async function judge(host: Host, target: Target, question: Question): Promise<Verdict | null> {
  const {front, site, name, prefix, tls} = question
  const page = await pageOf(host, target, name)
  const answer = await askFront(host, question, `${prefix}${page.path}`)
  if (answer.kind === 'unreachable') return noAnswer(host, target, question, answer)
  const restriction = site.restrictions.get(answer.status)
  if (restriction) return ok(`${front.kind} turns this machine away for ${name} with ${answer.status} (${restriction})`)
  if (answer.status === 503 && site.maintenance) return maintenance(target, question)
  // An error of the application's own that comes through as it is: the front does what it should.
  if (page.direct?.kind === 'response' && answer.status === page.direct.status && answer.status >= 500)
    return passedOn(target, question, page, answer.status)
  if (isGatewayError(answer.status)) return badGateway(host, target, question, page, answer.status)
  if (answer.status === 400) return refusedName(target, question, page)
  if (redirectsToHttps(answer))
    return tls && isLoop(answer, question, page) ? redirectLoop(target, question, answer) : null
  // Below a path of its own the application need not be the only one, nor have its login there.
  if (prefix !== '' && answer.status === 404) return null
  // The first page may be another program's, with the application below it.
  if (page.direct?.kind !== 'response' || page.path === '/') return null
  const difference = differenceOf(answer, page.direct, name)
  return difference === null ? null : answeredElsewhere(host, target, question, page, difference)
}

/** Sites that forward, and not to the application, though they have its name, or any name while no site leads here. */
async function judgeStrays(
  host: Host,
  target: Target,
  fronts: readonly Front[],
  asked: readonly Question[],
): Promise<readonly (Verdict | null)[]> {
  const strays = fronts
    .filter(({active}) => active)
    .flatMap(front => front.sites.flatMap(site => strayOf(front, site, target)))
  return Promise.all(strays.map(stray => judgeStray(host, target, stray, asked.length > 0)))
}

interface Stray extends Question {
  /** Whether the application is told that this is its name; else only the lack of anybody there tells. */
  readonly isNamed: boolean
}

function strayOf(front: Front, site: Site, {hosts}: Target): readonly Stray[] {
  const forwards = ({forward}: Route): boolean => forward?.places != null && forward.protocol !== 'other'
  const route = site.leadsHere ? null : mainRoute(site, forwards)
  if (route === null) return []
  const own = site.names.filter(name => hosts.some(host => host.toLowerCase() === name.toLowerCase()) && !isLocal(name))
  if (own.length > 0)
    return own.flatMap(name => questions(front, site, route, name)).map(one => ({...one, isNamed: true}))
  const knowsNames = ownNames(hosts).length > 0 && !hosts.includes('*')
  // With a name that the application does not have, it is somebody else's.
  if (knowsNames && site.names.length > 0 && namesOf(front, site, hosts).every(name => site.names.includes(name)))
    return []
  const [name] = namesOf(front, site, hosts)
  return name === undefined ? [] : questions(front, site, route, name).map(one => ({...one, isNamed: false}))
}

async function judgeStray(host: Host, target: Target, stray: Stray, someLeadHere: boolean): Promise<Verdict | null> {
  const {site, prefix, isNamed, name} = stray
  const {bind} = target
  const who = await whoIsThere(host, stray)
  // Another application's own site: dead or alive, it says nothing of this one.
  if (!isNamed && (someLeadHere || who !== 'nobody' || (await isOfAnother(host, target, stray)))) return null
  const page = await pageOf(host, target, name)
  const answer = await askFront(host, stray, `${prefix}${page.path}`)
  if (answer.kind === 'unreachable' || site.restrictions.has(answer.status)) return null
  if (answer.status === 503 && site.maintenance) return null
  if (isGatewayError(answer.status)) return badGateway(host, target, stray, page, answer.status)
  if (bind === null || someLeadHere || redirectsToHttps(answer) || page.direct?.kind !== 'response') return null
  // It may lead here by way of somebody else, as a cache: then the page is the application's own.
  if (isSamePage(answer, page.direct, name)) return null
  if (page.direct.status >= 400 || !isNamed) return null
  return wrongUpstream(host, target, stray, bind, answer.status)
}

/** Whether another Django service of this machine is told to listen where the site forwards to: that one is down. */
async function isOfAnother(host: Host, {unit}: Target, {route}: Question): Promise<boolean> {
  const services = (await ifSeen(findDjangoServices(host, {installed: true}))) ?? []
  const others = services.filter(other => other.unit.name !== unit.name).flatMap(({server}) => server.binds ?? [])
  return route.forward?.places?.some(place => others.some(other => isSamePlace(place, other))) === true
}

/** Whoever listens on the ports of the web, and is no front that is known. */
async function judgeStrangers(
  host: Host,
  target: Target,
  fronts: readonly Front[],
  asked: readonly Question[],
): Promise<{bad: readonly Verdict[]; well: readonly string[]}> {
  const isAsked = ({name, tls}: Stranger): boolean => asked.some(one => one.name === name && one.tls === tls)
  const strangers = (await strangersOf(host, fronts, target)).filter(stranger => !isAsked(stranger))
  const bad: Verdict[] = []
  const well: string[] = []
  const ask = async (stranger: Stranger): Promise<void> => {
    const {name, address, isNamed} = stranger
    const page = await ifSeen(pageOf(host, target, name))
    const answer = page && (await ifSeen(askFront(host, stranger, page.path)))
    if (page === null || answer?.kind !== 'response') return
    const fails = isGatewayError(answer.status) && answer.status !== 500
    if (fails && (isNamed || asked.length === 0)) bad.push(deadStranger(stranger, answer.status, page))
    if (page.direct?.kind === 'response' && isSamePage(answer, page.direct, name))
      well.push(`${stranger.holder ?? 'somebody'} at ${shownBind(address)} answers ${name} as the application does`)
  }
  await Promise.all(strangers.map(ask))
  return {bad, well}
}
