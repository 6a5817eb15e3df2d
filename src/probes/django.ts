import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import type {Target} from '../target.ts'
import {execCommands} from './systemd.ts'

/** What is known of the Django project without running it; null is not known. */
export interface Django {
  /** The text of the settings, `from … import *` put in its place. */
  readonly settings: string | null
  readonly settingsPath: string | null
  /** False when a `from … import *` of the settings could not be read: what they lack may be set there. */
  readonly settingsComplete: boolean
  /** Directories from which the project's modules are imported, the first one first. */
  readonly roots: readonly string[]
  /** What the wrapper around the server sets (makeWrapper's --set), whatever the unit's environment says. */
  readonly wrapper: ReadonlyMap<string, string>
  /** Every name that the wrapper sets, extends or removes, also where it does not say to what. */
  readonly assigned: ReadonlySet<string>
  readonly version: DjangoVersion | null
  /** Where Django itself lies. */
  readonly path: string | null
}

export interface DjangoVersion {
  readonly major: number
  readonly minor: number
  readonly text: string
}

export async function findDjango(host: Host, target: Target): Promise<Django> {
  const texts = await wrapperTexts(host, target)
  const wrapper = new Map(texts.flatMap(exported))
  const roots = importRoots(target, texts)
  const [sites, module] = await Promise.all([sitePackages(host, target, texts), settingsModule(host, target, wrapper)])
  const settings = module === null ? null : await readModule(host, [...roots, ...sites.map(({path}) => path)], module)
  const named = sites.flatMap(({names}) => names.map(versionOf)).find(version => version !== null)
  const site = sites.find(({names}) => names.includes('django'))
  return {
    settings: settings?.text ?? null,
    settingsPath: settings?.path ?? null,
    settingsComplete: settings?.complete ?? false,
    roots,
    wrapper,
    assigned: new Set(texts.flatMap(assignedNames)),
    version: named ?? null,
    path: site ? `${site.path}/django` : null,
  }
}

/** True when the version is known and is this one or later. */
export function isAtLeast(version: DjangoVersion | null, major: number, minor: number): boolean {
  return version !== null && (version.major > major || (version.major === major && version.minor >= minor))
}

/** A script's text, or null where there is no text. */
export async function scriptText(host: Host, path: string): Promise<string | null> {
  const answer = await ifSeen(host.readFile(path))
  return answer?.kind === 'file' && answer.utf8 ? answer.text : null
}

/** The wrapper that ExecStart= names, and those of the package that it runs in its turn. */
async function wrapperTexts(host: Host, {unit, package: store}: Target): Promise<readonly string[]> {
  const texts: string[] = []
  let path = execCommands(unit, 'ExecStart')[0]?.path
  while (path?.startsWith('/') && texts.length < 3) {
    const text = await scriptText(host, path)
    if (!text?.startsWith('#!')) break
    texts.push(text)
    const next = /^\s*exec\s+(?:-a\s+\S+\s+)?"?(\/[^"\s]+)"?/m.exec(text)?.[1]
    path = next && store && next.startsWith(`${store}/`) && next !== path ? next : undefined
  }
  return texts
}

/** `export NAME='value'`, as makeWrapper writes what is set. */
function exported(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/^export ([A-Za-z_]\w*)=(?:'([^'\n]*)'|"([^"$`\\\n]*)")$/gm)].map(
    ([, name = '', single, double]) => [name, single ?? double ?? ''] as const,
  )
}

/** `NAME=…`, `export NAME`, `unset NAME`, as scripts and makeWrapper have them. */
function assignedNames(text: string): readonly string[] {
  const found = text.matchAll(/(?:^|[;&|]|\bexport\b|\bunset\b)[ \t]*([A-Za-z_]\w*)(?==|[ \t]*(?:;|$))/gm)
  return [...found].map(([, name = '']) => name)
}

function importRoots({workingDirectory, environment, unit}: Target, texts: readonly string[]): readonly string[] {
  const argv = execCommands(unit, 'ExecStart')[0]?.argv ?? []
  const changed = argv[argv.indexOf('--chdir') + 1]
  const paths = texts.flatMap(text =>
    [...text.matchAll(/^(?:export )?PYTHONPATH='([^'\n]+)'/gm)].map(match => match[1]),
  )
  const searched = [...paths, environment.get('PYTHONPATH')].flatMap(list => list?.split(':') ?? [])
  const roots = [argv.includes('--chdir') ? changed : undefined, workingDirectory, ...searched]
  return [...new Set(roots.filter(root => root?.startsWith('/')).map(root => (root ?? '').replace(/\/+$/, '')))]
}

const interpreter = /(\/[^\s"':]+)\/bin\/(?:python|gunicorn|uvicorn|daphne|hypercorn|granian)[\w.-]*/g

async function sitePackages(
  host: Host,
  target: Target,
  texts: readonly string[],
): Promise<readonly {readonly path: string; readonly names: readonly string[]}[]> {
  const started = execCommands(target.unit, 'ExecStart')[0]?.path ?? ''
  const prefixes = [
    ...new Set([...texts, started].flatMap(text => [...text.matchAll(interpreter)].map(match => match[1]))),
  ]
  const below = await Promise.all(
    prefixes.map(async prefix => {
      const versions = (await ifSeen(host.list(`${prefix}/lib`))) ?? []
      return versions.filter(name => /^python3/.test(name)).map(name => `${prefix}/lib/${name}/site-packages`)
    }),
  )
  const named = importRoots(target, texts).filter(root => root.endsWith('/site-packages'))
  const paths = [...new Set([...named, ...below.flat()])]
  return Promise.all(paths.map(async path => ({path, names: (await ifSeen(host.list(path))) ?? []})))
}

/** `django-5.2.8.dist-info`, `Django-3.2.19.egg-info`. */
function versionOf(name: string): DjangoVersion | null {
  const match = /^django-((\d+)\.(\d+)[^-]*?)(?:-py\d[^-]*)?\.(?:dist|egg)-info$/i.exec(name)
  return match?.[1] ? {text: match[1], major: Number(match[2]), minor: Number(match[3])} : null
}

async function settingsModule(
  host: Host,
  {environment, workingDirectory}: Target,
  wrapper: ReadonlyMap<string, string>,
): Promise<string | null> {
  const said = wrapper.get('DJANGO_SETTINGS_MODULE') ?? environment.get('DJANGO_SETTINGS_MODULE')
  if (said) return said
  const manage = workingDirectory ? await scriptText(host, `${workingDirectory}/manage.py`) : null
  return /['"]DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([\w.]+)['"]/.exec(manage ?? '')?.[1] ?? null
}

interface Module {
  readonly path: string
  readonly text: string
  readonly complete: boolean
}

async function readModule(host: Host, roots: readonly string[], name: string, depth = 0): Promise<Module | null> {
  const file = name.replaceAll('.', '/')
  for (const root of roots) {
    for (const path of [`${root}/${file}.py`, `${root}/${file}/__init__.py`]) {
      const text = await scriptText(host, path)
      if (text !== null) return {path, ...(await withImports(host, roots, name, path, text, depth))}
    }
  }
  return null
}

/** Puts the text of `from .base import *` where it stands. */
async function withImports(
  host: Host,
  roots: readonly string[],
  name: string,
  path: string,
  text: string,
  depth: number,
): Promise<{readonly text: string; readonly complete: boolean}> {
  const lines: string[] = []
  let complete = true
  for (const line of text.split('\n')) {
    const [, indent = '', dots = '', module = ''] = /^(\s*)from\s+(\.*)([\w.]*)\s+import\s+\*/.exec(line) ?? []
    lines.push(line)
    if (dots === '' && module === '') continue
    const parts = name.split('.')
    const kept = parts.length - dots.length + (path.endsWith('/__init__.py') ? 1 : 0)
    const full = dots === '' ? module : [...parts.slice(0, kept), module].filter(part => part !== '').join('.')
    const imported = depth < 4 ? await readModule(host, roots, full, depth + 1) : null
    if (indent !== '') {
      // Under a condition: what is there may be in force, and what is not there was allowed for (try).
      complete &&= imported === null
      continue
    }
    complete &&= imported?.complete ?? false
    // A path that the imported file builds from __file__ is its own.
    if (imported) lines.push(imported.text.replaceAll('__file__', `'${imported.path}'`))
  }
  return {text: lines.join('\n'), complete}
}
