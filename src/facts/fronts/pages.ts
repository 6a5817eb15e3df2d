import type {Host, HttpAnswer} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {askPage, pagesOf, type Response, redirectsToHttps, type Unreachable} from '../http.ts'
import type {Target} from '../target/target.ts'
import {askedName} from './names.ts'
import {mediaType, quoted, titleOf} from './page-words.ts'
import {askFront, type Question} from './questions.ts'

/** A page of the application, and what it answers when it is asked for it directly. */
export interface Page {
  readonly path: string
  /** Null where nobody knows the application's address. */
  readonly direct: HttpAnswer | null
}

/** The first page that the application has, asked for directly by the visitors' name. */
export async function pageOf(host: Host, target: Target, name: string): Promise<Page> {
  const {bind, hosts} = target
  const pages = pagesOf(target)
  const [first = '/'] = pages
  if (bind === null) return {path: first, direct: null}
  const asked = askedName(hosts, name)
  for (const path of pages) {
    const direct = await askPage(host, target, bind, asked, path)
    if (direct.kind === 'unreachable') return {path: first, direct}
    if (direct.status !== 404) return {path, direct}
  }
  return {path: first, direct: null}
}

/** What a visitor got who asked a front for a page. */
export type CameThrough =
  | {readonly kind: 'nothing'; readonly answer: Unreachable}
  /** Its configuration turns some visitors away with this status; the directive that says so. */
  | {readonly kind: 'turned-away'; readonly status: number; readonly directive: string}
  | {readonly kind: 'maintenance'}
  /** The application's own error, passed on as it is. */
  | {readonly kind: 'own-error'; readonly status: number}
  | {readonly kind: 'gateway-error'; readonly status: number}
  | {readonly kind: 'bad-request'}
  /** A redirect to where the visitor is already. */
  | {readonly kind: 'loop'; readonly location: string}
  /** Something else than the application's page. */
  | {readonly kind: 'other-page'; readonly difference: string}
  /** `toHttps`: a plain visitor is sent on there. */
  | {readonly kind: 'page'; readonly toHttps: boolean}

/** Whether another page came only by chance: asked again, the application gives it otherwise, too. */
export async function isByChance(
  host: Host,
  target: Target,
  question: Question,
  page: Page,
): Promise<boolean> {
  const {bind, hosts} = target
  if (bind === null || page.direct?.kind !== 'response') return false
  const asked = askedName(hosts, question.name)
  const direct = await ifTold(askPage(host, target, bind, asked, page.path, 2))
  if (direct?.kind !== 'response') return false
  if (titleOf(direct.body) !== titleOf(page.direct.body)) return true
  const path = `${question.prefix}${page.path}`
  const answer = await ifTold(askFront(host, question, path, {time: 2}))
  if (answer === null) return false
  return cameThrough(question, {...page, direct}, answer).kind === 'page'
}

const well = {kind: 'page', toHttps: false} as const

/** What a visitor gets, by the answer of the front and by the application's own. */
export function cameThrough(
  {name, site, prefix, tls}: Question,
  page: Page,
  answer: HttpAnswer,
): CameThrough {
  if (answer.kind === 'unreachable') return {kind: 'nothing', answer}
  const {status} = answer
  const directive = site.restrictions.get(status)
  if (directive !== undefined) return {kind: 'turned-away', status, directive}
  if (asksForCertificate(answer))
    return {kind: 'turned-away', status, directive: 'ssl_verify_client'}
  if (status === 503 && site.maintenance) return {kind: 'maintenance'}
  const direct = page.direct?.kind === 'response' ? page.direct : null
  if (status >= 500 && status === direct?.status) return {kind: 'own-error', status}
  if (isGatewayError(status)) return {kind: 'gateway-error', status}
  if (status === 400) return {kind: 'bad-request'}
  if (redirectsToHttps(answer)) {
    const location = answer.headers.location ?? ''
    return tls && pathIn(location, name) === `${prefix}${page.path}`
      ? {kind: 'loop', location}
      : {kind: 'page', toHttps: !tls}
  }
  // Below a path of its own the application need not be the only one, nor have its login there.
  if (prefix !== '' && status === 404) return well
  // The first page may be another program's, with the application below it.
  if (direct === null || page.path === '/') return well
  const difference = differenceOf(answer, direct, name)
  return difference === null ? well : {kind: 'other-page', difference}
}

/** By nginx's own page (ngx_http_special_response.c): we have no certificate to show. */
function asksForCertificate({status, body}: Response): boolean {
  return status === 400 && /<title>400 No required SSL certificate was sent<\/title>/.test(body)
}

/** A status that a front gives where nobody answers it. */
export function isGatewayError(status: number): boolean {
  return [500, 502, 503, 504].includes(status)
}

/** Whether what comes by another way is the application's own page. */
export function isSamePage(answer: Response, direct: Response, name: string): boolean {
  return (
    answer.status === direct.status &&
    answer.status < 400 &&
    differenceOf(answer, direct, name) === null
  )
}

/** How a front's answer differs from the application's, for a message; null where it does not. */
function differenceOf(answer: Response, direct: Response, name: string): string | null {
  if (answer.status >= 400 && direct.status < 400)
    return `with ${answer.status}, and the application with ${direct.status}`
  if (answer.status >= 300 && answer.status < 400) {
    if (direct.status < 300 || direct.status >= 400) return null
    const [through, own] = [answer, direct].map(({headers}) => pathIn(headers.location ?? '', name))
    return through === own || through === null
      ? null
      : `with a redirect to ${through}, and the application to ${own}`
  }
  if (answer.status !== 200 || direct.status !== 200 || answer.md5 === direct.md5) return null
  const [type, ownType] = [answer, direct].map(({headers}) => mediaType(headers['content-type']))
  if (type !== ownType)
    return `as ${type || 'a page of no type'}, and the application as ${ownType}`
  const [title, ownTitle] = [answer, direct].map(({body}) => titleOf(body))
  return title === ownTitle
    ? null
    : `with the page ${quoted(title)}, and the application with ${quoted(ownTitle)}`
}

/** The path of a Location; null where it leads to another name. */
function pathIn(location: string, name: string): string | null {
  try {
    const url = new URL(location, `http://${name}/`)
    return url.hostname === name.toLowerCase() ? url.pathname : null
  } catch {
    return null
  }
}
