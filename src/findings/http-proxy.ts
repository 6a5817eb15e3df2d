import {basename} from 'node:path'
import {sourceOf} from '../facts/django/django.ts'
import {shownStated} from '../facts/django/stated.ts'
import {unheededBind} from '../facts/django/unheeded.ts'
import {whereHosts, whereVariable} from '../facts/django/variables.ts'
import {blockedAt, may, type Opener, octal} from '../facts/files/access.ts'
import {type Component, resolvePath} from '../facts/files/paths.ts'
import type {DisabledSite} from '../facts/fronts/disabled.ts'
import {admits, type Front, isSamePlace, type SentHost} from '../facts/fronts/front.ts'
import {refusalOf, upstreamComplaint} from '../facts/fronts/journal.ts'
import {type Place, shownPlace} from '../facts/fronts/nginx-syntax.ts'
import {frontOpener} from '../facts/fronts/opener.ts'
import {chosenSite, listenerAt, type Question, type Stranger} from '../facts/fronts/questions.ts'
import {isValidHost} from '../facts/http.ts'
import {type Bind, shownBind, writtenBind} from '../facts/target/bind.ts'
import {hostsOf} from '../facts/target/listening.ts'
import type {Target} from '../facts/target/target.ts'
import {findWhoListens, holderOf} from '../facts/unit/listeners.ts'
import type {Host, HttpAnswer} from '../host/host.ts'
import {isFirstStart, timestampOf} from '../host/unit.ts'
import {mend, remedy} from '../remedies/remedy.ts'
import {awaitStart, nixService, rebuild, restart, restartWithEnvironment} from '../remedies/service.ts'
import {critical, type Verdict, warning} from '../report/finding.ts'
import {hand, run} from '../report/step.ts'
import {correct, isNix, readJournal, reload} from './front-remedy.ts'
import {foreignListener, isForeign} from './http-app.ts'
import {settingMeans} from './setting-means.ts'

type Response = Extract<HttpAnswer, {kind: 'response'}>

/** The application's page, and what it answers when it is asked for it directly. */
export interface Page {
  readonly path: string
  /** Null where nobody knows the application's address. */
  readonly direct: HttpAnswer | null
}

export async function notRunning(host: Host, target: Target, front: Front, names: readonly string[]): Promise<Verdict> {
  const {kind, unit} = front
  const state = `${unit.get('ActiveState')} (${unit.get('SubState')})`
  const refused = unit.get('ActiveState') === 'inactive' ? null : await refusalOf(host, front)
  const shown = [...new Set(names)].join(', ') || 'the application through it'
  return critical(
    'not-running',
    refused ? `${unit.name} does not start: ${refused.words}` : `${unit.name} is ${state}: nobody reaches ${shown}`,
    refused ? startAgain(target, front) : remedy(`Start ${kind}`, 'disruptive', [run('systemctl', 'start', unit.name)]),
    {
      since: timestampOf(unit, 'InactiveEnterTimestamp'),
      evidence: [...(refused ? [refused.line] : []), `${unit.name} is ${state}`],
      because: [],
    },
  )
}

function startAgain(target: Target, front: Front): ReturnType<typeof remedy> {
  const {kind, unit} = front
  if (isNix(front))
    return remedy(`Correct what ${kind} refuses, then rebuild`, 'manual', [readJournal(front), rebuild(target)])
  const again = [readJournal(front), run('systemctl', 'start', unit.name)]
  return remedy(`Correct what ${kind} refuses, then start it`, 'manual', again)
}

/** Nothing comes at all. */
export async function noAnswer(
  host: Host,
  target: Target,
  {front, name, address, tls}: Question,
  answer: Extract<HttpAnswer, {kind: 'unreachable'}>,
): Promise<Verdict> {
  const {kind, unit} = front
  if (answer.code !== 'ECONNREFUSED') {
    return critical(
      'bad-gateway',
      `${kind} gives no answer for ${name}${tls ? ' over TLS' : ''}: ${answer.message}`,
      remedy('See why the application does not answer', 'manual', [readJournal(front)]),
    )
  }
  // Between two tries it is active for a moment.
  if (Number(unit.get('NRestarts')) > 0) return notRunning(host, target, front, [name])
  return critical(
    'not-listening',
    `${kind} is told to listen at ${shownBind(address)} for ${name}, and does not answer there: ${answer.message}`,
    remedy(`See what ${kind} says, then reload it`, 'manual', [
      readJournal(front),
      run('systemctl', 'reload', unit.name),
    ]),
    {because: []},
  )
}

export function maintenance(target: Target, {front, name, site}: Question): Verdict {
  const summary = `Take the page for maintenance out of the configuration of ${front.kind}`
  return warning(
    'maintenance',
    `${front.kind} answers ${name} with 503 itself${front.kind === 'nginx' ? ' (return 503)' : ''}, and does not ask the application`,
    correct(target, front, {summary, at: site.at}),
    {because: []},
  )
}

/** 400: the application does not take the name, or gets another one than the visitor asked for. */
export function refusedName(target: Target, question: Question, {direct}: Page): Verdict | null {
  const {front, name, site, route} = question
  const isOwn = site.names.some(each => each.replace(/^\./, '') === name)
  if (!admits(target.hosts, name)) return isOwn ? hostNotAllowed(target, front, name) : null
  if (direct?.kind === 'response' && direct.status === 400) return null
  const sent = route.forward?.hosts ?? []
  if (sent.length > 1) return hostTwice(target, question, sent)
  const [one = {value: null, at: null}] = sent
  if (one.value === null) {
    return critical(
      'answered-elsewhere',
      `${front.kind} answers 400 for ${name}, which the application admits when it is asked directly`,
      remedy('See what is forwarded, and what the application refuses of it', 'manual', [
        readJournal(front),
        hand(`journalctl -u ${target.unit.name} -n 50 --no-pager`),
      ]),
      {evidence: placesOf(route.forward === null ? [] : [route.at]), because: []},
    )
  }
  const says = one.at === null ? `${placed(route.at)}sets no Host` : `${placed(one.at)}says so`
  return critical(
    'host-not-forwarded',
    `the application refuses ${name} behind ${front.kind} (400) and admits it itself: ${front.kind} forwards the name ${one.value} (${says})`,
    correct(target, front, {
      summary: `Forward the name that the visitor asked for${isNix(front) ? '' : ` (${forwarding[front.kind]})`}`,
      at: one.at ?? route.at,
      nix: 'services.nginx.recommendedProxySettings = true;',
    }),
    {because: []},
  )
}

/** How each front is told to forward the visitor's own Host. */
const forwarding = {
  nginx: 'proxy_set_header Host $host;',
  apache: 'ProxyPreserveHost On',
  caddy: 'no header_up Host',
} as const

function placed(at: Place | null): string {
  return at === null ? '' : `${shownPlace(at)} `
}

function placesOf(places: readonly (Place | null)[]): readonly string[] {
  return places.filter(at => at !== null).map(shownPlace)
}

function hostTwice(target: Target, {front, name}: Question, sent: readonly SentHost[]): Verdict {
  const places = placesOf(sent.map(({at}) => at))
  return critical(
    'host-twice',
    `${front.kind} sends Host ${sent.length === 2 ? 'twice' : `${sent.length} times`} (${places.join(' and ')}), and the application answers 400 for ${name}`,
    correct(target, front, {
      summary: 'Leave one of the lines that set Host',
      at: sent.at(-1)?.at ?? null,
      first: [],
    }),
    {evidence: places, because: []},
  )
}

function hostNotAllowed(target: Target, {kind}: Front, name: string): Verdict {
  const variable = whereVariable(target, 'ALLOWED_HOSTS')?.variable ?? 'ALLOWED_HOSTS'
  const declared = hostsOf(target.environment.get(variable))
  const running = target.running?.get(variable)
  if (running !== undefined && !admits(hostsOf(running), name) && admits(declared, name)) {
    return critical(
      'host-not-allowed',
      `${kind} serves ${name}, which the unit's ${variable} has and the running process lacks: every visitor gets 400`,
      restartWithEnvironment(target),
      {evidence: [`${variable}=${running}`], because: []},
    )
  }
  const hosts = [...(declared.length > 0 ? declared : target.hosts), name].join(',')
  const stated = whereHosts(target)
  const source = stated
    ? `ALLOWED_HOSTS (${shownStated(stated, target.unit.name)})`
    : sourceOf(target.django, 'ALLOWED_HOSTS', target.workingDirectory)
  return critical(
    'host-not-allowed',
    `${kind} serves ${name}, which ${source} lacks: every visitor gets 400`,
    mend('Add the name to ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS', hosts), {after: [restart(target)]}),
    // With no valid name at all the application refuses everybody, front or not: http/app says so.
    {
      evidence: [`ALLOWED_HOSTS=${target.hosts.join(',')}`],
      ...(target.hosts.some(isValidHost) && {because: []}),
    },
  )
}

/** Over TLS, too, the application sends the visitor to where the visitor is. */
export function redirectLoop(target: Target, {front, name, site}: Question, {headers}: Response): Verdict {
  const trusted = trustedHeader(target)
  const summary = `Forward ${trusted ?? 'X-Forwarded-Proto'}`
  return critical(
    'redirect-loop',
    `over TLS, too, ${name} redirects to ${headers.location}: ${trusted ? `${front.kind} does not say so in ${trusted}, for which Django looks (SECURE_PROXY_SSL_HEADER)` : 'the application is not told of TLS'}`,
    correct(target, front, {
      summary: trusted ? summary : `${summary} and let Django trust it`,
      at: site.at,
      first:
        trusted === null
          ? [hand("SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')  # in the settings")]
          : front.kind === 'nginx' && !isNix(front)
            ? [hand(`proxy_set_header ${trusted} $scheme;  # beside proxy_pass`)]
            : [],
      nix: 'services.nginx.recommendedProxySettings = true;',
    }),
    {because: []},
  )
}

/** The header by which the settings let a front say that the visitor came over TLS: X-Forwarded-Proto. */
function trustedHeader({django}: Target): string | null {
  const header = django.answer?.settings.SECURE_PROXY_SSL_HEADER
  const [name] = Array.isArray(header) ? header : []
  if (typeof name !== 'string' || !name.startsWith('HTTP_')) return null
  const words = name.slice('HTTP_'.length).toLowerCase().split('_')
  return words.map(word => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join('-')
}

/** Whether a redirect leads to where the visitor is already. */
export function isLoop({headers}: Response, {name, prefix}: Question, {path}: Page): boolean {
  return pathIn(headers.location ?? '', name) === `${prefix}${path}`
}

/** Somebody of whom nothing is known answers for the application's name, and gets no answer himself. */
export function deadStranger({name, address, holder}: Stranger, status: number, {direct}: Page): Verdict {
  return critical(
    'bad-gateway',
    `${holder ?? 'what listens'} at ${shownBind(address)} answers ${status} for ${name}: whom it forwards to does not answer it`,
    remedy('See where it forwards to', 'manual', [hand(`sudo ss -ltnp 'sport = :${address.port}'`)]),
    direct?.kind === 'response' && direct.status < 500 ? {because: []} : {},
  )
}

/** Nobody is led to the application, and the site that would do it is not enabled. */
export function siteDisabled({front, file, names}: DisabledSite): Verdict {
  const name = basename(file)
  const enable =
    front.kind === 'apache'
      ? run('a2ensite', name.replace(/\.conf$/, ''))
      : run('ln', '-s', file, file.replace('sites-available', 'sites-enabled'))
  return critical(
    'site-disabled',
    `${front.kind} leads nobody to the application: ${file}, the site of ${names.join(', ')}, is not enabled`,
    remedy('Enable the site, then test and reload the front', 'manual', [enable, ...reload(front)]),
    {because: []},
  )
}

/** A status that a front gives where nobody answers it. */
export function isGatewayError(status: number): boolean {
  return [500, 502, 503, 504].includes(status)
}

export async function badGateway(
  host: Host,
  target: Target,
  question: Question,
  page: Page,
  status: number,
): Promise<Verdict> {
  const {front, name, route} = question
  const {bind, unit} = target
  const places = route.forward?.places ?? []
  const [first] = places
  const place = first === undefined ? (route.forward?.written ?? 'it') : writtenBind(first)
  const denied =
    first !== undefined &&
    'socketPath' in first &&
    (await socketDenied(host, target, question, first.socketPath, status))
  if (denied) return denied
  const answered = bind !== null && page.direct?.kind === 'response'
  const elsewhere = places.length > 0 && route.forward?.leadsHere === false
  if (answered && !elsewhere && page.direct.status < 500) {
    const complaint = await upstreamComplaint(host, front)
    return critical(
      'bad-gateway',
      `${front.kind} answers ${status} for ${name}, while ${shownBind(bind)} answers when it is asked directly${complaint ? `: ${complaint.words}` : ''}`,
      remedy(`Correct what ${front.kind} complains of`, 'manual', [readJournal(front)]),
      {evidence: [...(complaint ? [complaint.line] : []), ...placesOf([route.at])], because: []},
    )
  }
  // Whatever it answers: an application that fails as well is another fault.
  if (answered && elsewhere) return wrongUpstream(host, target, question, bind, status)
  if (isFirstStart(unit)) {
    return warning(
      'starting',
      `${front.kind} answers ${status} for ${name} while ${unit.name} is starting`,
      awaitStart(unit),
    )
  }
  return critical(
    'bad-gateway',
    `${front.kind} answers ${status} for ${name}: ${place} does not answer it`,
    remedy('See why the application does not answer', 'manual', [readJournal(front)]),
    {evidence: placesOf([route.at])},
  )
}

/** A site with the application's name, or for all names, forwards to somebody else. */
export async function wrongUpstream(
  host: Host,
  target: Target,
  question: Question,
  bind: Bind,
  status: number,
): Promise<Verdict> {
  const {front, name, route} = question
  const {forward, at} = route
  const who = await whoIsThere(host, question)
  const there =
    typeof who === 'object' ? `, where ${who.holder} listens,` : who === 'nobody' ? ', where nobody listens,' : ''
  const to = forward?.places?.map(writtenBind).join(', ') ?? forward?.written ?? ''
  const nix = `services.nginx.virtualHosts."${name}".locations."/".proxyPass = "http://${writtenBind(bind)}";`
  return critical(
    'wrong-upstream',
    `${front.kind} forwards ${name} to ${to}${at === null ? '' : ` (${shownPlace(at)})`}${there} and answers ${status}; the application listens at ${shownBind(bind)}`,
    correct(target, front, {
      summary: `Correct ${forward?.how ?? 'where it forwards'}`,
      at,
      nix: front.kind === 'nginx' ? nix : null,
    }),
    {evidence: placesOf([at]), because: leadsToUnheeded(target, forward?.places ?? []) ? ['http/app'] : []},
  )
}

/** The front obeys the unit, and the server does not. */
function leadsToUnheeded(target: Target, places: readonly Bind[]): boolean {
  const unheeded = unheededBind(target)
  return unheeded !== null && places.some(place => isSamePlace(place, unheeded.bind))
}

/** Who listens where a site forwards to. */
export async function whoIsThere(
  host: Host,
  {route}: Question,
): Promise<'nobody' | 'unknown' | {readonly holder: string}> {
  const places = route.forward?.places ?? []
  const found = await Promise.all(places.map(place => listenerAt(host, place)))
  if (found.length === 0 || found.includes(undefined)) return 'unknown'
  const listener = found.find(each => each)
  return listener ? {holder: holderOf(listener) ?? 'another program'} : 'nobody'
}

async function socketDenied(
  host: Host,
  target: Target,
  {front, name}: Question,
  socketPath: string,
  status: number,
): Promise<Verdict | null> {
  const [{components, stat}, opener] = await Promise.all([resolvePath(host, socketPath), frontOpener(host, front)])
  // Where something else stands in the place of the socket, the service could not make its own.
  if (stat && stat.type !== 'socket') return null
  const end = stat && {path: socketPath, stat}
  const wall = opener && (blockedAt(opener, components) ?? (end && !may(opener, 'write', end.stat) ? end : null))
  return opener && wall ? deniedAt(target, front, name, status, opener, wall) : null
}

function deniedAt(
  target: Target,
  front: Front,
  name: string,
  status: number,
  opener: Opener,
  {path, stat}: Component,
): Verdict {
  const {unit, group, user} = target
  const service = `${nixService(unit)}.serviceConfig`
  const isSocket = stat.type === 'socket'
  const admitsGroup = (stat.mode & (isSocket ? 0o020 : 0o010)) !== 0
  const opened = isSocket ? `${service}.UMask = "0007";` : `${service}.RuntimeDirectoryMode = "0750";`
  const joined = `users.users.${opener.name}.extraGroups = [ "${group ?? user ?? 'prism'}" ];`
  const {kind} = front
  const summary = admitsGroup
    ? `Put ${kind} into the group of the application's socket`
    : `Open the application's socket to its group and put ${kind} into that`
  const look = hand(`ls -ld ${path}`)
  const again = run('systemctl', 'restart', front.unit.name)
  const isMember = opener.groups.includes(stat.gid)
  const joining = run('usermod', '-aG', group ?? user ?? 'prism', opener.name)
  return critical(
    'socket-denied',
    `${opener.name} may not ${isSocket ? 'open' : 'pass'} ${path} (mode ${octal(stat.mode)}): ${name} answers ${status}`,
    isNix(front)
      ? remedy(
          `${summary}, then rebuild`,
          'manual',
          [look, rebuild(target)],
          admitsGroup ? joined : `${opened} ${joined}`,
        )
      : admitsGroup
        ? remedy(`${summary}, then restart ${kind}`, 'manual', [look, joining, again])
        : mend(
            isMember ? "Open the application's socket to its group" : summary,
            target.platform.unitSetting(unit.name, isSocket ? {UMask: '0007'} : {RuntimeDirectoryMode: '0750'}),
            {first: [look, ...(isMember ? [] : [joining])], after: isMember ? [] : [again]},
          ),
    {evidence: [`${octal(stat.mode)} ${stat.uid}:${stat.gid} ${path}`], because: []},
  )
}

/** How what comes through a front differs from what the application itself gives; null where it does not. */
export function differenceOf(answer: Response, direct: Response, name: string): string | null {
  if (answer.status >= 400 && direct.status < 400)
    return `with ${answer.status}, and the application with ${direct.status}`
  if (answer.status >= 300 && answer.status < 400) {
    if (direct.status < 300 || direct.status >= 400) return null
    const [through, own] = [answer, direct].map(({headers}) => pathIn(headers.location ?? '', name))
    return through === own || through === null ? null : `with a redirect to ${through}, and the application to ${own}`
  }
  if (answer.status !== 200 || direct.status !== 200 || answer.md5 === direct.md5) return null
  const [type, ownType] = [answer, direct].map(({headers}) => mediaType(headers['content-type']))
  if (type !== ownType) return `as ${type || 'nothing that is named'}, and the application as ${ownType}`
  const [title, ownTitle] = [answer, direct].map(({body}) => titleOf(body))
  return title === ownTitle ? null : `with the page ${quoted(title)}, and the application with ${quoted(ownTitle)}`
}

/** Whether what comes by another way is the application's own page. */
export function isSamePage(answer: Response, direct: Response, name: string): boolean {
  return answer.status === direct.status && answer.status < 400 && differenceOf(answer, direct, name) === null
}

function quoted(title: string | null | undefined): string {
  return title ? `"${title}"` : 'without a title'
}

function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function titleOf(body: string): string | null {
  return /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim().replace(/\s+/g, ' ') ?? null
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

/** Somebody else takes the request: another program, another site of the front, or another location. */
export async function answeredElsewhere(
  host: Host,
  target: Target,
  question: Question,
  page: Page,
  difference: string,
): Promise<Verdict> {
  const {front, name, address, prefix, site, tls} = question
  const who = await findWhoListens(host, front.unit, address)
  if (isForeign(front, who)) return foreignListener(front, address, who)
  const chosen = chosenSite(question)
  const taker =
    chosen && chosen !== site && chosen.at !== null
      ? `the site at ${shownPlace(chosen.at)} takes the request, not that at ${site.at === null ? 'another place' : shownPlace(site.at)}`
      : 'something else takes the request'
  const complaint = front.complaints.find(line => line.includes(`"${name}"`))
  const url = `${tls ? 'https' : 'http'}://${shownBind(address)}${prefix}${page.path}`
  const look = hand(`curl -s${tls ? 'k' : ''}I -H 'Host: ${name}' ${url}`)
  const summary = 'Correct the site that takes the request'
  return critical(
    'answered-elsewhere',
    `${front.kind} answers ${name}${prefix}${page.path} ${difference}: ${taker}`,
    isNix(front)
      ? remedy(`See which server and location ${front.kind} chooses`, 'manual', [look, rebuild(target)])
      : correct(target, front, {summary, at: chosen?.at ?? site.at, first: [look]}),
    {evidence: complaint === undefined ? [] : [complaint], because: []},
  )
}

/** Visitors get the error all the same, so that it is said here as well, as the consequence that it is. */
export function passedOn({unit}: Target, {front, name}: Question, page: Page, status: number): Verdict {
  return critical(
    'bad-gateway',
    `${front.kind} passes on for ${name} what the application answers: ${page.path} is ${status}`,
    remedy('See why the application fails', 'manual', [hand(`prism-doctor http/app --unit ${unit.name}`)]),
    {because: ['http/app']},
  )
}
