import {assertAllRead} from '../../facts/static/all-read.ts'
import {askApplication, askFronts, encodings} from '../../facts/static/ask-sample.ts'
import {type Sample, sampleOf} from '../../facts/static/sample.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {isFirstStart} from '../../host/unit.ts'
import {ok, type Verdict} from '../../report/finding.ts'
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
import {curesOfApplication, curesOfFront} from './served.remedies.ts'

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
    const fronts = (byFronts ?? []).map(({who, answers}) => {
      const cures = curesOfFront(target, who, sample.url)
      return judgeAnswers(whoServes(who, collected, sample.url), sample, answers, cures)
    })
    const said = [...own, ...fronts].filter(verdict => verdict !== null)
    const bad = said.filter(({status}) => status !== 'ok')
    if (bad.some(({status}) => status === 'critical') && isFirstStart(target.unit)) {
      return starting(target, sample)
    }
    return bad.length > 0 ? bad : (said[0] ?? ok(`${sample.url} comes as it was collected`))
  },
}

async function judgeApplication(
  host: Host,
  target: Target,
  {files}: StaticTree,
  sample: Sample,
): Promise<readonly Verdict<Code>[]> {
  const {who, answers} = await askApplication(host, target, sample)
  const bad = judgeAnswers(shownBind(who), sample, answers, curesOfApplication(target))
  if (bad) return [bad]
  const [plain] = answers
  if (plain?.kind !== 'response' || plain.status !== 200) return []
  if (!sample.hashed || files.whiteNoise !== true || files.servesUncollected) return []
  const caching = plain.headers['cache-control'] ?? ''
  const age = Number(/max-age=(\d+)/.exec(caching)?.[1] ?? 0)
  const isLasting = /immutable/.test(caching) || age >= 2_592_000
  return isLasting ? [] : [notImmutable(target, sample, caching)]
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
