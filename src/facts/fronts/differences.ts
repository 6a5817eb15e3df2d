import {isLoopback} from '../../host/address.ts'
import type {Response} from '../http.ts'
import {type Bind, shownBind} from '../target/bind.ts'
import {cookiesIn, isKeptFor, type SetCookie} from './cookies.ts'
import {isLocal} from './names.ts'
import {mediaType, quoted, titleOf} from './page-words.ts'

/** One page, as the application gives it and as a visitor gets it. */
export interface Pair {
  readonly direct: Response
  readonly through: Response
  /** The name, path and scheme that the visitor asked for. */
  readonly name: string
  readonly path: string
  readonly tls: boolean
  /** What stands before the application's own path; mostly empty. */
  readonly prefix: string
  /** Whether the route leads to the application by the configuration. */
  readonly leadsHere: boolean
  /** Whether the front may answer with another page, or with a redirect of its own. */
  readonly alters: boolean
  readonly answers: ReadonlySet<number>
  /** Whether the route tells the application who the visitor is. */
  readonly signsIn: boolean
  /** Where the application listens, and where the front forwards to. */
  readonly inside: readonly Bind[]
  /** As the configuration names whom it asks: "prism_django". */
  readonly upstream: string | null
  /** Ports at which fronts listen. */
  readonly ports: ReadonlySet<number>
  /** Whether it is known that visitors come over TLS, as from another machine. */
  readonly tlsElsewhere: boolean
}

/** In the order in which one explains the others. */
export type Difference =
  | {readonly kind: 'status' | 'page' | 'type'; readonly words: string}
  /** `back`: where visitors are sent from there; null where it is the same page. */
  | {readonly kind: 'loop'; readonly location: string; readonly back: string | null}
  | {readonly kind: 'inside-location' | 'inside-link'; readonly url: string}
  | {readonly kind: 'to-http'; readonly location: string}
  | {readonly kind: 'cut'; readonly size: number; readonly own: number}
  | {
      readonly kind: 'cookie'
      readonly cookie: string
      readonly why: string
      readonly byFront: boolean
      /** Where the domain is wrong. */
      readonly domain: string | null
    }
  | {readonly kind: 'cached'; readonly header: string; readonly own: string}

/** How a page differs in what visitors notice; what a front may well add is no difference. */
export function differencesOf(pair: Pair): readonly Difference[] {
  const {direct, through} = pair
  const status = statusOf(pair)
  if (status) return [status]
  if (isRedirect(through)) return redirectOf(pair)
  if (!pair.leadsHere || through.status !== 200 || direct.status !== 200) return []
  return [...bodyOf(pair), ...cookiesOf(pair), ...cachingOf(pair)]
}

function isRedirect({status, headers}: Response): boolean {
  return status >= 300 && status < 400 && headers.location !== undefined
}

function statusOf({direct, through, leadsHere, alters, signsIn}: Pair): Difference | null {
  const [status, own] = [through.status, direct.status]
  const words = `with ${status}, and the application with ${own}`
  const isLost = status >= 500 || (status >= 400 && own < 400) || (status === 404 && own !== 404)
  if (isLost) return {kind: 'status', words}
  if (status !== 200 || !isRedirect(direct) || !leadsHere || alters || signsIn) return null
  const to = direct.headers.location ?? ''
  return {kind: 'status', words: `${words} (a redirect to ${withoutQuery(to)})`}
}

function redirectOf(pair: Pair): readonly Difference[] {
  const {direct, through, name, path, tls, prefix, leadsHere, answers, ports, inside} = pair
  const written = through.headers.location ?? ''
  const scheme = tls ? 'https' : 'http'
  const to = urlOf(written, `${scheme}://${name}${path}`)
  if (to === null) return []
  const isSameName = to.hostname === name.toLowerCase()
  const isHere = isSameName && to.protocol === `${scheme}:` && to.pathname === path
  // Who comes back with a cookie may get the page.
  const asksForCookie = through.headers['set-cookie'] !== undefined
  if (isHere && to.search === '' && direct.status < 300 && !asksForCookie)
    return [{kind: 'loop', location: written, back: null}]
  const own = isRedirect(direct)
    ? urlOf(direct.headers.location ?? '', `http://${name}${path}`)
    : null
  if (!leadsHere || own === null) return []
  if (isInside(pair, to) && !isInside(pair, own))
    return [{kind: 'inside-location', url: withoutQuery(written)}]
  if (!isSameName || own.hostname !== to.hostname) return []
  // Of another port nobody here knows whether visitors come by it, as through a router.
  const isBehind = inside.some(place => 'port' in place && `${place.port}` === to.port)
  if (own.port === '' && isBehind && !ports.has(Number(to.port)))
    return [{kind: 'inside-location', url: withoutQuery(written)}]
  if (to.pathname !== own.pathname && to.pathname !== `${prefix}${own.pathname}`) {
    const words = `with a redirect to ${to.pathname}, and the application to ${own.pathname}`
    return answers.has(through.status) || path === '/' || pair.signsIn
      ? []
      : [{kind: 'page', words}]
  }
  return tls && to.protocol === 'http:' ? [{kind: 'to-http', location: withoutQuery(written)}] : []
}

/** Whether a URL leads to where no visitor comes: the application's own address. */
function isInside({inside, upstream, name}: Pair, {hostname, host}: URL): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (bare === name.toLowerCase() || isLocal(name)) return false
  if (isLoopback(bare) || isLocal(bare) || host === upstream) return true
  return !bare.includes('.') || inside.some(place => shownBind(place) === host)
}

/** What follows may hold a token. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '')
}

function urlOf(written: string, base: string): URL | null {
  try {
    return new URL(written, base)
  } catch {
    return null
  }
}

function bodyOf(pair: Pair): readonly Difference[] {
  const {direct, through, alters, path} = pair
  const types = [through, direct].map(({headers}) => headers['content-type'] ?? '')
  const [type = '', own = ''] = types.map(mediaType)
  if (type !== own && own !== '')
    return [
      {kind: 'type', words: `as ${type || 'a page of no type'}, and the application as ${own}`},
    ]
  const [charset, ownCharset] = types.map(charsetIn)
  if (charset && ownCharset && charset !== ownCharset)
    return [{kind: 'type', words: `as ${charset}, and the application as ${ownCharset}`}]
  if (alters || direct.md5 === through.md5 || isPacked(through) || isPacked(direct)) return []
  if (isCut(through, direct)) return [{kind: 'cut', size: through.size, own: direct.size}]
  const [title, ownTitle] = [titleOf(through.body), titleOf(direct.body)]
  // The first page may be another program's, with the application below it.
  if (path !== '/' && title !== ownTitle && !pair.signsIn) {
    const words = `with the page ${quoted(title)}, and the application with ${quoted(ownTitle)}`
    return [{kind: 'page', words}]
  }
  return linksInside(pair)
}

/** Over a TLS proxy or a cache it may come packed, although nobody asked for that. */
function isPacked({headers}: Response): boolean {
  return !/^(?:identity)?$/.test(headers['content-encoding'] ?? '')
}

/** Whether an answer is the beginning of the other, tokens and numbers aside. */
function isCut(through: Response, direct: Response): boolean {
  if (through.size === 0) return direct.size > 0
  if (through.size > direct.size * 0.9) return false
  // It may end within a token, which then is none.
  const whole = through.body.replace(/[\w+/=-]*$/, '')
  return whole !== '' && steady(direct.body).startsWith(steady(whole))
}

function steady(body: string): string {
  return body.replace(/[\w+/=-]{16,}/g, 'T').replace(/\d+/g, '0')
}

function linksInside(pair: Pair): readonly Difference[] {
  const {through, direct} = pair
  const urls = through.body.match(/https?:\/\/[\w.:[\]-]+/g) ?? []
  const url = urls.find(each => {
    const parsed = urlOf(each, 'http://x/')
    const isAddress = parsed !== null && pair.inside.some(at => shownBind(at) === parsed.host)
    return isAddress && isInside(pair, parsed) && !direct.body.includes(each)
  })
  return url === undefined ? [] : [{kind: 'inside-link', url}]
}

/** Cookies without which a form that came cannot be sent. */
function cookiesOf(pair: Pair): readonly Difference[] {
  const {direct, through, name, path, tls, tlsElsewhere} = pair
  if (!through.body.includes('csrfmiddlewaretoken')) return []
  const [got, own] = [through, direct].map(({headers}) => cookiesIn(headers['set-cookie']))
  const lost = (cookie: string, why: string, byFront: boolean, domain: string | null = null) => [
    {kind: 'cookie', cookie, why, byFront, domain} as const,
  ]
  const counts = ({name}: SetCookie): boolean => /csrf|xsrf|sess/i.test(name)
  for (const cookie of (own ?? []).filter(counts)) {
    if (!got?.some(each => each.name === cookie.name))
      return lost(cookie.name, 'does not pass it on', true)
  }
  for (const cookie of (got ?? []).filter(counts)) {
    const before = own?.find(each => each.name === cookie.name)
    const differs = (key: keyof SetCookie): boolean => before?.[key] !== cookie[key]
    if (!isKeptFor(name, cookie.domain) && !isLocal(name))
      return lost(cookie.name, `sends it for ${cookie.domain}`, differs('domain'), cookie.domain)
    if (cookie.path !== null && !path.startsWith(cookie.path))
      return lost(cookie.name, `sends it for the path ${cookie.path}`, differs('path'))
    if (!tls && cookie.secure && before && !before.secure && !tlsElsewhere)
      return lost(cookie.name, 'marks it Secure over plain http', true)
  }
  return []
}

/** The application forbids to keep a page, and the front allows it. */
function cachingOf({direct, through}: Pair): readonly Difference[] {
  const [header = '', own = ''] = [through, direct].map(({headers}) =>
    (headers['cache-control'] ?? '').toLowerCase(),
  )
  const forbids = (text: string): boolean => /\b(?:no-store|no-cache|private)\b/.test(text)
  const keeps = /\b(?:s-maxage|max-age)\s*=\s*"?0*[1-9]|\bpublic\b/.test(header)
  return forbids(own) && !forbids(header) && keeps ? [{kind: 'cached', header, own}] : []
}

/** `utf-8` and `UTF8` are one. */
function charsetIn(header: string): string | undefined {
  return /charset\s*=\s*"?([\w-]+)/i
    .exec(header)?.[1]
    ?.toLowerCase()
    .replace(/^utf-?8$/, 'utf-8')
}
