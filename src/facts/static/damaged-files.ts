import type {DigestAnswer} from '../../host/host.ts'
import {hashIn} from './hashed-name.ts'

import type {StaticTree} from './static-tree.ts'

/** The hashed files of the manifest whose content has another hash than their name. */
export function alteredFiles({manifest}: StaticTree, {files}: DigestAnswer): readonly string[] {
  const hashed = [...new Set(manifest?.paths.values() ?? [])].filter(name => hashIn(name) !== null)
  const known = hashed.filter(name => typeof files[name]?.md5 === 'string')
  const altered = known.filter(name => files[name]?.md5 !== hashIn(name))
  // A file_hash() of the project's own is no damage.
  return altered.length === known.length && known.length > 3 ? [] : altered
}

/** The compressed files that do not decode, or decode to something other than the original. */
export function staleCopies({files}: DigestAnswer): readonly string[] {
  return Object.keys(files).filter(name => {
    const decoded = files[name]?.decoded
    const of = name.replace(/\.(?:gz|br)$/, '')
    const original = files[of]?.md5
    if (decoded === undefined || typeof original !== 'string') return false
    // The copy of a hashed file that was altered may be what is left of it.
    return decoded !== original && decoded !== hashIn(of)
  })
}
