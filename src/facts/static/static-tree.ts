import type {DigestAnswer, Host} from '../../host/host.ts'
import {type Tree, walkDirectory} from '../files/state-tree.ts'
import type {Target} from '../target/target.ts'
import {type Manifest, manifestLimit, manifestName, parseManifest} from './manifest.ts'
import {findStaticFiles, type StaticFiles} from './static-files.ts'

/** What was collected: its names, what they hold, and what the manifest says of them. */
export interface StaticTree {
  readonly files: StaticFiles
  readonly tree: Tree
  readonly digests: DigestAnswer
  /** Null where the storage keeps none, or it cannot be read: static/manifest says so. */
  readonly manifest: Extract<Manifest, {kind: 'manifest'}> | null
}

/**
 * Null where nothing was collected.
 * @throws NotStated where nobody says where they are, CannotLook where that may not be read.
 */
export async function findStaticTree(host: Host, target: Target): Promise<StaticTree | null> {
  const files = findStaticFiles(target)
  if (files.root.kind !== 'known') return null
  const tree = await walkDirectory(host, target, files.root.path)
  if (!tree || tree.entries.length === 0) return null
  const [digests, manifest] = await Promise.all([host.digests(tree.top.path), readManifest(host, tree)])
  return {files, tree, digests, manifest}
}

async function readManifest(host: Host, tree: Tree): Promise<StaticTree['manifest']> {
  if (!tree.entries.some(({path}) => path === manifestName)) return null
  const answer = await host.readFile(`${tree.top.path}/${manifestName}`, {limit: manifestLimit})
  const manifest = answer.kind === 'file' ? parseManifest(answer.text) : null
  return manifest?.kind === 'manifest' ? manifest : null
}
