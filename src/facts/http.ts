import type {Host, HttpAnswer, HttpRequest} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {textSetting} from './django/django.ts'
import {type Bind, shownBind} from './target/bind.ts'
import type {Target} from './target/target.ts'

export type Response = Extract<HttpAnswer, {kind: 'response'}>
export type Unreachable = Extract<HttpAnswer, {kind: 'unreachable'}>

/** Names that Django takes as a host at all (RFC 1034: no underscore). */
const validHost = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/i

/**
 * A Host header that ALLOWED_HOSTS admits: the first name that is one, `.example.org` as
 * `example.org`, `*` as localhost. Null when nothing is known to be allowed.
 */
export function allowedHost(hosts: readonly string[]): string | null {
  const concrete = hosts
    .map(name => (name === '*' ? 'localhost' : name.replace(/^\./, '')))
    .filter(name => name !== '')
  return concrete.find(name => validHost.test(name)) ?? concrete[0] ?? null
}

/** The same, with `localhost` for what Django rejects as a name: safe in a line of Python, too. */
export function plainHost(hosts: readonly string[]): string {
  const name = allowedHost(hosts)
  return name !== null && isValidHost(name) ? name : 'localhost'
}

/** The name to ask the application by directly: one that it allows, else its address. */
export function ownName({hosts}: Pick<Target, 'hosts'>, bind: Bind): string {
  return allowedHost(hosts) ?? ('socketPath' in bind ? 'localhost' : shownBind(bind))
}

/** Whether Django takes a name at all; what it rejects, no ALLOWED_HOSTS lets in. */
export function isValidHost(name: string): boolean {
  return validHost.test(name)
}

/**
 * Where a deployment with users lets them log in, by Django's own account and by custom; then its
 * front page.
 */
export function pagesOf({django}: Target): readonly string[] {
  const said = textSetting(django, 'LOGIN_URL')
  const login = said?.startsWith('/') ? [said] : []
  return [...new Set([...login, '/accounts/login/', '/admin/login/', '/'])]
}

/**
 * Whoever sends a session's cookie is looked up in the database before the page is made; the key is
 * of nobody, so that this finds nothing and writes nothing.
 */
function nobodysSession({django}: Target): string {
  return `${textSetting(django, 'SESSION_COOKIE_NAME') ?? 'sessionid'}=prismdoctorprismdoctorprismdoctor`
}

/**
 * One page as a browser that was here before asks for it. A redirect to https is asked again as a
 * TLS proxy would.
 * @param time which time it is asked.
 */
export async function askPage(
  host: Host,
  target: Target,
  bind: Bind,
  name: string,
  path: string,
  time = 1,
): Promise<HttpAnswer> {
  const headers = {host: name, cookie: nobodysSession(target)}
  const question: HttpRequest = {address: bind, path, headers, ...(time > 1 && {time})}
  const answer = await host.request(question)
  if (!redirectsToHttps(answer)) return answer
  return host.request({...question, headers: {...headers, 'x-forwarded-proto': 'https'}})
}

/**
 * Whether the page that cannot be made without the database comes: then the service reaches it,
 * whatever else is said.
 */
export async function reachesItsDatabase(host: Host, target: Target): Promise<boolean> {
  const {bind, hosts} = target
  const name = allowedHost(hosts)
  if (!bind || !name) return false
  const answer = await askPage(host, target, bind, name, '/admin/login/')
  return answer.kind === 'response' && answer.status === 200
}

/** SECURE_SSL_REDIRECT: not a fault, and never to be followed on a machine without TLS. */
export function redirectsToHttps(answer: HttpAnswer): boolean {
  return (
    answer.kind === 'response' &&
    [301, 302, 307, 308].includes(answer.status) &&
    /^https:/i.test(answer.headers.location ?? '')
  )
}

/** A page that answers 5xx may tell of what only a whole start shows. */
export async function pagesFail(host: Host, target: Target): Promise<boolean> {
  const {bind} = target
  if (!bind) return false
  const name = ownName(target, bind)
  const answers = await Promise.all(
    pagesOf(target).map(path => ifSeen(askPage(host, target, bind, name, path))),
  )
  return answers.some(answer => answer !== null && fails(answer))
}

function fails(answer: HttpAnswer): boolean {
  if (answer.kind === 'response') return answer.status >= 500
  // uWSGI hangs up where an application cannot be loaded.
  return !/^(?:ECONNREFUSED|ENOENT|ETIMEDOUT|EACCES|EPERM)$/.test(answer.code)
}
