import type {Host} from '../../host/host.ts'
import {askDjango} from '../django/ask.ts'
import {textSetting} from '../django/django.ts'
import {pagesOf} from '../http.ts'
import {answeredIn} from '../journal/access-lines.ts'
import {findJournal} from '../journal/journal.ts'
import type {Target} from '../target/target.ts'
import {chosenRoute} from './chosen-route.ts'
import type {Route} from './front.ts'
import {isHarmless} from './harmless.ts'
import {linksIn} from './links.ts'
import {isPlain} from './log/concerns.ts'
import type {Question} from './questions.ts'

/** As many pages are compared through one site. */
const most = 20

/** Of what failed lately, of what the front page links to, and of what Django has for one route. */
const each = {failed: 5, linked: 8, ofRoute: 2} as const

const day = 24 * 60 * 60 * 1000

/**
 * The pages to compare, each once: where people log in, the front page, what failed within a day by
 * the access log, and what the front page links to. Django's URLs without arguments are asked only
 * for a route that none of these takes, or with --deep.
 * @param home The front page; empty where the application has none.
 */
export async function pagesToCompare(
  host: Host,
  target: Target,
  question: Question,
  home: string,
): Promise<readonly string[]> {
  // The administration redirects whoever is not logged in: a redirect is worth a look as well.
  const usual = pagesOf(target).flatMap(path =>
    path === '/admin/login/' ? [path, '/admin/'] : [path],
  )
  const failed = (await failedPages(host, target))
    .filter(mayBeAsked(target))
    // A link of a mail may be good for one visit.
    .filter(isPlain)
    .slice(0, each.failed)
  const links = linksIn(home, question.name).filter(mayBeAsked(target)).slice(0, each.linked)
  const known = [...new Set([...usual, ...failed, ...links, ...filesByPattern(question)])]
  const unseen = unseenRoutes(question, known)
  const isDeep = target.settings.deep === true
  if (unseen.length === 0 && !isDeep) return known.slice(0, most)
  const others = (await urls(host, target)).filter(mayBeAsked(target))
  const ofRoutes = unseen.flatMap(route =>
    others.filter(path => routeFor(question, path) === route).slice(0, each.ofRoute),
  )
  return [...new Set([...known, ...ofRoutes, ...(isDeep ? others : [])])].slice(0, most)
}

function mayBeAsked({django}: Target): (path: string) => boolean {
  const files = ['STATIC_URL', 'MEDIA_URL'].flatMap(name => textSetting(django, name) ?? [])
  return path => isHarmless(path) && !files.some(url => url.length > 1 && path.startsWith(url))
}

/** Pages that the access log of the application's server says failed. */
async function failedPages(host: Host, {unit}: Target): Promise<readonly string[]> {
  const lines = (await findJournal(host, unit)) ?? []
  const found = lines.flatMap(({text, at, by}) => {
    const answered = by === 'service' && host.now() - at < day ? answeredIn(text) : null
    return answered?.method === 'GET' && answered.status >= 500 ? [answered.path] : []
  })
  return [...new Set(found.reverse())]
}

/** Routes that ask somebody else, and that no known page goes through. */
function unseenRoutes(question: Question, known: readonly string[]): readonly Route[] {
  const seen = new Set(known.map(path => routeFor(question, path)))
  return question.site.routes.filter(
    route => route.forward !== null && !seen.has(route) && !isForSockets(route),
  )
}

/** What is spoken there is no HTTP (WebSocket). */
function isForSockets({forward, match}: Route): boolean {
  return forward?.headers.has('upgrade') === true && /ws|socket|channel/i.test(match.text)
}

/** Where a pattern for files takes what Django may answer as well. */
function filesByPattern(question: Question): readonly string[] {
  return ['/sitemap.xml', '/robots.txt'].filter(path => {
    const route = routeFor(question, path)
    return route?.match.how === 'regexp' && route.forward === null
  })
}

function routeFor({front, site}: Question, path: string): Route | null {
  return chosenRoute(front, site, path)
}

/** The paths of Django's URLconf that need no argument, logins first; none where it cannot be asked. */
async function urls(host: Host, {django, unit, server}: Target): Promise<readonly string[]> {
  if (django.unasked) return []
  const {answer} = await askDjango(host, unit, server, {depth: 'urls'})
  const isLogin = (path: string): number => Number(/log-?in|admin/i.test(path))
  return [...(answer?.start?.paths ?? [])].sort(
    (a, b) => isLogin(b) - isLogin(a) || a.length - b.length,
  )
}
