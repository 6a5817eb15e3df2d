import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Bind} from '../target/bind.ts'
import {assignment, bindOf, resolved, type Told} from './arguments.ts'
import {maxScript} from './script.ts'
import {type Start, untold} from './shell/start.ts'

/** One option as uwsgi takes it, from its command line or a file. */
type Setting = readonly [name: string, value: string]

export interface UwsgiTold extends Told {
  /** `home =`, `virtualenv =`: where its Python lies. */
  readonly home: string | null
  /** False where a file or an option may say more than was read. */
  readonly isWhole: boolean
}

/** More files than any configuration includes. */
const maxFiles = 16

/**
 * What uwsgi is told, by its words and by the ini files that they name, as uwsgi's own parser reads them (core/ini.c,
 * core/config.c): sections, `%` magic, placeholders, `$(VARIABLE)`. Other formats are not read.
 */
export async function uwsgiTold(host: Host, {argv, environment, directory}: Start): Promise<UwsgiTold> {
  const settings: Setting[] = []
  const files: string[] = []
  let isWhole = true
  let reads = 0

  const add = async (name: string, value: string, from: string | null): Promise<void> => {
    const path = from !== null && value.startsWith(':') ? `${from}${value}` : value
    if (/^(?:ini|include|inherit)$/.test(name) || (name === 'config' && /\.ini(?::|$)/.test(value)))
      return readIni(path)
    if (/^(?:yaml|yml|json|xml|sqlite3|ldap|config|for.*|if-.*|inherit-.*)$/.test(name)) isWhole = false
    settings.push([name, value])
  }

  const readIni = async (text: string): Promise<void> => {
    const colon = text.lastIndexOf(':')
    const [file, section] = colon > 0 ? [text.slice(0, colon), text.slice(colon + 1) || 'uwsgi'] : [text, 'uwsgi']
    const path = resolved(directory, file)
    reads += 1
    // One that includes itself has no end.
    const isTooMuch = path.includes(untold) || reads > maxFiles
    const answer = isTooMuch ? null : await ifSeen(host.readFile(path, {limit: maxScript}))
    if (answer?.kind !== 'file') {
      isWhole = false
      return
    }
    if (!files.includes(path)) files.push(path)
    const magic = magicOf(path, file, section, directory)
    for (const [name, value] of iniSettings(answer.text, section)) {
      await add(name, placed(replaceMagic(value, magic), settings, environment), path)
    }
  }

  for (const [name, value] of commandLine(argv.slice(1))) await add(name, placed(value, settings, environment), null)
  const last = (...names: readonly string[]): string | undefined =>
    settings.findLast(([name]) => names.includes(name))?.[1]
  const all = (...names: readonly string[]): readonly string[] =>
    settings.flatMap(([name, value]) => (names.includes(name) ? [value] : []))

  const changed = last('chdir')
  const own = changed === undefined ? directory : resolved(directory, changed)
  const protocol = last('protocol', 'socket-protocol') ?? 'uwsgi'
  const binds = settings.flatMap(setting => bindsOfSetting(setting, own, protocol))
  const home = last('home', 'virtualenv', 'venv', 'pyhome')
  const isKnown = isWhole && !binds.includes(null)
  return {
    entry: entryOf(last, all, own),
    directory: changed === undefined ? null : own,
    pythonPath: all('pythonpath', 'python-path', 'pp', 'early-pythonpath').map(path => resolved(own, path)),
    settingsModule: null,
    environment: new Map(all('env', 'ienv').flatMap(assignment)),
    environmentFiles: [],
    binds: isKnown ? binds.filter(bind => bind !== null) : null,
    bindsFrom: binds.length > 0 || !isKnown ? (files[0] ?? 'arguments') : null,
    config: files[0] ?? null,
    inherited: binds.length === 0 ? 'all' : null,
    user: last('uid') ?? null,
    group: last('gid') ?? null,
    isWhole,
    home: home === undefined || home.includes(untold) ? null : resolved(directory, home),
  }
}

const short: Readonly<Record<string, string>> = {s: 'socket', w: 'module', H: 'home', x: 'xml', y: 'yaml', j: 'json'}

/** Options that take no value, among those that stand on command lines: what follows them is not theirs. */
function commandLine(words: readonly string[]): readonly Setting[] {
  const settings: Setting[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const next = words[at + 1]
    const equals = word.indexOf('=')
    if (word.startsWith('--') && equals > 0) settings.push([word.slice(2, equals), word.slice(equals + 1)])
    else if (word.startsWith('--')) {
      const takes =
        next !== undefined &&
        !next.startsWith('-') &&
        (isConfiguration(next) ? /^--(?:ini|include|inherit|yaml|yml|json|xml|config)$/.test(word) : true)
      settings.push([word.slice(2), takes ? (next ?? '') : ''])
      if (takes) at += 1
    } else if (/^-[A-Za-z]/.test(word)) {
      const name = short[word[1] ?? '']
      if (name === undefined) continue
      settings.push([name, word.length > 2 ? word.slice(2) : (next ?? '')])
      if (word.length === 2) at += 1
    } else if (isConfiguration(word)) settings.push([/\.ini(?::|$)/.test(word) ? 'ini' : 'config', word])
    else if (/\.(?:wsgi|py)$/.test(word)) settings.push(['wsgi-file', word])
    else if (/^[^/]*:\d+$/.test(word) || word.startsWith('/')) settings.push(['socket', word])
  }
  return settings
}

function isConfiguration(word: string): boolean {
  return /\.(?:ini|xml|ya?ml|json|js)(?::[^/]*)?$/.test(word)
}

/** The `name = value` lines of one section; `#` and `;` begin a comment only at the start of a line. */
function iniSettings(text: string, asked: string): readonly Setting[] {
  const settings: Setting[] = []
  let section = ''
  for (const raw of text.split('\n')) {
    const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[')) section = line.slice(1, -1)
    else if (section === asked) {
      const equals = line.indexOf('=')
      const name = (equals < 0 ? line : line.slice(0, equals)).trimEnd()
      settings.push([name, equals < 0 ? 'true' : line.slice(equals + 1).trim()])
    }
  }
  return settings
}

/** `%d` and its kin, of one file (core/uwsgi.c, uwsgi_setup_config). */
function magicOf(path: string, asked: string, section: string, directory: string): ReadonlyMap<string, string> {
  const {dir, base, name, ext} = posix.parse(path)
  const components = dir.split('/').filter(part => part !== '')
  const own: Readonly<Record<string, string>> = {
    o: asked, p: path, s: base, d: dir, n: name, e: ext.slice(1), c: posix.basename(dir), x: section,
  } // biome-ignore format: a table
  return new Map([
    ...Object.entries(own).flatMap(([letter, value]) => [
      [letter, value] as const,
      [letter.toUpperCase(), value] as const,
    ]),
    ...components.map((component, index) => [String(index), component] as const),
    ['v', directory],
    ['%', '%'],
  ])
}

function replaceMagic(value: string, magic: ReadonlyMap<string, string>): string {
  return value.replace(
    /%([A-Za-z0-9%])/g,
    (whole, letter: string) => magic.get(letter) ?? (/[a-zA-Z]/.test(letter) ? untold : whole),
  )
}

/** `%(name)` is an option that stands above, `$(NAME)` a variable. */
function placed(value: string, settings: readonly Setting[], environment: ReadonlyMap<string, string>): string {
  return value
    .replace(/%\(([^)]+)\)/g, (_, name: string) => placeholder(name.trim(), settings) ?? untold)
    .replace(/\$\(([^)]+)\)/g, (whole, name: string) => environment.get(name) ?? whole)
    .replace(/@\([^)]*\)/g, untold)
}

function placeholder(name: string, settings: readonly Setting[]): string | undefined {
  const set = settings
    .filter(([option]) => /^set(?:-ph|-placeholder)?$/.test(option))
    .flatMap(([, value]) => assignment(value))
  return settings.findLast(([option]) => option === name)?.[1] ?? new Map(set).get(name)
}

const sockets: Readonly<Record<string, string>> = {
  'uwsgi-socket': 'uwsgi',
  http: 'http',
  httprouter: 'http',
  'http-socket': 'http',
  'http11-socket': 'http',
  https: 'http',
  'https-socket': 'http',
}

/** Null is an address that is not understood; what speaks neither HTTP nor uwsgi is left out. */
function bindsOfSetting([name, value]: Setting, directory: string, protocol: string): readonly (Bind | null)[] {
  const spoken = name === 'socket' ? protocol : sockets[name]
  if (spoken === undefined || value.startsWith('fd://')) return []
  const [address = ''] = name.startsWith('https') ? value.split(',') : [value]
  const isPort = /:\d+$/.test(address)
  const bind = /^=\d+$/.test(address)
    ? null
    : bindOf(isPort || address.startsWith('@') ? address : `unix:${address}`, directory)
  const found = address.startsWith('@') ? {socketPath: address} : bind
  if (found === null) return [null]
  return spoken === 'uwsgi' ? [{...found, protocol: 'uwsgi'}] : /^http/.test(spoken) ? [found] : []
}

function entryOf(
  last: (...names: readonly string[]) => string | undefined,
  all: (...names: readonly string[]) => readonly string[],
  directory: string,
): Told['entry'] {
  const mounts = all('mount').map(mount => mount.slice(mount.indexOf('=') + 1))
  const module = last('module', 'wsgi')
  const file = last('wsgi-file', 'file')
  const said = module ?? file ?? (mounts.length === 1 ? mounts[0] : undefined)
  if (said === undefined || said.includes(untold)) return null
  const isFile = module === undefined && (file !== undefined || /\.(?:py|wsgi)$/.test(said) || said.startsWith('/'))
  if (isFile) {
    const path = resolved(directory, said)
    return path.includes(untold) ? null : {file: path}
  }
  return {module: said.includes(':') ? said : `${said}:${last('callable') ?? 'application'}`}
}
