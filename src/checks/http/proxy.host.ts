import {sourceOf} from '../../facts/django/django.ts'
import {meantHost} from '../../facts/django/host-entries.ts'
import {shownStated} from '../../facts/django/stated.ts'
import {whereHosts, whereVariable} from '../../facts/django/variables.ts'
import type {SentHost} from '../../facts/fronts/front.ts'
import {admits} from '../../facts/fronts/names.ts'
import {type Place, shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import type {Page} from '../../facts/fronts/pages.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import {isValidHost} from '../../facts/http.ts'
import {hostsOf} from '../../facts/target/listening.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {correct} from '../../remedies/front.ts'
import {mend, or, remedy} from '../../remedies/remedy.ts'
import {restart, restartWithEnvironment} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {nearest} from '../../report/nearest.ts'
import {readJournal} from '../../report/step.ts'
import {type Code, found, placesOf} from './proxy.findings.ts'

type Bad = Finding<'critical', Code>

/** 400: the application refuses the name, or gets another one than the visitor asked for. */
export async function refusedName(
  host: Host,
  target: Target,
  question: Question,
  {path, direct}: Page,
): Promise<Bad | null> {
  const {name, site, route} = question
  const isOwn = site.names.some(each => each.replace(/^\./, '') === name)
  if (!admits(target.hosts, name)) return isOwn ? hostNotAllowed(target, question) : null
  if (direct?.kind === 'response' && direct.status === 400) return null
  const sent = route.forward?.hosts ?? []
  if (sent.length > 1) return hostTwice(target, question, 'Host', sent)
  const forwarded = route.forward?.headers.get('x-forwarded-host') ?? []
  const isDoubled = forwarded.length > 1 || forwarded.some(({value}) => value.includes(','))
  if (isDoubled && (await refusesTwoNames(host, target, question, path)))
    return hostTwice(target, question, 'X-Forwarded-Host', forwarded)
  const [one = {value: null, at: null}] = sent
  return one.value === null
    ? refusedBehind(target, question)
    : otherHost(target, question, {value: one.value, at: one.at})
}

function otherHost(
  target: Target,
  {front, name, route}: Question,
  {value, at}: {readonly value: string; readonly at: Place | null},
): Bad {
  const place = at ?? route.at
  const where = place === null ? '' : `${shownPlace(place)} `
  const how = target.platform.writesFronts ? '' : ` (${forwarding[front.kind]})`
  const cure = correct(target, front, {
    summary: `Forward the name that the visitor asked for${how}`,
    at: place,
    setting: {kind: 'proxy-headers'},
  })
  const says = `${where}${at === null ? 'sets no Host' : 'says so'}`
  return finding(found['host-not-forwarded'](front.kind, name, value, says), cure)
}

/** How each front is told to forward the visitor's own Host. */
const forwarding = {
  nginx: 'proxy_set_header Host $host;',
  apache: 'ProxyPreserveHost On',
  caddy: 'no header_up Host',
} as const

/** Whether the application believes X-Forwarded-Host, and two names in it are none. */
async function refusesTwoNames(
  host: Host,
  {bind}: Target,
  {name}: Question,
  path: string,
): Promise<boolean> {
  if (bind === null) return false
  const headers = {host: name, 'x-forwarded-host': `${name}, ${name}`}
  const answer = await ifTold(host.request({address: bind, path, headers}))
  return answer?.kind === 'response' && answer.status === 400
}

function hostTwice(
  target: Target,
  {front, name}: Question,
  header: string,
  sent: readonly Pick<SentHost, 'at'>[],
): Bad {
  const places = placesOf(...sent.map(({at}) => at))
  const cure = correct(target, front, {
    summary: `Keep only one of the names that ${header} gets`,
    at: sent.at(-1)?.at ?? null,
  })
  return finding(found['host-twice'](front.kind, header, name, places), cure, {evidence: places})
}

/** The visitor's own name is forwarded, and something else of the request is refused. */
function refusedBehind({unit}: Target, {front, name, route}: Question): Bad {
  const cure = remedy('See what is forwarded, and what the application refuses of it', 'manual', [
    readJournal(front.unit.name),
    readJournal(unit.name),
  ])
  const what = `400 for ${name}, which the application allows when it is asked directly`
  return finding(found['answered-elsewhere'](front.kind, what), cure, {
    evidence: placesOf(route.forward && route.at),
  })
}

function hostNotAllowed(target: Target, {front, name, site}: Question): Bad {
  const {kind} = front
  const {environment, running, hosts, unit, django, workingDirectory} = target
  const variable = whereVariable(target, 'ALLOWED_HOSTS')?.variable ?? 'ALLOWED_HOSTS'
  const declared = hostsOf(environment.get(variable))
  const inProcess = running?.get(variable)
  if (inProcess !== undefined && !admits(hostsOf(inProcess), name) && admits(declared, name)) {
    const lacks = `the unit's ${variable} has but the running process lacks`
    return finding(found['host-not-allowed'](kind, name, lacks), restartWithEnvironment(target), {
      evidence: [`${variable}=${inProcess}`],
      because: 'itself',
    })
  }
  const stated = whereHosts(target)
  const source = stated
    ? `ALLOWED_HOSTS (${shownStated(stated, unit.name)})`
    : sourceOf(django, 'ALLOWED_HOSTS', workingDirectory)
  const entries = declared.length > 0 ? declared : hosts
  const miswritten = hosts.map(meantHost).find(each => each?.name === name)
  if (miswritten) {
    const names = entries.map(entry => meantHost(entry)?.name ?? entry).join(',')
    const cure = mend('Correct ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS', names), {
      after: [restart(target)],
    })
    const lacks = `${source} lacks: ${miswritten.why}`
    return finding(found['host-not-allowed'](kind, name, lacks), cure, {
      evidence: [`ALLOWED_HOSTS=${hosts.join(',')}`],
      ...(hosts.some(isValidHost) && {because: 'itself'}),
    })
  }
  const all = [...entries, name].join(',')
  const add = mend('Add the name to ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS', all), {
    after: [restart(target)],
  })
  // Either of the two may be the mistyped one, or both are meant: www1 and www2.
  const [meant] = nearest(name, hosts)
  const summary = `If ${meant} is meant, correct the name that ${kind} serves`
  const cure = meant === undefined ? add : or(add, correct(target, front, {summary, at: site.at}))
  const lacks = meant === undefined ? 'lacks' : `lacks (it has ${meant})`
  return finding(found['host-not-allowed'](kind, name, `${source} ${lacks}`), cure, {
    evidence: [`ALLOWED_HOSTS=${hosts.join(',')}`],
    // With no valid name at all the application refuses everybody, front or not: http/app says so.
    ...(hosts.some(isValidHost) && {because: 'itself'}),
  })
}
