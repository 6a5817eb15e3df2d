import {textSetting} from '../../facts/django/django.ts'
import {walkDirectory} from '../../facts/files/state-tree.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import type {Route} from '../../facts/fronts/front.ts'
import {keepsBack} from '../../facts/fronts/keeps-back.ts'
import {admits} from '../../facts/fronts/names.ts'
import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import {type Question, questionsOf} from '../../facts/fronts/questions.ts'
import {cameAs, uploaded} from '../../facts/static/media-types.ts'
import {smallest} from '../../facts/static/typed-samples.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Entry, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {correct} from '../../remedies/front.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './served.findings.ts'
import {askTyped, judgeTypes, type Typed} from './served.types.ts'

/** What a front sends of the uploads itself: one of each kind, by each of its names. */
export async function judgeMedia(host: Host, target: Target): Promise<readonly Verdict<Code>[]> {
  const {mediaRoot, django} = target
  const url = pathOf(textSetting(django, 'MEDIA_URL'), target.hosts)
  if (!mediaRoot?.startsWith('/') || url === null) return []
  const questions = questionsOf(await findFronts(host, target), target)
  // By each name of a site the same comes; plain HTTP may only send on to TLS.
  const bySite = Map.groupBy(questions, ({site}) => site)
  const asked = [...bySite.values()].flatMap(all => {
    const question = all.find(({tls}) => tls) ?? all[0]
    const route = question && routeFor(question, url)
    return question && route ? [{question, route}] : []
  })
  if (asked.length === 0) return []
  const samples = await samplesIn(host, target, mediaRoot, url)
  const judged = asked.map(async ({question, route}) => {
    const typed = await askTyped(host, question, samples)
    const gone = await notServed(host, target, {question, route, typed, mediaRoot})
    if (gone) return gone
    // What is sent as a download is nobody's page, whatever its type.
    const shown = typed.filter(({answer}) => answer.kind === 'response' && !isDownload(answer))
    return judgeTypes(host, target, question, shown)
  })
  return (await Promise.all(judged)).filter(verdict => verdict !== null)
}

/** Null where uploads are not below a path of the application's own. */
function pathOf(url: string | null, hosts: readonly string[]): string | null {
  const [, host, path = ''] = /^(?:(?:https?:)?\/\/([^/]+))?(\/.*)?$/.exec(url ?? '') ?? []
  if (host !== undefined && !admits(hosts, host)) return null
  return path.length > 1 ? path : null
}

/** The location for uploads, where the front sends files itself. */
function routeFor({site}: Question, url: string): Route | null {
  const route = site.routes
    .filter(({path}) => path.length > 1 && url.startsWith(path))
    .toSorted((a, b) => b.path.length - a.path.length)[0]
  return route?.forward === null && route.directory !== null ? route : null
}

/** Bytes: an upload that is asked for. */
const maxSize = 1024 * 1024

/** Uploads may be many: of too many some are known by name. */
async function samplesIn(host: Host, target: Target, root: string, url: string) {
  const tree = await ifSeen(walkDirectory(host, target, root))
  const entries: readonly Entry[] =
    tree === null ? [] : tree.truncated ? tree.kinds.flatMap(({named}) => named) : tree.entries
  const files = entries.filter(
    ({type, size, path}) =>
      type === 'file' && size > 0 && size <= maxSize && !/(?:^|\/)\./.test(path),
  )
  return uploaded.flatMap(endings => {
    const name = smallest(files, endings)
    return name === null ? [] : [{name, url: `${url}${encodeURI(name)}`, md5: '', hashed: false}]
  })
}

function isDownload({headers}: {readonly headers: Readonly<Record<string, string>>}): boolean {
  const {type} = cameAs(headers)
  return /^attachment/i.test(headers['content-disposition'] ?? '') || isOpaque(type)
}

/** Those who let anybody upload send files so, for safety. */
function isOpaque(type: string): boolean {
  return type === 'application/octet-stream' || type === ''
}

interface Seen {
  readonly question: Question
  readonly route: Route
  readonly typed: readonly Typed[]
  readonly mediaRoot: string
}

/** The front has a location for uploads, and none of them is there. */
async function notServed(
  host: Host,
  target: Target,
  {question, route, typed, mediaRoot}: Seen,
): Promise<Verdict<Code> | null> {
  const [first] = typed
  const isGone = typed.every(({answer}) => answer.kind === 'response' && answer.status === 404)
  if (!first || !isGone || (await keepsBack(host, question, first.sample.url))) return null
  const {front, name} = question
  const at = route.at === null ? '' : ` (${shownPlace(route.at)})`
  const looks = `${route.directory ?? ''}${at}`
  const cure = correct(target, front, {
    summary: 'Correct the location for uploads',
    at: route.at,
    first: [byHand('ls', '-l', `${mediaRoot}/${first.sample.name}`)],
  })
  const said = found['media-not-served'](`${front.kind} for ${name}`, first.sample.url, looks)
  return finding(said, cure, {evidence: [`MEDIA_ROOT: ${mediaRoot}`]})
}
