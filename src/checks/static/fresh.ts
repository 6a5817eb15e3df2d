import {assertAllRead} from '../../facts/static/all-read.ts'
import {manifestName} from '../../facts/static/manifest.ts'
import {
  assertSourcesRead,
  digestsOfSources,
  findStaleFiles,
} from '../../facts/static/stale-files.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {timestampOf} from '../../host/unit.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {servicePackage} from '../service/package.ts'
import {staticCollected} from './collected.ts'
import {staticFileFacts} from './files.facts.ts'
import {explanation} from './fresh.explanation.ts'
import {type Code, collectedLater, found, stale} from './fresh.findings.ts'
import {staticManifest} from './manifest.ts'

export const staticFresh: CheckOf<Code> = {
  id: 'static/fresh',
  title: 'The static files come from the deployed package, and the running process knows them',
  fix: 'collects anew or restarts the service',
  explanation,
  findings: found,
  needs: [staticManifest, servicePackage],
  facts: context => staticFileFacts(context, () => context.resultOf(staticCollected)),
  async run({host, target, resultOf}) {
    const collected = await resultOf(staticManifest)
    if (!collected) return ok('nothing was collected')
    if (collected.files.servesUncollected) {
      return ok('static files are served from the package itself')
    }
    const {path} = collected.tree.top
    const digests = await host.digests(path)
    const sources = await digestsOfSources(host, collected.files.sources)
    const old = findStaleFiles(collected, digests, sources)
    const bad = [
      ...(old.length > 0 ? [await stale(host, target, collected, old)] : []),
      ...judgeTime(target, collected),
    ]
    if (bad.length > 0) return bad
    assertAllRead(host, path, digests)
    assertSourcesRead(host, sources)
    return ok('what was collected is what the package has')
  },
}

/** Milliseconds by which the coarse clock of a file system may be behind. */
const tolerance = 100

function judgeTime(target: Target, {tree, manifest, files}: StaticTree): readonly Verdict<Code>[] {
  const {unit} = target
  if (Number(unit.get('MainPID')) === 0) return []
  if (manifest === null && files.whiteNoise !== true) return []
  const started = timestampOf(unit, 'ExecMainStartTimestamp')
  const collected = tree.entries.find(({path}) => path === manifestName)?.mtime
  if (started === null || collected === undefined) return []
  if (collected <= Date.parse(started) + tolerance) return []
  return [collectedLater(target, `${tree.top.path}/${manifestName}`, collected, started)]
}
