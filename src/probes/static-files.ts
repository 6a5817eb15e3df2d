import type {Entry, Host} from '../host/host.ts'
import type {Target} from '../target.ts'
import {type Django, findDjango, isAtLeast, scriptText} from './django.ts'
import {unhashedName} from './manifest.ts'
import {
  type Assignment,
  assignments,
  elements,
  entryOf,
  evaluate,
  literal,
  type PythonValue,
  strings,
} from './python.ts'
import {execCommands} from './systemd.ts'

/** Where a process of the unit has its STATIC_ROOT, or its MEDIA_ROOT, and who said so. */
export type StaticRoot =
  | {
      readonly kind: 'known'
      /** As written: it may be relative. */
      readonly path: string
      /** `default`: the environment says nothing, and the settings fall back to it. */
      readonly from: 'configuration' | 'environment' | 'settings' | 'default'
      /** The variable that the settings read. */
      readonly variable: string
    }
  /** Nothing says it, or it is empty: Django then has none. */
  | {readonly kind: 'none'; readonly variable: string}
  /** The settings could not be understood, and the environment says nothing. */
  | {readonly kind: 'unknown'}

/** A directory of the package, and the prefix that its files get below STATIC_ROOT. */
export interface StaticSource {
  readonly directory: string
  readonly prefix: string
}

/** What the settings say of static files. */
export interface StaticFiles {
  readonly django: Django
  readonly root: StaticRoot
  /** The backend in force; null when it is not known. */
  readonly storage: string | null
  /** Null when the storage is not known, or is one of the project's own. */
  readonly keepsManifest: boolean | null
  /** STATICFILES_STORAGE where Django no longer reads it (5.1 and later), else null. */
  readonly ignoredStorage: string | null
  readonly whiteNoise: boolean | null
  /** Files come from the package itself: DEBUG is on, or WhiteNoise is told to use the finders. */
  readonly servesUncollected: boolean
  readonly sources: readonly StaticSource[]
}

const plainStorage = 'django.contrib.staticfiles.storage.StaticFilesStorage'

export async function findStaticFiles(host: Host, target: Target): Promise<StaticFiles> {
  const django = await findDjango(host, target)
  const settings = new Settings(django)
  const {storage, ignored} = storageOf(settings, django)
  const keeps = keepsManifest(settings, storage)
  const whiteNoise = django.settings === null ? null : /WhiteNoiseMiddleware/.test(django.settings)
  const isDebug = /^(?:1|true|yes|on|t|y)$/i.test(target.environment.get('DEBUG') ?? '')
  // With DEBUG names are not hashed, so that no manifest is read; with the finders alone it is.
  const usesFinders = settings.last('WHITENOISE_USE_FINDERS')?.expression === 'True' && keeps === false
  return {
    django,
    root: staticRootOf(target, settings, django),
    storage,
    keepsManifest: keeps,
    ignoredStorage: ignored,
    whiteNoise,
    servesUncollected: whiteNoise !== false && (isDebug || usesFinders),
    sources: sourcesOf(settings, django),
  }
}

/** Where uploads are stored, by the same reading; unknown where another storage than Django's own may take them. */
export async function findMediaRoot(host: Host, target: Target): Promise<StaticRoot> {
  const django = await findDjango(host, target)
  const settings = new Settings(django)
  const backend = backendOf(settings, 'default')
  const isElsewhere =
    !django.settingsComplete ||
    settings.all('DEFAULT_FILE_STORAGE').length > 0 ||
    (backend !== undefined && backend !== 'django.core.files.storage.FileSystemStorage')
  return isElsewhere ? {kind: 'unknown'} : rootOf('MEDIA_ROOT', target, settings, django)
}

/** The assignments of the settings by name. */
class Settings {
  readonly #assignments: readonly Assignment[]
  readonly #path: string

  constructor({settings, settingsPath}: Django) {
    this.#assignments = settings === null ? [] : assignments(settings)
    this.#path = settingsPath ?? ''
  }

  all(name: string): readonly Assignment[] {
    return this.#assignments.filter(each => each.name === name)
  }

  /** The assignment in force; null where there is none, or where it depends on what is not known. */
  last(name: string): Assignment | null {
    const all = this.all(name)
    const plain = all.every(
      ({conditional, operator, subscript}) => !conditional && operator === '=' && subscript === '',
    )
    return plain ? (all.at(-1) ?? null) : null
  }

  value(expression: string, depth = 0): PythonValue {
    return evaluate(expression, name => {
      if (name === '__file__') return {kind: 'text', text: this.#path}
      const assignment = this.last(name)
      return assignment && depth < 10 ? this.value(assignment.expression, depth + 1) : {kind: 'unknown'}
    })
  }
}

function staticRootOf(target: Target, settings: Settings, django: Django): StaticRoot {
  const configured = target.settings.staticRoot
  if (configured) return {kind: 'known', path: configured, from: 'configuration', variable: 'STATIC_ROOT'}
  return rootOf('STATIC_ROOT', target, settings, django)
}

function rootOf(setting: string, target: Target, settings: Settings, django: Django): StaticRoot {
  const assignment = settings.last(setting)
  const value: PythonValue = assignment ? settings.value(assignment.expression) : {kind: 'unknown'}
  if (value.kind === 'text') {
    if (value.text === '') return {kind: 'none', variable: setting}
    return {kind: 'known', path: value.text, from: 'settings', variable: setting}
  }
  const variable = value.kind === 'environment' ? value.name : setting
  const stated = django.wrapper.get(variable) ?? target.environment.get(variable)
  if (stated) return {kind: 'known', path: stated, from: 'environment', variable}
  if (stated === '') return {kind: 'none', variable}
  if (value.kind !== 'environment') {
    const nowhere = django.settingsComplete && settings.all(setting).length === 0
    return nowhere ? {kind: 'none', variable} : {kind: 'unknown'}
  }
  if (value.fallback === null || (value.fallback.kind === 'text' && value.fallback.text === '')) {
    return {kind: 'none', variable}
  }
  if (value.fallback.kind !== 'text') return {kind: 'unknown'}
  return {kind: 'known', path: value.fallback.text, from: 'default', variable}
}

/** The backend that STORAGES names for an alias: undefined where it names none, null where it is not understood. */
function backendOf(settings: Settings, alias: string): string | null | undefined {
  const storages = settings.last('STORAGES')
  const own = storages ? entryOf(storages.expression, alias) : undefined
  if (own) {
    const backend = entryOf(own, 'BACKEND')
    return backend ? literal(backend) : null
  }
  // Assigned by condition, by subscript, by update(), or twice.
  const unclear = settings.all('STORAGES').length > (storages ? 1 : 0)
  return own === null || unclear ? null : undefined
}

/** STORAGES since Django 4.2; STATICFILES_STORAGE until 5.0. */
function storageOf(
  settings: Settings,
  {version, settingsComplete}: Django,
): {readonly storage: string | null; readonly ignored: string | null} {
  const named = backendOf(settings, 'staticfiles')
  const old = settings.last('STATICFILES_STORAGE')
  const legacy = old ? literal(old.expression) : null
  const isIgnored = isAtLeast(version, 5, 1)
  if (named !== undefined) return {storage: named, ignored: null}
  const unclearOld = old === null && settings.all('STATICFILES_STORAGE').length > 0
  if (!settingsComplete) return {storage: null, ignored: null}
  if (isIgnored) return {storage: plainStorage, ignored: legacy}
  if (unclearOld) return {storage: null, ignored: null}
  // With the version unknown the old setting may be ignored or not.
  if (legacy !== null) return {storage: version === null ? null : legacy, ignored: null}
  return {storage: plainStorage, ignored: null}
}

function keepsManifest(settings: Settings, storage: string | null): boolean | null {
  if (storage === null) return null
  const storages = settings.last('STORAGES')
  const own = storages ? entryOf(storages.expression, 'staticfiles') : undefined
  // manifest_storage= puts the manifest elsewhere, and location= the files.
  if (own && entryOf(own, 'OPTIONS') !== undefined) return null
  if (/^(?:django\.contrib\.staticfiles|whitenoise)\.storage\.\w*ManifestStaticFilesStorage$/.test(storage)) return true
  return /^(?:django\.contrib\.staticfiles|whitenoise)\.storage\.(?:Compressed)?StaticFilesStorage$/.test(storage)
    ? false
    : null
}

/** STATICFILES_DIRS, the static/ of the project's own applications, and the admin's. */
function sourcesOf(settings: Settings, {roots, path}: Django): readonly StaticSource[] {
  const finders = settings.all('STATICFILES_FINDERS').flatMap(({expression}) => strings(expression))
  const uses = (finder: string): boolean => finders.length === 0 || finders.some(name => name.endsWith(finder))
  const certain = (name: string): readonly Assignment[] => settings.all(name).filter(({conditional}) => !conditional)
  const stated = certain('STATICFILES_DIRS')
    .flatMap(({expression}) => elements(expression) ?? [])
    .flatMap(element => {
      const [prefix, directory] = elements(element)?.length === 2 ? (elements(element) ?? []) : ['', element]
      const value = settings.value(directory ?? '')
      if (value.kind !== 'text' || !value.text.startsWith('/')) return []
      return [{directory: value.text, prefix: literal(prefix ?? '') ?? ''}]
    })
  const apps = certain('INSTALLED_APPS')
    .flatMap(({expression}) => strings(expression))
    .map(name => name.replace(/\.apps\.\w+$/, ''))
  const own = roots.filter(root => !root.endsWith('/site-packages'))
  const projects = apps.filter(name => !name.startsWith('django.'))
  const ofApps = projects.flatMap(name =>
    own.map(root => ({directory: `${root}/${name.replaceAll('.', '/')}/static`, prefix: ''})),
  )
  const admin = path && apps.includes('django.contrib.admin')
  return [
    ...(uses('FileSystemFinder') ? stated : []),
    ...(uses('AppDirectoriesFinder') ? ofApps : []),
    ...(admin && uses('AppDirectoriesFinder') ? [{directory: `${path}/contrib/admin/static`, prefix: ''}] : []),
  ]
}

/** A file of the package that collectstatic copies. */
export interface SourceFile {
  /** Relative to STATIC_ROOT. */
  readonly name: string
  readonly path: string
}

/** Every file that the sources hold, but what collectstatic itself ignores (StaticFilesConfig.ignore_patterns). */
export async function sourceFiles(host: Host, sources: readonly StaticSource[]): Promise<readonly SourceFile[]> {
  const found = await Promise.all(
    sources.map(async ({directory, prefix}) => {
      const stat = await host.stat(directory)
      if (stat?.type !== 'directory') return []
      const {entries} = await host.walk(directory)
      return entries
        .filter(({type, path}) => (type === 'file' || type === 'symlink') && !path.split('/').some(isIgnored))
        .map(({path}) => ({name: prefix === '' ? path : `${prefix}/${path}`, path: `${directory}/${path}`}))
    }),
  )
  const first = new Map<string, SourceFile>()
  for (const file of found.flat()) if (!first.has(file.name)) first.set(file.name, file)
  return [...first.values()]
}

function isIgnored(component: string): boolean {
  return component === 'CVS' || component.startsWith('.') || component.endsWith('~')
}

/**
 * Which of these lie in STATIC_ROOT neither under their own names nor hashed. WhiteNoise may keep only the hashed ones
 * (WHITENOISE_KEEP_ONLY_HASHED_FILES), and a missing hashed one is a matter of the manifest.
 */
export function notCollected(files: readonly SourceFile[], entries: readonly Entry[]): readonly SourceFile[] {
  const names = new Set(entries.flatMap(({path}) => [path, unhashedName(path)]))
  return files.filter(({name}) => !names.has(name))
}

/** The script that ExecStartPre= runs, when the unit itself collects; else null. */
export function collectingScript(host: Host, target: Target): Promise<string | null> {
  return preStartWith(host, target, 'collectstatic')
}

/** The script of ExecStartPre= that runs a command of manage.py; null when none does. */
export async function preStartWith(host: Host, target: Target, command: string): Promise<string | null> {
  const commands = execCommands(target.unit, 'ExecStartPre')
  for (const {path, argv} of commands) {
    if (argv.some(word => word.includes(command))) return argv.join(' ')
    const text = await scriptText(host, path)
    const lines = text?.split('\n').filter(line => !/^\s*(?:#|echo\b)/.test(line)) ?? []
    if (lines.some(line => line.includes(command))) return lines.join('\n')
  }
  return null
}
