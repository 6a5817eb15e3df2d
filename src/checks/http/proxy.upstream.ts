import {isSamePlace} from '../../facts/fronts/front.ts'
import {upstreamComplaint} from '../../facts/fronts/journal.ts'
import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import type {Page} from '../../facts/fronts/pages.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import type {Stranger} from '../../facts/fronts/strangers.ts'
import {type Bind, shownBind, writtenBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {isFirstStart} from '../../host/unit.ts'
import {correct} from '../../remedies/front.ts'
import {remedy} from '../../remedies/remedy.ts'
import {awaitStart} from '../../remedies/service.ts'
import {type Finding, finding, type Verdict} from '../../report/finding.ts'
import {byHand, readJournal} from '../../report/step.ts'
import {type Code, found, placesOf} from './proxy.findings.ts'
import {socketDenied} from './proxy.socket.ts'
import {wrongUpstream} from './proxy.wrong-upstream.ts'

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
  const mixed = wrongProtocol(target, question, status)
  if (mixed) return mixed
  if (bind !== null && page.direct?.kind === 'response') {
    // Whatever the application answers: one that fails as well is another fault.
    if (leadsElsewhere(question)) return wrongUpstream(host, target, question, bind, status)
    if (page.direct.status < 500) return cutOff(host, question, bind, status)
  }
  const {front, name, route} = question
  if (isFirstStart(unit))
    return finding(found.starting(front.kind, name, status, unit.name), awaitStart(unit))
  const does = `answers ${status} for ${name}`
  const why = `${upstreamOf(question)} does not answer it`
  const cure = remedy('See why the application does not answer', 'manual', [
    readJournal(front.unit.name),
  ])
  return finding(found['bad-gateway'](front.kind, does, why), cure, {evidence: placesOf(route.at)})
}

/** HTTP to a socket that speaks uwsgi, or uwsgi to one that speaks HTTP; null where both agree. */
function wrongProtocol(
  target: Target,
  {front, name, route}: Question,
  status: number,
): Finding<'critical', Code> | null {
  const {forward, at} = route
  const own = target.binds.find(place => forward?.places?.some(each => isSamePlace(each, place)))
  if (!forward || !own || !['http', 'uwsgi'].includes(forward.protocol)) return null
  const speaks = own.protocol ?? 'http'
  if (speaks === forward.protocol) return null
  const shown = {http: 'HTTP', uwsgi: 'uwsgi'}
  const place = at === null ? '' : ` (${shownPlace(at)})`
  const how = `${forward.how}${place} speaks ${forward.protocol === 'uwsgi' ? 'uwsgi' : 'HTTP'}`
  const cure = correct(target, front, {summary: `Ask it by ${shown[speaks]}`, at})
  const said = found['wrong-protocol'](front.kind, name, status, how, shownBind(own), shown[speaks])
  return finding(said, cure, {evidence: placesOf(at)})
}

function leadsElsewhere({route: {forward}}: Question): boolean {
  return forward?.leadsHere === false && (forward.places ?? []).length > 0
}

function upstreamOf({route: {forward}}: Question): string {
  const [first] = forward?.places ?? []
  return first ? writtenBind(first) : (forward?.written ?? 'its upstream')
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
  const answers = `${shownBind(bind)} answers when it is asked directly`
  const does = `answers ${status} for ${name}, while ${answers}`
  const cure = remedy(`Correct what ${kind} complains about`, 'manual', [
    readJournal(front.unit.name),
  ])
  return finding(found['bad-gateway'](kind, does, complaint?.words ?? null), cure, {
    evidence: [...(complaint ? [complaint.line] : []), ...placesOf(route.at)],
    because: 'itself',
  })
}

/** Visitors get the error all the same, so it is said here as well, as a consequence. */
export function passedOn(
  {unit}: Target,
  {front, name}: Question,
  page: Page,
  status: number,
): Verdict<Code> {
  const does = `passes on the application's own error for ${name}`
  const cure = remedy('See why the application fails', 'manual', [
    byHand('prism-doctor', 'http/app', '--unit', unit.name),
  ])
  return finding(found['bad-gateway'](front.kind, does, `${page.path} is ${status}`), cure, {
    because: ['http/app'],
  })
}

/** Somebody unknown answers for the application's name, and nobody answers behind them. */
export function deadStranger(
  {name, address, holder}: Stranger,
  status: number,
  {direct}: Page,
): Finding<'critical', Code> {
  const who = `${holder ?? 'what listens'} at ${shownBind(address)}`
  const cure = remedy('See where it forwards to', 'manual', [
    byHand('sudo', 'ss', '-ltnp', `sport = :${address.port}`),
  ])
  const why = 'whatever it forwards to does not answer'
  return finding(found['bad-gateway'](who, `answers ${status} for ${name}`, why), cure, {
    ...(direct?.kind === 'response' && direct.status < 500 && {because: 'itself'}),
  })
}
