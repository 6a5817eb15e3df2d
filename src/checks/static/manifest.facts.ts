import {digestOf} from '../../facts/picture/digest.ts'
import {changedAt, factOf} from '../../facts/picture/facts.ts'
import {manifestName, readManifest} from '../../facts/static/manifest.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'
import {staticCollected} from './collected.ts'

/** What is collected: the manifest by count and digest, the files by the directories on top. */
export async function manifestFacts({host, resultOf}: Context): Promise<readonly Seen[]> {
  const collected = await ifTold(resultOf(staticCollected))
  const tree = collected?.tree
  if (!tree) return []
  const path = `${tree.top.path}/${manifestName}`
  const [looked, stat] = await Promise.all([
    ifTold(readManifest(host, tree).then(read => ({read}))),
    ifTold(host.stat(path)),
  ])
  const at = changedAt(stat)
  if (!looked) return []
  const {read} = looked
  if (read === null) return [factOf('static/manifest', path, 'absent')]
  if (read.kind !== 'manifest') return [factOf('static/manifest', path, `broken: ${read.kind}`, at)]
  const paths = [...read.paths].sort(([a], [b]) => (a < b ? -1 : 1))
  const value = `${paths.length} files, ${digestOf(JSON.stringify(paths)).slice(0, 12)}`
  return [
    factOf('static/manifest', path, value, at),
    factOf('static/manifest version', path, read.version, at),
  ]
}
