import {firstFew} from '../../facts/files/tree.ts'
import {assertAllRead} from '../../facts/static/all-read.ts'
import {alteredFiles, staleCopies} from '../../facts/static/damaged-files.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {collectWithout} from '../../remedies/collect.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  ok,
  type Said,
  type Verdict,
} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {staticCollected} from './collected.ts'
import {staticFileFacts} from './files.facts.ts'
import {explanation} from './integrity.explanation.ts'
import {staticManifest} from './manifest.ts'

const found = findingsOf(explanation, {
  altered: cause('critical', (root: string, names: readonly string[]) =>
    names.length === 1
      ? `1 hashed file below ${root} does not match its name: ${firstFew(names)}`
      : `${names.length} hashed files below ${root} do not match their names: ${firstFew(names)}`,
  ),
  'stale-copy': cause('critical', (root: string, names: readonly string[]) => {
    const rest = names.length === 1 ? 'does not match its original' : 'do not match their originals'
    const files = names.length === 1 ? 'file' : 'files'
    return `${names.length} compressed ${files} below ${root} ${rest}: ${firstFew(names)}`
  }),
})

type Code = CodeOf<typeof found>

export const staticIntegrity: CheckOf<Code> = {
  id: 'static/integrity',
  title: 'Hashed static files match their names, compressed ones their originals',
  fix: 'moves wrong files aside, collects anew and restarts the service',
  explanation,
  findings: found,
  needs: [staticManifest],
  facts: context => staticFileFacts(context, () => context.resultOf(staticCollected)),
  async run({host, target, resultOf}) {
    const collected = await resultOf(staticManifest)
    if (!collected) return ok('nothing was collected')
    const root = collected.tree.top.path
    const digests = await host.digests(root)
    const {files} = digests
    const altered = alteredFiles(collected, digests)
    const stale = staleCopies(digests)
    const has = (name: string): string => `${name} has ${files[name]?.md5}`
    const decodes = (name: string): string =>
      `${name} decodes to ${files[name]?.decoded ?? 'nothing'}`
    const bad = [
      ...(await damaged(host, target, root, found.altered(root, altered), altered, has)),
      ...(await damaged(host, target, root, found['stale-copy'](root, stale), stale, decodes)),
    ]
    if (bad.length > 0) return bad
    assertAllRead(host, root, digests)
    const {manifest} = collected
    const count = manifest ? `${manifest.paths.size} hashed files` : 'the files'
    return ok(`${count} have the right content, and so do the compressed ones`)
  },
}

/** @param shown what is known of a file by its name. */
async function damaged(
  host: Host,
  target: Target,
  root: string,
  said: Said<Code>,
  names: readonly string[],
  shown: (name: string) => string,
): Promise<readonly Verdict<Code>[]> {
  if (names.length === 0) return []
  const first = names.slice(0, 20)
  const how = {suffix: 'damaged', summary: 'Move them aside'}
  const paths = first.map(name => `${root}/${name}`)
  const cure = await collectWithout(host, target, paths, how)
  // A full disk may have cut them off.
  return [finding(said, cure, {evidence: first.map(shown), because: ['state/space']})]
}
