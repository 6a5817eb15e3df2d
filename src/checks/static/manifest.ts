import {firstFew} from '../../facts/files/tree.ts'
import {
  knownVersions,
  type Manifest,
  manifestName,
  namesGone,
  readManifest,
  staysInside,
} from '../../facts/static/manifest.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {staticCollected} from './collected.ts'
import {explanation} from './manifest.explanation.ts'
import {manifestFacts} from './manifest.facts.ts'
import {brokenManifest, type Code, entriesMissing, filesGone, found} from './manifest.findings.ts'

/** Hands on what was collected, with its manifest; null where nothing was. */
export const staticManifest: CheckOf<Code, StaticTree | null> = {
  id: 'static/manifest',
  title: 'The static manifest is readable, and every file that it names is there',
  fix: 'moves a broken manifest aside, collects anew and restarts the service',
  explanation,
  findings: found,
  needs: [staticCollected],
  facts: manifestFacts,
  async run({host, target, resultOf}) {
    const collected = await resultOf(staticCollected)
    const {files, tree} = collected
    if (!tree || tree.entries.length === 0) {
      return {findings: [ok('nothing is collected here')], result: null}
    }
    const read = files.keepsManifest === false ? null : await readManifest(host, tree)
    const manifest = read?.kind === 'manifest' ? read : null
    const result = {...collected, tree, manifest}
    if (read === null) return {findings: [withoutManifest(result)], result}
    const path = `${tree.top.path}/${manifestName}`
    const verdict =
      read.kind === 'manifest'
        ? await judge(host, target, path, read, result)
        : await brokenManifest(host, target, path, read.kind, read.message)
    return {findings: [verdict], result}
  },
}

function withoutManifest({files, tree}: StaticTree): Verdict<Code> {
  if (files.keepsManifest === false) return ok(`${files.storage} keeps no manifest`)
  return ok(`${tree.top.path} has no manifest, and needs none`)
}

async function judge(
  host: Host,
  target: Target,
  path: string,
  manifest: Manifest,
  {files, tree, expected}: StaticTree,
): Promise<Verdict<Code>> {
  const {version} = files
  const known = knownVersions(version)
  if (!known.includes(manifest.version)) {
    const who = version ? `Django ${version.text}` : 'Django'
    const why = `its version is "${manifest.version}", and ${who} knows only ${known.join(' and ')}`
    return brokenManifest(host, target, path, 'version', why)
  }
  const outside = [...manifest.paths].flat().filter(name => !staysInside(name))
  if (outside.length > 0) {
    const why = `it names files outside STATIC_ROOT: ${firstFew(outside)}`
    return brokenManifest(host, target, path, 'outside', why)
  }
  const names = [...manifest.paths.values()]
  const gone = namesGone(manifest, tree)
  if (gone.length > 0) return filesGone(host, target, path, gone, names.length)
  const isWhole = files.keepsManifest && files.isStock && !files.servesUncollected
  const missing = isWhole ? expected.filter(({name}) => !manifest.paths.has(name)) : []
  if (missing.length > 0) {
    const unnamed = missing.map(({name}) => name)
    return entriesMissing(host, target, path, unnamed, expected.length)
  }
  return ok(`${path} names ${names.length} files, and all are there`)
}
