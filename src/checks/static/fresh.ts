import {firstFew} from '../../facts/files/state-tree.ts'
import {manifestName} from '../../facts/static/manifest.ts'
import {findStaleFiles} from '../../facts/static/stale-files.ts'
import type {SourceFile} from '../../facts/static/static-files.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {timestampOf} from '../../host/unit.ts'
import {collectAnew, collectWithout} from '../../remedies/collect.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  ok,
  symptom,
  type Verdict,
} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {servicePackage} from '../service/package.ts'
import {explanation} from './fresh.explanation.ts'
import {staticManifest} from './manifest.ts'

const found = findingsOf(explanation, {
  stale: symptom(
    'warning',
    (root: string, old: readonly string[], all: number) =>
      `${old.length} of ${all} static files in ${root} come from another version of the package: ${firstFew(old)}`,
    // A start that stops in collectstatic leaves the old files (midship's css-not-utf8).
    {explainedBy: ['service/active']},
  ),
  'collected-later': cause(
    'warning',
    (path: string) =>
      `${path} was written after the process started, which still knows the old names`,
  ),
})

type Code = CodeOf<typeof found>

export const staticFresh: CheckOf<Code> = {
  id: 'static/fresh',
  title: 'The static files come from the deployed package, and the running process knows them',
  fix: 'collects anew or restarts the service',
  explanation,
  findings: found,
  needs: [staticManifest, servicePackage],
  async run({host, target, resultOf}) {
    const collected = await resultOf(staticManifest)
    if (!collected) return ok('nothing was collected')
    if (collected.files.servesUncollected) {
      return ok('static files are served from the package itself')
    }
    const digests = await host.digests(collected.tree.top.path)
    const old = await findStaleFiles(host, collected, digests)
    const bad = [
      ...(old.length > 0 ? [await stale(host, target, collected, old)] : []),
      ...collectedLater(target, collected),
    ]
    if (bad.length > 0) return bad
    if (!digests.complete) throw new CannotLook('there is more to read than is read in one run')
    return ok('what was collected is what the package has')
  },
}

async function stale(
  host: Host,
  target: Target,
  {tree, manifest, expected}: StaticTree,
  old: readonly SourceFile[],
): Promise<Verdict<Code>> {
  const root = tree.top.path
  const names = old.map(({name}) => name)
  const paths = names.slice(0, 50).map(name => `${root}/${name}`)
  const how = {suffix: 'old', summary: 'Move the old files aside'}
  // collectstatic takes what is there for newer than the store: it copies only what was moved away.
  const cure = await (manifest === null
    ? collectWithout(host, target, paths, how)
    : collectAnew(host, target))
  return finding(found.stale(root, names, expected.length), cure, {
    evidence: old.slice(0, 20).map(({path}) => path),
  })
}

/** Milliseconds by which the coarse clock of a file system may be behind. */
const tolerance = 100

function collectedLater(
  target: Target,
  {tree, manifest, files}: StaticTree,
): readonly Verdict<Code>[] {
  const {unit} = target
  if (Number(unit.get('MainPID')) === 0) return []
  if (manifest === null && files.whiteNoise !== true) return []
  const started = timestampOf(unit, 'ExecMainStartTimestamp')
  const collected = tree.entries.find(({path}) => path === manifestName)?.mtime
  if (started === null || collected === undefined) return []
  if (collected <= Date.parse(started) + tolerance) return []
  const summary = 'Restart the service, so that it reads them'
  const cure = remedy(summary, 'disruptive', [restart(target)])
  return [
    finding(found['collected-later'](`${tree.top.path}/${manifestName}`), cure, {
      since: new Date(collected).toISOString(),
      evidence: [`started ${started}`],
    }),
  ]
}
