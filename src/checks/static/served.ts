import type {Site} from '../../facts/fronts/front.ts'
import {keepsBack} from '../../facts/fronts/keeps-back.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import {assertAllRead} from '../../facts/static/all-read.ts'
import {type Asked, askApplication, askFronts, encodings} from '../../facts/static/ask-sample.ts'
import {type Sample, sampleOf} from '../../facts/static/sample.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import {typedSamples} from '../../facts/static/typed-samples.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {isFirstStart} from '../../host/unit.ts'
import {finding, ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {staticManifest} from './manifest.ts'
import {explanation} from './served.explanation.ts'
import {servedFacts} from './served.facts.ts'
import {
  type Code,
  found,
  judgeAnswers,
  notImmutable,
  starting,
  whoServes,
} from './served.findings.ts'
import {judgeMedia} from './served.media.ts'
import {correctLocation, restartForFiles} from './served.remedies.ts'
import {askTyped, judgeTypes, type Typed, wrongByItself} from './served.types.ts'

export const staticServed: CheckOf<Code> = {
  id: 'static/served',
  title: 'A static file comes over HTTP as it was collected',
  fix: 'restarts the service',
  explanation,
  findings: found,
  needs: [staticManifest],
  facts: servedFacts,
  async run({host, target, resultOf}) {
    const collected = await resultOf(staticManifest)
    if (!collected) return ok('nothing was collected')
    const {path} = collected.tree.top
    const digests = await host.digests(path)
    const sample = sampleOf(collected, digests)
    if (!sample) {
      assertAllRead(host, path, digests)
      return ok('no static file to ask for')
    }
    const byFronts = await askFronts(host, target, sample)
    const byItself = collected.files.whiteNoise !== false
    if (!byItself && byFronts === null) return unfronted(host, target, sample)
    const own = byItself ? await judgeApplication(host, target, collected, sample) : []
    // By each name of a site the same comes.
    const sites = new Set<Site>()
    const fronts = (byFronts ?? []).map(asked => {
      const isFirst = !sites.has(asked.who.site)
      sites.add(asked.who.site)
      const more = isFirst ? typedSamples(collected, digests, asked.who.site) : []
      return judgeFront(host, target, collected, sample, {...asked, more})
    })
    const said = [
      ...own,
      ...(await Promise.all(fronts)),
      ...(await judgeMedia(host, target)),
    ].filter(verdict => verdict !== null)
    const bad = said.filter(({status}) => status !== 'ok')
    if (bad.some(({status}) => status === 'critical') && isFirstStart(target.unit)) {
      return starting(target, sample)
    }
    return bad.length > 0 ? bad : (said[0] ?? ok(`${sample.url} comes as it was collected`))
  },
}

/** @param more what is asked for besides the one sample. */
async function judgeFront(
  host: Host,
  target: Target,
  collected: StaticTree,
  sample: Sample,
  {who, answers, more}: Asked<Question> & {readonly more: readonly Sample[]},
): Promise<Verdict<Code> | null> {
  const cure = correctLocation(target, who, sample.url)
  const bad = judgeAnswers(whoServes(who, collected, sample.url), sample, answers, cure)
  if (bad) return bad
  const typed = await askTyped(host, who, more)
  const gone = await goneFrom(host, who, typed)
  if (gone) {
    const name = whoServes(who, collected, gone.sample.url)
    const said = found['not-served'](name, gone.sample, gone.answer, 'identity')
    return finding(said, correctLocation(target, who, gone.sample.url))
  }
  const [plain] = answers
  return judgeTypes(host, target, who, [...(plain ? [{sample, answer: plain}] : []), ...typed])
}

async function judgeApplication(
  host: Host,
  target: Target,
  {files}: StaticTree,
  sample: Sample,
): Promise<readonly Verdict<Code>[]> {
  const {who, answers} = await askApplication(host, target, sample)
  const bad = judgeAnswers(shownBind(who), sample, answers, restartForFiles(target))
  if (bad) return [bad]
  const [plain] = answers
  if (plain?.kind !== 'response' || plain.status !== 200) return []
  const wrong = wrongByItself(target, shownBind(who), {sample, answer: plain})
  if (wrong) return [wrong]
  if (!sample.hashed || files.whiteNoise !== true || files.servesUncollected) return []
  const caching = plain.headers['cache-control'] ?? ''
  const age = Number(/max-age=(\d+)/.exec(caching)?.[1] ?? 0)
  const isLasting = /immutable/.test(caching) || age >= 2_592_000
  return isLasting ? [] : [notImmutable(target, sample, caching)]
}

/** A location of its own may look for its files elsewhere. */
async function goneFrom(host: Host, who: Question, typed: readonly Typed[]): Promise<Typed | null> {
  for (const each of typed) {
    const {sample, answer} = each
    const isGone = answer.kind === 'response' && answer.status === 404
    const isNeeded = /\.(?:css|js)$/.test(sample.name)
    if (isGone && isNeeded && !(await keepsBack(host, who, sample.url))) return each
  }
  return null
}

/** No front was found: only the application can be asked, which need not serve static files. */
async function unfronted(host: Host, target: Target, sample: Sample): Promise<Verdict<Code>> {
  const {url, md5} = sample
  const {who, answers} = await askApplication(host, target, sample, encodings.slice(0, 1))
  const [answer] = answers
  const nobody = `no front was found that could serve ${url}`
  if (answer?.kind !== 'response') {
    return ok(`${nobody}, and the application does not answer`)
  }
  if (answer.md5 === md5) return ok(`${shownBind(who)} serves ${url} as it was collected`)
  return ok(`${nobody}, and the application answers with ${answer.status}`)
}
