import {firstFew} from '../../facts/files/tree.ts'
import type {SourceFile} from '../../facts/static/static-files.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {collectAnew, collectWithout} from '../../remedies/collect.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  symptom,
  type Verdict,
} from '../../report/finding.ts'
import {explanation} from './fresh.explanation.ts'

export const found = findingsOf(explanation, {
  stale: symptom(
    'warning',
    (root: string, old: readonly string[], all: number) => {
      const counted = `${old.length} of ${all} static files in ${root}`
      return `${counted} come from another version of the package: ${firstFew(old)}`
    },
    // A start that stops in collectstatic leaves the old files (midship's css-not-utf8).
    {explainedBy: ['service/active']},
  ),
  'collected-later': cause(
    'warning',
    (path: string) =>
      `${path} was written after the process started, which still knows the old names`,
  ),
})

export type Code = CodeOf<typeof found>

export async function stale(
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

/** @param collected milliseconds since the epoch. */
export function collectedLater(
  target: Target,
  path: string,
  collected: number,
  started: string,
): Verdict<Code> {
  const summary = 'Restart the service, so that it reads them'
  const cure = remedy(summary, 'disruptive', [restart(target)])
  return finding(found['collected-later'](path), cure, {
    since: new Date(collected).toISOString(),
    evidence: [`started ${started}`],
  })
}
