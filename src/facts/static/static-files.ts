import {CannotLook, type Host, maxListed} from '../../host/host.ts'
import {
  type Django,
  type DjangoVersion,
  settingsKnown,
  sourceOf,
  textSetting,
  versionOf,
} from '../django/django.ts'
import {answerOf, type Target} from '../target/target.ts'
import {manifestName} from './manifest.ts'

/** Where a new process of the unit has its STATIC_ROOT, and who said so. */
export type StaticRoot =
  | {
      readonly kind: 'known'
      /** As written: it may be relative. */
      readonly path: string
      readonly from: 'configuration' | 'settings' | 'environment'
      /** "STATIC_ROOT in config/settings/base.py"; the variable where Django was not asked. */
      readonly source: string
    }
  /** The settings have none, so that nothing can be collected. */
  | {readonly kind: 'none'; readonly source: string}
  /** Not in the file system, or without django.contrib.staticfiles: nothing is on this disk. */
  | {readonly kind: 'elsewhere'; readonly why: string}

/** Where Django's finders find files, and the prefix that these get below STATIC_ROOT. */
export interface StaticSource {
  readonly directory: string
  readonly prefix: string
  /** Relative to the directory; null where there are too many to be told. */
  readonly names: readonly string[] | null
}

/** What Django says of its static files. */
export interface StaticFiles {
  readonly root: StaticRoot
  /** The backend in force; null when it is not known. */
  readonly storage: string | null
  /**
   * Whether it is one of Django's manifest storages; null when that is not known, or the manifest
   * lies elsewhere.
   */
  readonly keepsManifest: boolean | null
  /** The storage says that its manifest lies elsewhere, or has another name. */
  readonly manifestElsewhere: boolean
  /** Django's or WhiteNoise's own class: a project's may leave names out, or rewrite more. */
  readonly isStock: boolean
  /** STATICFILES_STORAGE where Django no longer reads it (5.1 and later), else null. */
  readonly ignoredStorage: string | null
  readonly whiteNoise: boolean | null
  /** Files come from the package itself: DEBUG is on, or WhiteNoise is told to use the finders. */
  readonly servesUncollected: boolean
  readonly sources: readonly StaticSource[]
  /** Whether Django's finders could be asked: what they did not find is not there then. */
  readonly sourcesKnown: boolean
  readonly version: DjangoVersion | null
  /** STATIC_URL as a path with a slash at both ends. */
  readonly url: string
}

/** @throws NotStated where nobody says where static files are collected. */
export function findStaticFiles(target: Target): StaticFiles {
  const {django} = target
  const root = rootOf(target)
  const facts = django.answer?.static ?? null
  const storage = facts?.storage ?? null
  const manifestElsewhere =
    storage !== null &&
    ('manifest_storage' in storage.options ||
      (storage.manifestName ?? manifestName) !== manifestName)
  const keepsManifest = storage === null || manifestElsewhere ? null : storage.keepsManifest
  const whiteNoise = usesWhiteNoise(django)
  const isDebug = django.answer?.settings.DEBUG === true
  // With DEBUG names are not hashed, so that no manifest is read; with the finders alone it is.
  const usesFinders =
    django.answer?.settings.WHITENOISE_USE_FINDERS === true && keepsManifest === false
  return {
    root,
    storage: storage?.backend ?? null,
    keepsManifest,
    manifestElsewhere,
    isStock: /^(?:django|whitenoise)\./.test(storage?.backend ?? ''),
    ignoredStorage: facts?.ignored ?? null,
    whiteNoise,
    servesUncollected: whiteNoise === true && (isDebug || usesFinders),
    sources: facts?.sources ?? [],
    sourcesKnown:
      facts !== null && !(django.answer?.failures ?? []).some(({stage}) => stage === 'static'),
    version: versionOf(django),
    url: staticUrl(django),
  }
}

function usesWhiteNoise({answer}: Django): boolean | null {
  const middleware = answer?.settings.MIDDLEWARE
  return Array.isArray(middleware)
    ? middleware.some(name => /whitenoise/i.test(String(name)))
    : null
}

function rootOf(target: Target): StaticRoot {
  const {django, settings, environment, workingDirectory} = target
  if (settings.staticRoot)
    return {
      kind: 'known',
      path: settings.staticRoot,
      from: 'configuration',
      source: 'static_root of the configuration',
    }
  const facts = django.answer?.static
  if (facts && !facts.installed)
    return {kind: 'elsewhere', why: 'the application does not use django.contrib.staticfiles'}
  if (
    facts?.storage &&
    facts.storage.bases.length > 0 &&
    !facts.storage.bases.some(name => /\.FileSystemStorage$/.test(name))
  )
    return {kind: 'elsewhere', why: `${facts.storage.backend} keeps static files elsewhere`}
  if (settingsKnown(django)) {
    const source = sourceOf(django, 'STATIC_ROOT', workingDirectory)
    const location = facts?.storage?.options.location
    const path = typeof location === 'string' ? location : textSetting(django, 'STATIC_ROOT')
    return path ? {kind: 'known', path, from: 'settings', source} : {kind: 'none', source}
  }
  const stated = environment.get('STATIC_ROOT')
  if (stated) return {kind: 'known', path: stated, from: 'environment', source: 'STATIC_ROOT'}
  answerOf(target, 'where static files are collected')
  return {kind: 'none', source: 'STATIC_ROOT'}
}

function staticUrl(django: Django): string {
  const url = textSetting(django, 'STATIC_URL') || '/static/'
  const path = /^https?:\/\/[^/]+(\/.*)$/.exec(url)?.[1] ?? url
  return path.startsWith('/') ? path : `/${path}`
}

/** A file of the package that collectstatic copies. */
export interface SourceFile {
  /** Relative to STATIC_ROOT. */
  readonly name: string
  readonly path: string
}

/** Every file that Django's finders find. */
export async function sourceFiles(
  host: Host,
  sources: readonly StaticSource[],
): Promise<readonly SourceFile[]> {
  const found = await Promise.all(
    sources.map(async ({directory, prefix, names}) => {
      const known = names ?? (await namesBelow(host, directory))
      return known.map(path => ({
        name: prefix === '' ? path : `${prefix}/${path}`,
        path: `${directory}/${path}`,
      }))
    }),
  )
  const first = new Map<string, SourceFile>()
  for (const file of found.flat()) if (!first.has(file.name)) first.set(file.name, file)
  return [...first.values()]
}

async function namesBelow(host: Host, directory: string): Promise<readonly string[]> {
  const stat = await host.stat(directory)
  if (stat?.type !== 'directory') return []
  const found = await host.walk(directory)
  if (found.truncated)
    throw new CannotLook(`${directory} holds more than ${maxListed} entries, too many to list`)
  return found.entries
    .filter(
      ({type, path}) => (type === 'file' || type === 'symlink') && !path.split('/').some(isIgnored),
    )
    .map(({path}) => path)
}

/** What collectstatic itself ignores (StaticFilesConfig.ignore_patterns). */
function isIgnored(component: string): boolean {
  return component === 'CVS' || component.startsWith('.') || component.endsWith('~')
}
