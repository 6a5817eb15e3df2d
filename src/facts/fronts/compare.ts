import {type Host, type HttpAnswer, NotRecorded} from '../../host/host.ts'
import {within} from '../../host/time-left.ts'
import {type Response, redirectsToHttps} from '../http.ts'
import type {Target} from '../target/target.ts'
import {chosenRoute} from './chosen-route.ts'
import {type Difference, differencesOf, type Pair} from './differences.ts'
import type {Front, Route} from './front.ts'
import {isHarmless} from './harmless.ts'
import {askedName} from './names.ts'
import {pagesToCompare} from './page-list.ts'
import {titleOf} from './page-words.ts'
import {askFront, type Question} from './questions.ts'
import {hasTlsElsewhere} from './tls-elsewhere.ts'

/** A page that comes otherwise through a front than from the application. */
export interface Differing {
  /** How it was asked for, with the route that takes this page. */
  readonly question: Question
  /** The visitor's path, and the application's own. */
  readonly path: string
  readonly own: string
  readonly difference: Difference
  readonly direct: Response
  /** Null where nothing came: what happened is `message`. */
  readonly through: HttpAnswer
}

/** What it took to compare pages, and where that ended. */
export interface Cost {
  pages: number
  requests: number
  bytes: number
  isCutShort: boolean
}

/** For all fronts together. A run asks a busy machine, and visitors come first. */
const limits = {
  requests: 90,
  bytes: 8 * 1024 * 1024,
  milliseconds: 5000,
  page: 1024 * 1024,
} as const

/** Milliseconds for one page. */
const timeout = 4000

interface Comparing {
  readonly host: Host
  readonly target: Target
  readonly questions: readonly Question[]
  readonly ports: ReadonlySet<number>
  readonly cost: Cost
  readonly until: number
}

/** Time, count or bytes are over. */
class Spent extends Error {}

/**
 * Holds each page that the application gives against what comes through each front. Every name is
 * asked for one page, and one name of a site for all of them: the same block answers.
 */
export async function comparePages(
  host: Host,
  target: Target,
  fronts: readonly Front[],
  questions: readonly Question[],
): Promise<{readonly found: readonly Differing[]; readonly cost: Cost}> {
  const cost: Cost = {pages: 0, requests: 0, bytes: 0, isCutShort: false}
  const running = fronts.filter(({active}) => active)
  const listens = running.flatMap(({sites}) => sites.flatMap(site => site.listens))
  const ports = new Set(listens.map(({port}) => port))
  const until = performance.now() + within(limits.milliseconds)
  const comparing = {host, target, questions, ports, cost, until}
  const found: Differing[] = []
  try {
    for (const question of questions) {
      const isFirst = questions.find(one => isSameBlock(one, question)) === question
      await compareThrough(comparing, question, isFirst, found)
    }
  } catch (error) {
    // A recording ends where the time of its run did; an old one holds none of these.
    if (!(error instanceof Spent || error instanceof NotRecorded)) throw error
    cost.isCutShort = true
  }
  return {found, cost}
}

function isSameBlock(a: Question, b: Question): boolean {
  return a.site === b.site && a.tls === b.tls
}

/** What was found is kept where the time ends in the middle of it. */
async function compareThrough(
  comparing: Comparing,
  question: Question,
  isFirst: boolean,
  found: Differing[],
): Promise<void> {
  const {host, target} = comparing
  const home = await askDirectly(comparing, question, '/', 1)
  if (home?.kind === 'unreachable') return
  // Where the front has a first page of its own, nobody follows the application's links.
  const first = chosenRoute(question.front, question.site, `${question.prefix}/`)
  const isShown = first === null || first === question.route || first.forward?.leadsHere === true
  const body = home?.status === 200 && isShown ? home.body : ''
  const pages = await pagesToCompare(host, target, question, body)
  for (const own of pages) {
    const page = await compare(comparing, question, own)
    if (page === 'sends-on') return
    if (page === 'absent') continue
    found.push(...page)
    if (!isFirst) return
  }
}

/**
 * `absent`: the application has no such page, or it fails there as well. `sends-on`: the site only
 * sends visitors on to https.
 */
async function compare(
  comparing: Comparing,
  question: Question,
  own: string,
): Promise<readonly Differing[] | 'absent' | 'sends-on'> {
  const path = `${question.prefix}${own}`
  const route = chosenRoute(question.front, question.site, path) ?? question.route
  // Below a path of its own only what goes there is the application's.
  if (question.prefix !== '' && route !== question.route) return 'absent'
  const seen = await ask(comparing, question, own, path)
  if (seen === null) return 'absent'
  const {direct, through} = seen
  if (redirectsToHttps(through) && !question.tls) return 'sends-on'
  comparing.cost.pages += 1
  const asked = {...question, route}
  if (isExpected(asked, seen)) return []
  const loop = await loopBack(comparing, asked, path, direct, through)
  if (loop) return [{question: asked, path, own, difference: loop, direct, through: seen.through}]
  const differences = differencesBetween(comparing, asked, path, direct, through)
  if (differences.length === 0) return []
  // What a restart, a limit or chance made of it is gone when it is asked again.
  const later = await ask(comparing, question, own, path, 2)
  if (later === null || isExpected(asked, later)) return []
  const still = differencesBetween(comparing, asked, path, later.direct, later.through)
  const changes =
    titleOf(direct.body) !== titleOf(later.direct.body) ||
    direct.headers.location !== later.direct.headers.location
  return differences
    .filter(({kind}) => still.some(each => each.kind === kind) && !(changes && kind === 'page'))
    .filter(({kind}) => kind !== 'cut' || isAlike(direct.size, later.direct.size))
    .map(difference => ({
      question: asked,
      path,
      own,
      difference,
      direct,
      through,
    }))
}

/** Whether a page is as long as before, but for a few numbers and tokens. */
function isAlike(size: number, before: number): boolean {
  return Math.abs(size - before) <= Math.max(size, before) / 20
}

/** Hops of a redirect that are followed. */
const hops = 3

/**
 * A page of the application that only redirects, on and on, through the front: null where it ends,
 * or leads to where nobody is asked.
 */
async function loopBack(
  comparing: Comparing,
  question: Question,
  path: string,
  direct: Response,
  through: HttpAnswer,
): Promise<Difference | null> {
  if (direct.status >= 300) return null
  const start = `${schemeOf(question)}//${question.name}${path}`
  let answer = through
  let at = start
  for (let hop = 0; hop < hops; hop += 1) {
    const url = redirectOf(answer, at)
    if (url === null || setsCookie(answer) || url.search !== '' || url.hostname !== question.name)
      return null
    const to = `${url.protocol}//${url.hostname}${url.pathname}`
    if (to === start && hop > 0) {
      const first = redirectOf(through, start)?.href ?? to
      return {kind: 'loop', location: first, back: url.href}
    }
    const next = comparing.questions.find(
      each => each.name === question.name && schemeOf(each) === url.protocol,
    )
    if (!next || to === at || !isHarmless(url.pathname)) return null
    at = to
    answer = await counted(comparing, options =>
      askFront(comparing.host, next, url.pathname, options),
    )
  }
  return null
}

/** Who comes back with the cookie may get the page. */
function setsCookie(answer: HttpAnswer): boolean {
  return answer.kind === 'response' && answer.headers['set-cookie'] !== undefined
}

function schemeOf({tls}: Question): string {
  return tls ? 'https:' : 'http:'
}

function redirectOf(answer: HttpAnswer, base: string): URL | null {
  const location = answer.kind === 'response' ? answer.headers.location : undefined
  const isRedirect = answer.kind === 'response' && answer.status >= 300 && answer.status < 400
  if (!isRedirect || location === undefined) return null
  try {
    return new URL(location, base)
  } catch {
    return null
  }
}

interface Seen {
  readonly direct: Response
  /** Whether the application took so long that a front may well run out of time. */
  readonly isSlow: boolean
  readonly through: HttpAnswer
}

async function ask(
  comparing: Comparing,
  question: Question,
  own: string,
  path: string,
  time = 1,
): Promise<Seen | null> {
  const began = performance.now()
  const direct = await askDirectly(comparing, question, own, time)
  const isSlow = performance.now() - began > timeout / 4
  if (direct?.kind !== 'response' || [400, 404].includes(direct.status) || direct.status >= 500)
    return null
  const through = await counted(comparing, options =>
    askFront(comparing.host, question, path, {...options, ...repeated(time)}),
  )
  return {direct, isSlow, through}
}

/** The first time is not told apart. */
function repeated(time: number): {readonly time?: number} {
  return time > 1 ? {time} : {}
}

/** As a front that says https would ask, where the application insists on that. */
async function askDirectly(
  comparing: Comparing,
  {name, tls}: Question,
  path: string,
  time: number,
): Promise<HttpAnswer | null> {
  const {host, target} = comparing
  const {bind, hosts} = target
  if (bind === null) return null
  const asked = askedName(hosts, name)
  const get = (headers: Readonly<Record<string, string>>): Promise<HttpAnswer> =>
    counted(comparing, options =>
      host.request({
        address: bind,
        path,
        headers: {host: asked, ...headers},
        ...options,
        ...repeated(time),
      }),
    )
  const overTls = {'x-forwarded-proto': 'https'}
  if (tls) return get(overTls)
  const answer = await get({})
  return redirectsToHttps(answer) ? get(overTls) : answer
}

interface Options {
  readonly timeout: number
  readonly most: number
}

/** @throws Spent where enough was asked. */
async function counted(
  {cost, until}: Comparing,
  get: (options: Options) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const isOver = performance.now() > until
  if (isOver || cost.requests >= limits.requests || cost.bytes >= limits.bytes) throw new Spent()
  cost.requests += 1
  const answer = await get({timeout, most: limits.page})
  if (answer.kind === 'response') cost.bytes += answer.size
  return answer
}

/** What the front is told to do with visitors whom it does not let through, or nobody's fault. */
function isExpected(question: Question, {through, isSlow}: Seen): boolean {
  const answers = answersOf(question)
  // Whoever limits requests (429) may let them wait, too.
  if (through.kind === 'unreachable')
    return answers.has(444) || (through.code === 'ETIMEDOUT' && (isSlow || answers.has(429)))
  const {status, headers} = through
  const {site} = question
  if (status === 429) return true
  if (status === 503 && site.maintenance) return true
  // A password of the front's own.
  if (status === 401 && /^(?:basic|digest|negotiate)\b/i.test(headers['www-authenticate'] ?? ''))
    return true
  return status >= 400 && answers.has(status)
}

function answersOf({site, route}: Question): ReadonlySet<number> {
  return new Set([...site.answers, ...(route.answers ?? [])])
}

function differencesBetween(
  {target, ports}: Comparing,
  question: Question,
  path: string,
  direct: Response,
  through: HttpAnswer,
): readonly Difference[] {
  if (through.kind === 'unreachable')
    return [{kind: 'status', words: `with nothing: ${through.message}`}]
  const {name, tls, prefix, site, route, front} = question
  const places = route.forward?.places ?? []
  const {headers} = through
  const pair: Pair = {
    direct,
    through,
    name,
    path,
    tls,
    prefix,
    leadsHere: route.forward?.leadsHere === true,
    alters:
      site.alters ||
      ['age', 'x-cache', 'x-cache-status', 'x-proxy-cache', 'x-varnish'].some(
        each => headers[each],
      ),
    answers: answersOf(question),
    signsIn: signsIn(route),
    inside: [...target.binds, ...places],
    upstream: route.forward?.written ?? null,
    ports,
    tlsElsewhere: comesOverTls(target, front),
  }
  return differencesOf(pair)
}

/** RemoteUserMiddleware and its like: a visitor of the front is somebody, and we are nobody. */
function signsIn({forward}: Route): boolean {
  return [...(forward?.headers.keys() ?? [])].some(header =>
    /user|auth|email|groups|token|cert|verify/.test(header),
  )
}

function comesOverTls(target: Target, {sites}: Front): boolean {
  return (
    hasTlsElsewhere(target) ||
    sites.some(({leadsHere, listens}) => leadsHere && listens.some(({tls}) => tls))
  )
}
