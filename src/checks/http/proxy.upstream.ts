import type {Front} from '../../facts/fronts/front.ts'
import {upstreamComplaint} from '../../facts/fronts/journal.ts'
import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import type {Page} from '../../facts/fronts/pages.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import type {Stranger} from '../../facts/fronts/strangers.ts'
import {unheededAmong} from '../../facts/fronts/unheeded.ts'
import {whoIsThere} from '../../facts/fronts/who-is-there.ts'
import {shownBind} from '../../facts/http.ts'
import type {Bind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {isFirstStart} from '../../host/unit.ts'
import {correct, readJournal} from '../../remedies/front.ts'
import {remedy} from '../../remedies/remedy.ts'
import {awaitStart} from '../../remedies/service.ts'
import {type Finding, finding, type Verdict} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import {type Code, found, placesOf} from './proxy.findings.ts'
import {socketDenied} from './proxy.socket.ts'

/** The front says that it got no answer, or none in time: why, as far as that can be seen. */
export async function badGateway(
  host: Host,
  target: Target,
  question: Question,
  page: Page,
  status: number,
): Promise<Verdict<Code>> {
  const denied = await socketDenied(host, target, question, status)
  if (denied) return denied
  const {bind, unit} = target
  if (bind !== null && page.direct?.kind === 'response') {
    // Whatever the application answers: one that fails as well is another fault.
    if (leadsElsewhere(question)) return wrongUpstream(host, target, question, bind, status)
    if (page.direct.status < 500) return cutOff(host, question, bind, status)
  }
  const {front, name, route} = question
  if (isFirstStart(unit)) return finding(found.starting(front.kind, name, status, unit.name), awaitStart(unit))
  const why = `${upstreamOf(question)} does not answer it`
  return finding(found['bad-gateway'](front.kind, `answers ${status} for ${name}`, why), seeWhy(front), {
    evidence: placesOf(route.at),
  })
}

function leadsElsewhere({route: {forward}}: Question): boolean {
  return forward?.leadsHere === false && (forward.places ?? []).length > 0
}

function upstreamOf({route: {forward}}: Question): string {
  const [first] = forward?.places ?? []
  return first ? writtenPlace(first) : (forward?.written ?? 'its upstream')
}

function writtenPlace(place: Bind): string {
  return 'socketPath' in place ? `unix:${place.socketPath}` : shownBind(place)
}

function seeWhy(front: Front) {
  return remedy('See why the application does not answer', 'manual', [readJournal(front)])
}

/** The application answers, and its front cannot reach it. */
async function cutOff(
  host: Host,
  {front, name, route}: Question,
  bind: Bind,
  status: number,
): Promise<Finding<'critical', Code>> {
  const {kind} = front
  const complaint = await upstreamComplaint(host, front)
  const does = `answers ${status} for ${name}, while ${shownBind(bind)} answers when it is asked directly`
  const cure = remedy(`Correct what ${kind} complains of`, 'manual', [readJournal(front)])
  return finding(found['bad-gateway'](kind, does, complaint?.words ?? null), cure, {
    evidence: [...(complaint ? [complaint.line] : []), ...placesOf(route.at)],
    because: 'itself',
  })
}

/** A site with the application's name, or for all names, forwards to somebody else. */
export async function wrongUpstream(
  host: Host,
  target: Target,
  question: Question,
  bind: Bind,
  status: number,
): Promise<Finding<'critical', Code>> {
  const {front, name, route} = question
  const {forward, at} = route
  const places = forward?.places ?? []
  const to = forward?.places?.map(writtenPlace).join(', ') ?? forward?.written ?? ''
  const where = at === null ? '' : ` (${shownPlace(at)})`
  const who = await whoIsThere(host, question)
  const listens = who === 'nobody' ? ', where nobody listens,' : who === 'unknown' ? '' : `, where ${who.holder} listens,`
  const own = shownBind(bind)
  const cure = correct(target, front, {
    summary: `Correct ${forward?.how ?? 'where it forwards'}`,
    at,
    setting: {kind: 'upstream', name, url: `http://${'socketPath' in bind ? 'unix:' : ''}${own}`},
  })
  return finding(found['wrong-upstream'](front.kind, name, `${to}${where}${listens}`, status, own), cure, {
    evidence: placesOf(at),
    // The front obeys the unit, and the server does not.
    ...(unheededAmong(target, places) && {because: ['http/app']}),
  })
}

/** Visitors get the error all the same, so it is said here as well, as the consequence that it is. */
export function passedOn({unit}: Target, {front, name}: Question, page: Page, status: number): Verdict<Code> {
  const does = `passes on for ${name} what the application answers`
  const cure = remedy('See why the application fails', 'manual', [hand(`prism-doctor http/app --unit ${unit.name}`)])
  return finding(found['bad-gateway'](front.kind, does, `${page.path} is ${status}`), cure, {because: ['http/app']})
}

/** Somebody unknown answers for the application's name, and gets no answer from whoever they forward to. */
export function deadStranger({name, address, holder}: Stranger, status: number, {direct}: Page): Finding<'critical', Code> {
  const who = `${holder ?? 'what listens'} at ${shownBind(address)}`
  const cure = remedy('See where it forwards to', 'manual', [hand(`sudo ss -ltnp 'sport = :${address.port}'`)])
  const why = 'whatever it forwards to does not answer'
  return finding(found['bad-gateway'](who, `answers ${status} for ${name}`, why), cure, {
    ...(direct?.kind === 'response' && direct.status < 500 && {because: 'itself'}),
  })
}
