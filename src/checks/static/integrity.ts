import {firstFew} from '../../facts/files/state-tree.ts'
import {hashIn} from '../../facts/static/manifest.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook, type DigestAnswer, type Host} from '../../host/host.ts'
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
import {explanation} from './integrity.explanation.ts'
import {staticManifest} from './manifest.ts'

const found = findingsOf(explanation, {
  altered: cause('critical', (root: string, names: readonly string[]) =>
    names.length === 1
      ? `1 file below ${root} does not match the hash in its name: ${firstFew(names)}`
      : `${names.length} files below ${root} do not match the hashes in their names: ${firstFew(names)}`,
  ),
  'stale-copy': cause('critical', (root: string, names: readonly string[]) =>
    names.length === 1
      ? `1 file below ${root} decodes to something other than its original: ${firstFew(names)}`
      : `${names.length} files below ${root} decode to something other than their originals: ${firstFew(names)}`,
  ),
})

type Code = CodeOf<typeof found>

export const staticIntegrity: CheckOf<Code> = {
  id: 'static/integrity',
  title: 'Hashed static files match their names, compressed ones their originals',
  fix: 'moves wrong files aside, collects anew and restarts the service',
  explanation,
  findings: found,
  needs: [staticManifest],
  async run({host, target, resultOf}) {
    const collected = await resultOf(staticManifest)
    if (!collected) return ok('nothing was collected')
    const root = collected.tree.top.path
    const digests = await host.digests(root)
    const bad = [
      await altered(host, target, collected, digests),
      await staleCopies(host, target, root, digests),
    ].filter(verdict => verdict !== null)
    if (bad.length > 0) return bad
    if (!digests.complete) throw new CannotLook('there is more to read than is read in one run')
    const denied = Object.entries(digests.files).find(([, {md5}]) => md5 === null)
    if (denied && host.uid !== 0) {
      throw new CannotLook(`${root}/${denied[0]} may not be read by this user`, {privilege: true})
    }
    const {manifest} = collected
    const count = manifest ? `${manifest.paths.size} hashed files` : 'the files'
    return ok(`${count} have the right content, and so do the compressed ones`)
  },
}

async function altered(
  host: Host,
  target: Target,
  {manifest, tree}: StaticTree,
  {files}: DigestAnswer,
): Promise<Verdict<Code> | null> {
  const hashed = [...new Set(manifest?.paths.values() ?? [])].filter(name => hashIn(name) !== null)
  const known = hashed.filter(name => typeof files[name]?.md5 === 'string')
  const wrong = known.filter(name => files[name]?.md5 !== hashIn(name))
  // A file_hash() of the project's own is no damage.
  if (wrong.length === 0 || (wrong.length === known.length && known.length > 3)) return null
  const root = tree.top.path
  const evidence = wrong.map(name => `${name} has ${files[name]?.md5}`)
  return damaged(host, target, root, wrong, found.altered(root, wrong), evidence)
}

async function staleCopies(
  host: Host,
  target: Target,
  root: string,
  {files}: DigestAnswer,
): Promise<Verdict<Code> | null> {
  const stale = Object.entries(files).filter(([name, {decoded}]) => {
    const of = name.replace(/\.(?:gz|br)$/, '')
    const original = files[of]?.md5
    // The copy of a hashed file that was altered may be what is left of it.
    return typeof original === 'string' && decoded !== undefined && decoded !== original && decoded !== hashIn(of)
  })
  if (stale.length === 0) return null
  const names = stale.map(([name]) => name)
  const evidence = stale.map(([name, {decoded}]) => `${name} decodes to ${decoded ?? 'nothing'}`)
  return damaged(host, target, root, names, found['stale-copy'](root, names), evidence)
}

async function damaged(
  host: Host,
  target: Target,
  root: string,
  names: readonly string[],
  said: Said<Code>,
  evidence: readonly string[],
): Promise<Verdict<Code>> {
  const paths = names.slice(0, 20).map(name => `${root}/${name}`)
  const how = {suffix: 'damaged', summary: 'Move them aside'}
  const cure = await collectWithout(host, target, paths, how)
  // A full disk may have cut them off.
  return finding(said, cure, {evidence: evidence.slice(0, 20), because: ['state/space']})
}
