import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {launchesOf} from './shell/launches.ts'
import {type ScriptWorld, type Start, untold} from './shell/start.ts'

export type ServerKind = 'gunicorn' | 'uvicorn' | 'daphne' | 'hypercorn' | 'granian' | 'uwsgi' | 'manage.py'

/** What a command comes to, wrappers taken off. */
export interface Program extends Start {
  /** Null for a program that is no server of Django applications, as far as its name says. */
  readonly kind: ServerKind | null
  /** The Python that runs it; null where no script and no command names one. */
  readonly interpreter: string | null
  /** False where a wrapper on the way was not understood: the process knows better. */
  readonly understood: boolean
  /** A wrapper on the way runs it as another user than itself is (sudo, runuser). */
  readonly becomesAnother?: true
}

/** `-m NAME` and a console script's name alike; Debian has a gunicorn3. */
const servers: Readonly<Record<string, ServerKind>> = {
  gunicorn: 'gunicorn',
  gunicorn3: 'gunicorn',
  'gunicorn.app.wsgiapp': 'gunicorn',
  uvicorn: 'uvicorn',
  'uvicorn.main': 'uvicorn',
  daphne: 'daphne',
  'daphne.cli': 'daphne',
  hypercorn: 'hypercorn',
  granian: 'granian',
  uwsgi: 'uwsgi',
  'uwsgi-core': 'uwsgi',
  pyuwsgi: 'uwsgi',
}

/** Programs that run the program which their words name, and pass the environment on. */
const passing: ReadonlySet<string> = new Set([
  'env', 'nice', 'ionice', 'chrt', 'taskset', 'numactl', 'nohup', 'setsid', 'stdbuf', 'timeout', 'time', 'prlimit',
  'setpriv', 'runuser', 'chpst', 'authbind', 'dumb-init', 'tini', 'catchsegv', 'newrelic-admin', 'ddtrace-run',
  'opentelemetry-instrument', 'dotenv', 'honcho', 'poetry', 'pipenv', 'uv', 'pdm', 'hatch', 'rye', 'sudo',
]) // biome-ignore format: a list of words

/** Those of them that may run it as another user. */
const becoming: ReadonlySet<string> = new Set(['setpriv', 'runuser', 'chpst', 'sudo'])

/** The same, in an environment of Python's that only they find. */
const choosing: ReadonlySet<string> = new Set(['poetry', 'pipenv', 'uv', 'pdm', 'hatch', 'rye'])

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh'])

/** Where systemd looks for a bare name, and what PATH= it gives (systemd.exec(5)). */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** More wrappers than any deployment has. */
const maxDepth = 8

/** What a command line comes to. */
export async function programOf(host: Host, start: Start, depth = 0): Promise<Program> {
  const [first = '', ...rest] = start.argv
  const nothing: Program = {...start, kind: null, interpreter: null, understood: false}
  if (depth > maxDepth || first === '' || first.includes(untold)) return nothing
  const name = posix.basename(first)
  if (isPython(name)) return pythonProgram(start, await located(host, first, start))
  if (shells.has(name)) return shellProgram(host, start, rest, depth)
  if (passing.has(name)) return passedProgram(host, start, depth)
  const path = await located(host, first, start)
  const kind = kindOf(name, rest)
  const unread: Program = {...nothing, kind, understood: kind !== null}
  if (kind === 'uwsgi') return unread
  const script = path === null ? null : await textOf(host, path)
  if (script === null || path === null) {
    const binary = path === null ? null : await binaryWrapper(host, {...start, argv: [path, ...rest]}, depth)
    return binary ?? unread
  }
  const [shebang, option] = shebangOf(script)
  if (shebang === null) return unread
  const interpreter =
    posix.basename(shebang) === 'env' ? (envWords(option).find(word => !/^-|=/.test(word)) ?? '') : shebang
  if (isPython(posix.basename(interpreter))) {
    const python = await located(host, interpreter, start)
    return {...start, argv: [path, ...rest], kind, interpreter: environmentPython(start) ?? python, understood: true}
  }
  if (!shells.has(posix.basename(interpreter))) return unread
  // pip's launcher where Python's path is too long for the first line: the second is shell, the rest is Python.
  const launcher = /^[^\n]*\n('''exec' [^\n]*)\n/.exec(script)?.[1]
  return scriptProgram(host, launcher ?? script, {...start, argv: [path, ...rest]}, unread, depth)
}

function isPython(name: string): boolean {
  return /^(?:python|pypy)[\d.]*$/.test(name)
}

function kindOf(name: string, words: readonly string[]): ServerKind | null {
  // nixpkgs' wrappers call what they wrap .gunicorn-wrapped
  const known = servers[name.replace(/^\.(.+)-wrapped_*$/, '$1')] ?? (/^uwsgi[_-]/.test(name) ? 'uwsgi' : undefined)
  if (known) return known
  return isRunserver(words) ? 'manage.py' : null
}

/** `manage.py runserver`, `django-admin runserver`, and what a package calls its manage.py. */
function isRunserver(words: readonly string[]): boolean {
  return words.find(word => !word.startsWith('-')) === 'runserver' || words.includes('runserver_plus')
}

/** `python [-u] [-X …] -m NAME …`, `python SCRIPT …` */
function pythonProgram(start: Start, python: string | null): Program {
  const words = start.argv.slice(1)
  const own = {...start, interpreter: environmentPython(start) ?? python, understood: true}
  let at = 0
  while (words[at]?.startsWith('-')) {
    const word = words[at] ?? ''
    if (word === '-c' || word === '-') return {...own, kind: null}
    const module = /^-[A-Za-z]*m(.*)$/.exec(word)
    if (module && !/^-[WX]/.test(word)) {
      const name = module[1] || (words[at + 1] ?? '')
      const rest = words.slice(at + (module[1] ? 1 : 2))
      const kind = servers[name] ?? (/^django(?:\.__main__)?$/.test(name) && isRunserver(rest) ? 'manage.py' : null)
      return {...own, argv: [name, ...rest], kind}
    }
    at += word === '-W' || word === '-X' || word === '--check-hash-based-pycs' ? 2 : 1
  }
  const script = words[at]
  if (script === undefined) return {...own, kind: null}
  const rest = words.slice(at + 1)
  const kind = kindOf(posix.basename(script), rest)
  const argv = [absolute(start.directory, script), ...rest]
  return {...own, argv, kind}
}

/** What nixpkgs' python3.withPackages names as the environment's own Python. */
function environmentPython({environment}: Start): string | null {
  return environment.get('NIX_PYTHONEXECUTABLE') ?? null
}

/** `sh -c TEXT`, `sh SCRIPT …` */
async function shellProgram(host: Host, start: Start, words: readonly string[], depth: number): Promise<Program> {
  const nothing: Program = {...start, kind: null, interpreter: null, understood: false}
  let at = 0
  let isText = false
  while (/^[-+]/.test(words[at] ?? '') && words[at] !== '--') {
    const word = words[at] ?? ''
    if (/^-\w*c/.test(word)) isText = true
    at += /^[-+]\w*o$/.test(word) || word === '--rcfile' || word === '--init-file' ? 2 : 1
  }
  if (words[at] === '--') at += 1
  const given = words[at]
  if (given === undefined) return nothing
  if (isText) {
    const argv = words.length > at + 1 ? words.slice(at + 1) : [start.argv[0] ?? 'sh']
    return scriptProgram(host, given, {...start, argv}, nothing, depth)
  }
  const path = absolute(start.directory, given)
  const text = await textOf(host, path)
  return text === null
    ? nothing
    : scriptProgram(host, text, {...start, argv: [path, ...words.slice(at + 1)]}, nothing, depth)
}

/** What a shell script comes to: the one server that it runs, or the last program. */
async function scriptProgram(
  host: Host,
  text: string,
  start: Start,
  fallback: Program,
  depth: number,
): Promise<Program> {
  const launches = await launchesOf(text, start, worldOf(host))
  if (!launches) return {...fallback, understood: false}
  const found = await Promise.all(
    launches.map(async ({certain, ...launch}) => ({certain, program: await programOf(host, launch, depth + 1)})),
  )
  const serving = found.filter(({program}) => program.kind !== null)
  // What runs for certain is never followed by another: it does not come back.
  const upTo = serving.findIndex(({certain}) => certain)
  const possible = upTo < 0 ? serving : serving.slice(0, upTo + 1)
  const [first, ...others] = possible
  const last = found.at(-1)?.program
  // A Python program that nobody knows is still one.
  if (!first) return {...(last?.interpreter ? last : fallback), kind: fallback.kind, understood: false}
  const common = others.reduce((one, {program}) => inCommon(one, program), first.program)
  if (common.kind !== null) return common
  const {interpreter, becomesAnother} = common
  return {...fallback, kind: null, interpreter, understood: false, ...(becomesAnother && {becomesAnother})}
}

/** What two ways through a script agree on: a word in which they differ is not known, of two servers neither is. */
function inCommon(one: Program, other: Program): Program {
  const isSame = one.kind === other.kind && one.argv.length === other.argv.length
  const argv = isSame ? one.argv.map((word, index) => (word === other.argv[index] ? word : untold)) : []
  return {
    kind: isSame ? one.kind : null,
    interpreter: one.interpreter === other.interpreter ? one.interpreter : null,
    argv,
    environment: new Map([...one.environment].filter(([name, value]) => other.environment.get(name) === value)),
    directory: one.directory === other.directory ? one.directory : untold,
    understood: isSame && one.understood && other.understood && !argv.includes(untold),
    ...((one.becomesAnother || other.becomesAnother) && {becomesAnother: true as const}),
  }
}

/** `env NAME=value PROGRAM`, `nice -n 5 PROGRAM`, `poetry run PROGRAM` */
async function passedProgram(host: Host, start: Start, depth: number): Promise<Program> {
  const [first = '', ...rest] = start.argv
  const name = posix.basename(first)
  const environment = new Map(name === 'env' && rest.some(word => /^-(?:$|\w*i)/.test(word)) ? [] : start.environment)
  const words = name === 'env' && rest[0] === '-S' ? [...envWords(rest[1] ?? ''), ...rest.slice(2)] : rest
  for (const [index, word] of words.entries()) {
    const [, variable, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? []
    if (name === 'env' && variable !== undefined) environment.set(variable, value ?? '')
    if (/^-|=/.test(word)) continue
    const program = await programOf(host, {...start, argv: words.slice(index), environment}, depth + 1)
    const isKnown = program.kind !== null || isPython(posix.basename(word)) || shells.has(posix.basename(word))
    if (!isKnown) continue
    const chosen = choosing.has(name) && !word.startsWith('/')
    const other = becoming.has(name) && words.slice(0, index).some(each => /^-(?:u|U|g|-user|-reuid)/.test(each))
    return {...program, ...(chosen && {interpreter: null}), ...(other && {becomesAnother: true as const})}
  }
  return {...start, kind: null, interpreter: null, understood: false}
}

/**
 * The command with which nixpkgs' makeBinaryWrapper was called: it stands in the program as text, for people and tools
 * (pkgs/build-support/setup-hooks/make-binary-wrapper).
 */
async function binaryWrapper(host: Host, start: Start, depth: number): Promise<Program | null> {
  const [path = '', ...rest] = start.argv
  if (!path.startsWith('/nix/store/')) return null
  const answer = await ifSeen(host.readFile(path, {binary: true}))
  const at = answer?.kind === 'file' ? answer.text.indexOf("makeCWrapper '") : -1
  if (answer?.kind !== 'file' || at < 0) return null
  const end = answer.text.indexOf('\n\n', at)
  const text = answer.text.slice(at, end < 0 ? at + 65_536 : end)
  const [call] = (await launchesOf(text, {...start, environment: new Map()}, nowhere)) ?? []
  const [, wrapped, ...words] = call?.argv ?? []
  if (wrapped === undefined) return null
  const environment = new Map(start.environment)
  const flags: string[] = []
  const appended: string[] = []
  let directory = start.directory
  for (let at = 0; at < words.length; ) {
    const [option, one = '', two = '', three = ''] = words.slice(at)
    const value = environment.get(one)
    if (option === '--set') environment.set(one, two)
    else if (option === '--set-default') environment.set(one, value ?? two)
    else if (option === '--unset') environment.delete(one)
    else if (option === '--prefix') environment.set(one, value ? `${three}${two}${value}` : three)
    else if (option === '--suffix') environment.set(one, value ? `${value}${two}${three}` : three)
    else if (option === '--chdir') directory = one
    else if (option === '--add-flags' || option === '--add-flag') flags.push(...one.split(/\s+/))
    else if (option === '--append-flags' || option === '--append-flag') appended.push(...one.split(/\s+/))
    const count = {
      '--set': 3,
      '--set-default': 3,
      '--prefix': 4,
      '--suffix': 4,
      '--inherit-argv0': 1,
      '--resolve-argv0': 1,
    }
    at += count[option as keyof typeof count] ?? 2
  }
  const argv = [wrapped, ...flags, ...rest, ...appended]
  return programOf(host, {argv, environment, directory}, depth + 1)
}

const nowhere: ScriptWorld = {read: async () => null, typeOf: async () => null}

export function worldOf(host: Host): ScriptWorld {
  return {
    read: async path => {
      // What is sourced may well be a file of secrets.
      const answer = await ifSeen(host.readFile(path, {holds: 'assignments'}))
      return answer?.kind === 'file' && answer.utf8 ? answer.text : null
    },
    typeOf: async path => {
      const stat = await ifSeen(host.stat(path).then(found => found ?? ('missing' as const)))
      if (stat === null || stat === 'missing') return stat
      return stat.type === 'file' || stat.type === 'directory' ? stat.type : stat.type === 'symlink' ? null : 'other'
    },
  }
}

/** The absolute path of a program; null where PATH= has none of that name. */
async function located(host: Host, program: string, {environment, directory}: Start): Promise<string | null> {
  if (program.includes(untold)) return null
  if (program.includes('/'))
    return program.startsWith('/') || directory !== untold ? absolute(directory, program) : null
  for (const place of (environment.get('PATH') || defaultPath).split(':')) {
    if (!place.startsWith('/') || place.includes(untold)) continue
    if ((await ifSeen(host.stat(`${place}/${program}`))) !== null) return `${place}/${program}`
  }
  return null
}

function absolute(directory: string, path: string): string {
  if (path.startsWith('/') || path.includes(untold)) return path
  return directory === untold ? `${untold}/${path}` : posix.join(directory, path)
}

/** A script's text; null where it is none, or nobody can read it. */
async function textOf(host: Host, path: string): Promise<string | null> {
  if (path.includes(untold)) return null
  const answer = await ifSeen(host.readFile(path))
  return answer?.kind === 'file' && answer.utf8 && !answer.text.includes('\0') ? answer.text : null
}

/** `#!/usr/bin/env python3`: the program, and all that follows it. */
function shebangOf(text: string): readonly [string | null, string] {
  const [, program, option = ''] = /^#![ \t]*(\S+)[ \t]*([^\n]*)/.exec(text) ?? []
  return [program ?? null, option.trim()]
}

function envWords(text: string): readonly string[] {
  return text.replace(/^-S\s*/, '').split(/\s+/)
}
