import type {DigestAnswer, Entry} from '../../host/host.ts'
import type {Route, Site} from '../fronts/front.ts'
import {endingOf, kinds} from './media-types.ts'
import type {Sample} from './sample.ts'
import type {StaticTree} from './static-tree.ts'

/** Bytes: files of one kind come alike, and a small one tells as much. */
const maxSize = 1024 * 1024

/** So many files are asked for of one front. */
const most = 12

/** Whether a front sends what lies below a path itself, as far as its routes tell. */
function sendsBelow(route: Route, url: string): boolean {
  if (route.forward !== null) return false
  // A pattern may be for anything.
  if (route.path === '') return true
  return route.path.length > 1 && (url.startsWith(route.path) || route.path.startsWith(url))
}

/**
 * Files to ask a front for that sends static files itself: one of each kind that browsers tell
 * apart, from each of its locations.
 */
export function typedSamples(
  {files, manifest, tree}: StaticTree,
  digests: DigestAnswer,
  {routes}: Site,
): readonly Sample[] {
  const own = routes.filter(route => sendsBelow(route, files.url))
  if (own.length === 0) return []
  const used = manifest && new Set(manifest.paths.values())
  const candidates = tree.entries
    .filter(({type, size}) => type === 'file' && size > 0 && size <= maxSize)
    .filter(({path}) => used === null || used.has(path))
  const prefixes = own.map(({path}) => path).filter(path => path.startsWith(files.url))
  const found = [...new Set([files.url, ...prefixes])].flatMap(prefix =>
    kinds.flatMap(endings => {
      const name = smallest(candidates, endings, path => `${files.url}${path}`.startsWith(prefix))
      const md5 = name === null ? null : (digests.files[name]?.md5 ?? null)
      return name === null || md5 === null
        ? []
        : [{name, url: `${files.url}${encodeURI(name)}`, md5, hashed: false}]
    }),
  )
  return found
    .filter((one, at) => found.findIndex(({name}) => name === one.name) === at)
    .slice(0, most)
}

/** The smallest file with one of these endings; of alike ones the first by name. */
export function smallest(
  entries: readonly Entry[],
  endings: readonly string[],
  isMeant: (path: string) => boolean = () => true,
): string | null {
  // encodeURI leaves "?" and "#", and of a name that is no UTF-8 nobody knows the URL.
  const fitting = entries.filter(
    ({path}) => endings.includes(endingOf(path)) && isMeant(path) && !/[?#\ufffd]/.test(path),
  )
  const [first] = fitting.toSorted((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1))
  return first?.path ?? null
}
