import type {Digest, DigestAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {hashIn} from './hashed-name.ts'

import type {SourceFile, StaticSource} from './static-files.ts'
import type {StaticTree} from './static-tree.ts'

/**
 * The files of the package of which another version was collected. Contents tell, not times, which
 * say nothing in the store.
 */
export async function findStaleFiles(
  host: Host,
  tree: StaticTree,
  digests: DigestAnswer,
): Promise<readonly SourceFile[]> {
  const {files, expected, manifest} = tree
  const digestOf = await sourceDigests(host, files.sources)
  const old = expected.filter(file => {
    const source = digestOf(file.path)
    return typeof source?.md5 === 'string' && isStale(tree, digests, file.name, source)
  })
  const verbatim = expected.filter(({name}) => !isRewritten(name))
  const isOwnHash =
    old.length > 3 && old.length === verbatim.length && !old.some(({name}) => isRewritten(name))
  // A hash of the project's own making tells nothing.
  return manifest && isOwnHash ? [] : old
}

function isStale(
  {files, manifest}: StaticTree,
  digests: DigestAnswer,
  name: string,
  source: Digest,
): boolean {
  const hashed = manifest?.paths.get(name)
  if (hashed === undefined) {
    const collected = digests.files[name]?.md5
    // With a manifest nobody asks for the unhashed copy.
    if (manifest !== null || files.manifestElsewhere) return false
    return typeof collected === 'string' && collected !== source.md5
  }
  const hash = hashIn(hashed)
  if (hash === null || hash === source.md5) return false
  if (!isRewritten(name)) return true
  const collected = digests.files[hashed]
  // Nobody knows what a project's own storage rewrites; static/integrity judges altered files.
  if (!files.isStock || files.keepsManifest !== true || collected?.md5 !== hash) return false
  return differBesidesLinks(source, collected)
}

/** Style sheets and scripts get hashed names in what they refer to, and a hash of the result. */
function isRewritten(name: string): boolean {
  return /\.(?:css|m?js)$/.test(name)
}

function differBesidesLinks({unlinked}: Digest, collected: Digest): boolean {
  if (unlinked === undefined || collected.unlinked === undefined) return false
  return unlinked !== collected.unlinked
}

/** What the files in the package's directories hold, by their paths. */
async function sourceDigests(
  host: Host,
  sources: readonly StaticSource[],
): Promise<(path: string) => Digest | null> {
  const bySource = await Promise.all(
    sources.map(async ({directory}) => ({
      directory,
      answer: await ifSeen(digestsBelow(host, directory)),
    })),
  )
  return path => {
    const source = bySource.find(({directory}) => path.startsWith(`${directory}/`))
    return source?.answer?.files[path.slice(source.directory.length + 1)] ?? null
  }
}

async function digestsBelow(host: Host, directory: string): Promise<DigestAnswer> {
  const stat = await host.stat(directory)
  return stat === null ? {files: {}, complete: true} : host.digests(directory)
}
