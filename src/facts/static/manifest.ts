import {parseJson} from '../json.ts'

/** The manifest that a manifest storage writes beside the files (django/contrib/staticfiles/storage.py). */
export const manifestName = 'staticfiles.json'

/** Bytes: 100,000 files make about 15 MB, and a larger one is no manifest. */
export const manifestLimit = 32 * 1024 * 1024

export type Manifest =
  /** `paths` maps each name to the hashed one, both relative to STATIC_ROOT. */
  | {readonly kind: 'manifest'; readonly version: string; readonly paths: ReadonlyMap<string, string>}
  /** `cut-off`: JSON that ends too early, as a full disk or a kill leaves it. */
  | {readonly kind: 'empty' | 'cut-off' | 'not-json' | 'other-json'; readonly message: string}

/** Parses what Django parses, and says how it is broken where Django only raises. */
export function parseManifest(text: string): Manifest {
  if (text.trim() === '') return {kind: 'empty', message: 'it is empty'}
  const parsed = parseJson(text)
  if (parsed === undefined) {
    if (text.startsWith('\uFEFF')) return {kind: 'not-json', message: 'it begins with a byte order mark'}
    return /^\s*\{/.test(text) && !/\}\s*$/.test(text)
      ? {kind: 'cut-off', message: `its JSON ends in the middle, after ${text.length} characters`}
      : {kind: 'not-json', message: 'it is no JSON'}
  }
  if (!isObject(parsed))
    return {kind: 'other-json', message: `it holds ${Array.isArray(parsed) ? 'a list' : 'a value'}`}
  const {version, paths = {}} = parsed
  if (typeof version !== 'string') return {kind: 'other-json', message: 'it names no version'}
  if (!isObject(paths)) return {kind: 'other-json', message: 'its "paths" are no object'}
  const names = new Map<string, string>()
  for (const [name, hashed] of Object.entries(paths)) {
    if (typeof hashed !== 'string') return {kind: 'other-json', message: 'its "paths" hold something else than names'}
    names.set(name, hashed)
  }
  return {kind: 'manifest', version, paths: names}
}

/** A name that stays below STATIC_ROOT: nobody but an editor's hand writes another one. */
export function staysInside(name: string): boolean {
  return name !== '' && !name.startsWith('/') && !name.includes('\0') && !name.split('/').includes('..')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
