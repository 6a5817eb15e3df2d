import {CannotLook, type Host} from '../../host/host.ts'
import {type DjangoVersion, isAtLeast} from '../django/django.ts'
import type {ListedTree} from '../files/tree.ts'
import {parseJson} from '../json.ts'

/** What a manifest storage writes beside the files (django/contrib/staticfiles/storage.py). */
export const manifestName = 'staticfiles.json'

/** Bytes: 100,000 files make about 15 MB, and a larger file is not a manifest. */
const manifestLimit = 32 * 1024 * 1024

/** Characters: no path has more bytes (PATH_MAX), and whoever quotes a name quotes all of it. */
const maxName = 4096

export interface Manifest {
  readonly kind: 'manifest'
  readonly version: string
  /** Maps each name to the hashed one, both relative to STATIC_ROOT. */
  readonly paths: ReadonlyMap<string, string>
}

/** A file of that name which Django cannot load, and how it is broken: "it is empty". */
export interface BrokenManifest {
  /** `cut-off`: JSON that ends too early, as a full disk or a kill leaves it. */
  readonly kind:
    | 'empty'
    | 'cut-off'
    | 'not-json'
    | 'other-json'
    | 'not-utf8'
    | 'not-a-file'
    | 'too-large'
  readonly message: string
}

/**
 * The manifest among collected files; null where there is none.
 * @throws CannotLook where it may not be read.
 */
export async function readManifest(
  host: Host,
  {top, entries}: ListedTree,
): Promise<Manifest | BrokenManifest | null> {
  if (!entries.some(({path}) => path === manifestName)) return null
  const path = `${top.path}/${manifestName}`
  const answer = await host.readFile(path, {limit: manifestLimit})
  if (answer.kind === 'directory') return {kind: 'not-a-file', message: 'it is a directory'}
  if (answer.kind === 'too-large') {
    return {kind: 'too-large', message: `it is too large (${answer.size} bytes)`}
  }
  if (answer.kind !== 'file') throw new CannotLook(`${path} cannot be read: ${answer.kind}`)
  return answer.utf8
    ? parseManifest(answer.text)
    : {kind: 'not-utf8', message: 'it is not UTF-8 text'}
}

/** Parses what Django parses, and says how it is broken where Django only raises. */
export function parseManifest(text: string): Manifest | BrokenManifest {
  if (text.trim() === '') return {kind: 'empty', message: 'it is empty'}
  const parsed = parseJson(text)
  if (parsed === undefined) {
    if (text.startsWith('\uFEFF'))
      return {kind: 'not-json', message: 'it begins with a byte order mark'}
    return /^\s*\{/.test(text) && !/\}\s*$/.test(text)
      ? {kind: 'cut-off', message: `its JSON ends in the middle, after ${text.length} characters`}
      : {kind: 'not-json', message: 'it is not JSON'}
  }
  if (!isObject(parsed))
    return {
      kind: 'other-json',
      message: `it holds ${Array.isArray(parsed) ? 'a list' : 'a value'}, not an object`,
    }
  const {version, paths = {}} = parsed
  if (typeof version !== 'string') return {kind: 'other-json', message: 'it names no version'}
  if (!isObject(paths)) return {kind: 'other-json', message: 'its "paths" is not an object'}
  const names = new Map<string, string>()
  for (const [name, hashed] of Object.entries(paths)) {
    if (typeof hashed !== 'string')
      return {kind: 'other-json', message: 'its "paths" holds something other than names'}
    names.set(name, hashed)
  }
  const long = [version, ...names.keys(), ...names.values()].find(({length}) => length > maxName)
  if (long !== undefined)
    return {kind: 'other-json', message: `it holds a name of ${long.length} characters`}
  return {kind: 'manifest', version, paths: names}
}

/** What Django's load_manifest() accepts: 1.1 came with Django 4.2. */
export function knownVersions(version: DjangoVersion | null): readonly string[] {
  return version === null || isAtLeast(version, 4, 2) ? ['1.0', '1.1'] : ['1.0']
}

/**
 * Files that a manifest names and that are not there. A link counts as its file: static/collected
 * judges where links lead.
 * @throws CannotLook where they may lie in a directory that could not be listed.
 */
export function namesGone(
  {paths}: Manifest,
  {entries, unreadable, top}: ListedTree,
): readonly string[] {
  const files = entries.filter(({type}) => type === 'file' || type === 'symlink')
  const there = new Set(files.map(({path}) => path))
  const gone = [...new Set(paths.values())].filter(name => !there.has(name))
  // What is not a path tells of something, and nobody knows where.
  const hidden = unreadable.find(directory =>
    gone.some(
      name => !directory.startsWith('/') || `${top.path}/${name}`.startsWith(`${directory}/`),
    ),
  )
  if (hidden) throw new CannotLook(`${hidden} may not be read by this user`, {privilege: true})
  return gone
}

/** A name that stays below STATIC_ROOT: nobody but an editor's hand writes another one. */
export function staysInside(name: string): boolean {
  return (
    name !== '' && !name.startsWith('/') && !name.includes('\0') && !name.split('/').includes('..')
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
