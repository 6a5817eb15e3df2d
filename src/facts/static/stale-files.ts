import {CannotLook, type Digest, type DigestAnswer, Hanging, type Host} from '../../host/host.ts'
import {seenOrWhyNot} from '../../host/if-seen.ts'
import {assertAllRead} from './all-read.ts'
import {hashIn} from './hashed-name.ts'
import type {SourceFile, StaticSource} from './static-files.ts'
import type {StaticTree} from './static-tree.ts'

/** A directory of the package and what its files hold; why not, where nobody could look. */
export interface SourceDigests {
  readonly directory: string
  readonly answer: DigestAnswer | CannotLook
}

/** What the files in the package's directories hold. */
export function digestsOfSources(
  host: Host,
  sources: readonly StaticSource[],
): Promise<readonly SourceDigests[]> {
  return Promise.all(
    sources.map(async ({directory}) => ({
      directory,
      answer: await seenOrWhyNot(digestsBelow(host, directory)),
    })),
  )
}

async function digestsBelow(host: Host, directory: string): Promise<DigestAnswer> {
  const stat = await host.stat(directory)
  return stat === null ? {files: {}, complete: true} : host.digests(directory)
}

/**
 * @throws CannotLook where not all of the package's files were read. A directory behind a link,
 *   which is not followed, is not compared.
 */
export function assertSourcesRead(host: Host, sources: readonly SourceDigests[]): void {
  for (const {directory, answer} of sources) {
    if (!(answer instanceof CannotLook)) assertAllRead(host, directory, answer)
    else if (answer.privilege || answer instanceof Hanging) throw answer
  }
}

/**
 * The files of the package of which another version was collected. Contents tell, not times, which
 * say nothing in the store.
 */
export function findStaleFiles(
  tree: StaticTree,
  digests: DigestAnswer,
  sources: readonly SourceDigests[],
): readonly SourceFile[] {
  const {expected, manifest} = tree
  const old = expected.filter(file => {
    const source = digestIn(sources, file.path)
    return typeof source?.md5 === 'string' && isStale(tree, digests, file.name, source)
  })
  const verbatim = expected.filter(({name}) => !isRewritten(name))
  const isOwnHash =
    old.length > 3 && old.length === verbatim.length && !old.some(({name}) => isRewritten(name))
  // A hash of the project's own making tells nothing.
  return manifest && isOwnHash ? [] : old
}

function digestIn(sources: readonly SourceDigests[], path: string): Digest | null {
  const source = sources.find(({directory}) => path.startsWith(`${directory}/`))
  if (!source || source.answer instanceof CannotLook) return null
  return source.answer.files[path.slice(source.directory.length + 1)] ?? null
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
