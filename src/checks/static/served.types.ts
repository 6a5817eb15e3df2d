import {readApache} from '../../facts/fronts/apache-configuration.ts'
import {findNginx} from '../../facts/fronts/nginx-configuration.ts'
import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import {askFront, type Question} from '../../facts/fronts/questions.ts'
import {apacheTypes, nginxTypes, type TypesPlace} from '../../facts/fronts/types-place.ts'
import {cameAs, endingOf, judgeType} from '../../facts/static/media-types.ts'
import type {Sample} from '../../facts/static/sample.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host, HttpAnswer} from '../../host/host.ts'
import {correct} from '../../remedies/front.ts'
import {mend} from '../../remedies/remedy.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {finding, milder, type Remedy, type Verdict} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import {type Code, found} from './served.findings.ts'

/** A file that came, of the type that its front gives to it. */
export interface Typed {
  readonly sample: Pick<Sample, 'name' | 'url'>
  readonly answer: HttpAnswer
}

/** Asks a front for files as browsers do. */
export function askTyped(
  host: Host,
  who: Question,
  samples: readonly Sample[],
): Promise<readonly Typed[]> {
  return Promise.all(
    samples.map(async sample => ({
      sample,
      answer: await askFront(host, who, sample.url, {headers: {'accept-encoding': 'identity'}}),
    })),
  )
}

/** The worst of the types that are wrong, with the others as evidence; null where all are right. */
export async function judgeTypes(
  host: Host,
  target: Target,
  question: Question,
  typed: readonly Typed[],
): Promise<Verdict<Code> | null> {
  const bad = typed.flatMap(({sample, answer}) => {
    if (answer.kind !== 'response' || answer.status !== 200) return []
    const came = cameAs(answer.headers)
    const own = ownType(target, sample.name)
    const verdict = judgeType(sample.name, came, own)
    return verdict === null ? [] : [{sample, came, own, verdict}]
  })
  const worst = bad.find(({verdict}) => verdict === 'refused') ?? bad[0]
  if (!worst) return null
  const {front, name} = question
  const {sample, came, own} = worst
  const why = await whyOf(host, question, sample)
  const said = found['wrong-type'](
    `${front.kind} for ${name}`,
    sample,
    came,
    own,
    why.why === null ? '' : `${why.why}${why.at === null ? '' : ` (${shownPlace(why.at)})`}`,
  )
  const cure = cureOf(target, question, why, sample.name)
  const evidence = bad.map(each => `${each.sample.url}: content-type: ${each.came.type}`)
  if (came.nosniff) evidence.push('x-content-type-options: nosniff')
  return finding(worst.verdict === 'refused' ? said : milder(said), cure, {evidence})
}

/** What the application itself sends of a type that is wrong; null where it is right. */
export function wrongByItself(target: Target, who: string, {sample, answer}: Typed) {
  if (answer.kind !== 'response') return null
  const came = cameAs(answer.headers)
  const own = ownType(target, sample.name)
  const verdict = judgeType(sample.name, came, own)
  if (verdict === null) return null
  const said = found['wrong-type'](who, sample, came, own, '')
  const cure = mend('Correct the type', settingMeans(target, 'WHITENOISE_MIMETYPES'))
  return finding(verdict === 'refused' ? said : milder(said), cure, {
    evidence: [`content-type: ${came.type}`],
  })
}

/** What Django gives to a name of that ending; null where it does not say. */
function ownType({django}: Target, name: string): string | null {
  return django.answer?.static?.types?.[endingOf(name)] ?? usual[endingOf(name)] ?? null
}

/** Python's own, where Django was asked before it told this. */
const usual: Readonly<Record<string, string>> = {
  css: 'text/css',
  js: 'text/javascript',
  mjs: 'text/javascript',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  ico: 'image/vnd.microsoft.icon',
  pdf: 'application/pdf',
  mp4: 'video/mp4',
  mp3: 'audio/mpeg',
}

async function whyOf(
  host: Host,
  {front, site}: Question,
  {url, name}: Pick<Sample, 'url' | 'name'>,
): Promise<TypesPlace> {
  const unknown = {why: null, at: null, lacks: null}
  if (front.kind === 'nginx') {
    const nginx = await findNginx(host)
    const asked = {server: site.names[0] ?? '', path: url, ending: endingOf(name)}
    return nginx ? nginxTypes(nginx.directives, asked) : unknown
  }
  if (front.kind === 'caddy') return unknown
  return apacheTypes((await readApache(host, front.unit)).directives)
}

function cureOf(
  target: Target,
  {front, site}: Question,
  {at, lacks}: TypesPlace,
  name: string,
): Remedy {
  const line = lineFor(front.kind, lacks, ownType(target, name) ?? '', endingOf(name))
  const summary = {
    nginx:
      lacks === 'ending'
        ? `Add .${endingOf(name)} to the types`
        : 'Let nginx know the types of files',
    apache: lacks === 'all' ? 'Enable mod_mime with TypesConfig' : 'Correct the type',
    caddy: 'Remove the header Content-Type',
  }[front.kind]
  return correct(target, front, {
    summary,
    at: at ?? site.at,
    first: line === null || target.platform.writesFronts ? [] : [hand(line)],
    ...(line !== null && {setting: {kind: 'directive', in: 'http', text: line}}),
  })
}

function lineFor(
  kind: Question['front']['kind'],
  lacks: TypesPlace['lacks'],
  type: string,
  ending: string,
): string | null {
  if (kind !== 'nginx' || lacks === null) return null
  return lacks === 'all' ? 'include mime.types;' : `types { ${type} ${ending}; }`
}
