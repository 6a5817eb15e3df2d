import type {DigestAnswer, Entry} from '../../host/host.ts'
import {hashIn} from './hashed-name.ts'

import type {StaticTree} from './static-tree.ts'

/** One collected file to ask for over HTTP. */
export interface Sample {
  /** Relative to STATIC_ROOT. */
  readonly name: string
  /** The path of its URL. */
  readonly url: string
  readonly md5: string
  readonly hashed: boolean
}

/** Bytes of a file that is asked for several times. */
const maxSize = 16 * 1024 * 1024

/** A style sheet if there is one: pages look broken without it. Null where no content is known. */
export function sampleOf(
  {files, manifest, tree}: StaticTree,
  digests: DigestAnswer,
): Sample | null {
  const isSmall = ({type, size}: Entry): boolean => type === 'file' && size <= maxSize
  const collected = tree.entries.filter(isSmall).map(({path}) => path)
  const isCollected = new Set(collected)
  const names = manifest
    ? [...manifest.paths.values()].filter(name => isCollected.has(name))
    : collected
  const md5Of = (name: string): string | null => digests.files[name]?.md5 ?? null
  const known = names.filter(name => md5Of(name) !== null && !/\.(?:gz|br)$/.test(name))
  const sheets = known.filter(name => name.endsWith('.css'))
  const name = sheets.find(each => !each.startsWith('admin/')) ?? sheets[0] ?? known[0]
  const md5 = name === undefined ? null : md5Of(name)
  if (name === undefined || md5 === null) return null
  const hashed = manifest !== null && hashIn(name) !== null
  return {name, url: `${files.url}${name}`, md5, hashed}
}
