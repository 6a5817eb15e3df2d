import {posix} from 'node:path'
import {parseEnvironmentFile} from '../../host/environment-file.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {addAssignment, isSecretElsewhere, isSecretInFile} from '../../host/secrets.ts'
import {execCommands, splitWords, statedDirectory, type Unit} from '../../host/unit.ts'
import {homeOf} from '../files/identity.ts'
import type {Bind} from '../target/bind.ts'
import {socketBinds} from '../unit/sockets.ts'
import {type Told, told} from './arguments.ts'
import {defaultPath, type Program, programOf, type ServerKind} from './program.ts'
import {maxScript} from './script.ts'
import {type Start, untold} from './shell/start.ts'
import {type UwsgiTold, uwsgiTold} from './uwsgi.ts'

/** The program that serves the application, behind wrappers, as its own unit names it. */
export interface Server {
  readonly kind: ServerKind | null
  /** Absolute path of the Python that runs it (venv's, Debian's, the store's); null when nothing names it. */
  readonly interpreter: string | null
  /** The server's own arguments, wrappers taken off; [0] is the program. What is not known of a word is "…". */
  readonly argv: readonly string[]
  /** What wrappers set on the way (makeWrapper --set, uwsgi env=), by name. */
  readonly environment: ReadonlyMap<string, string>
  /** Names that wrappers set, extend or remove on the way, also where it is not told to what. */
  readonly touched: ReadonlySet<string>
  /**
   * `config.wsgi:application`, `config:create_app()`, as ExecStart=, uwsgi's ini (module, wsgi, wsgi-file) … name it; a file
   * is {file}. Null for manage.py runserver, whose settings say it, and where the server's own configuration may.
   */
  readonly entry: {readonly module: string} | {readonly file: string} | null
  /** Where the server changes to before it imports (--chdir, chdir=, cd); else null: WorkingDirectory= counts. */
  readonly directory: string | null
  /** Directories put in front of sys.path (--pythonpath, --app-dir, pythonpath=); PYTHONPATH of a wrapper is in environment. */
  readonly pythonPath: readonly string[]
  /** DJANGO_SETTINGS_MODULE or --settings when the command itself states it. */
  readonly settingsModule: string | null
  /** Where it is told to listen: [] when nothing is said, null when what is said cannot be understood. */
  readonly binds: readonly Bind[] | null
  /** Who said so: "ExecStart=", a wrapper's or a configuration's path, "gunicorn.socket", "GUNICORN_CMD_ARGS", "gunicorn's default" … */
  readonly bindsFrom: string | null
  /** The server's own configuration: gunicorn.conf.py (-c, or of the directory), "python:MODULE", hypercorn's file, uwsgi's ini. */
  readonly config: string | null
  /**
   * Whom a server that the unit starts as root becomes before it imports the application (uwsgi's uid=, gunicorn's --user);
   * null where the unit's own User= counts.
   */
  readonly runsAs: {readonly user: string; readonly group: string | null} | null
  /** It becomes another than root, and nobody can tell whom: as root nothing of the application may be run. */
  readonly becomesUnknown?: true
}

/** Why nothing is run where it is not known as whom. */
export function whyNobody({name}: Unit): string {
  return `${name} starts as root and becomes another user, and which one could not be told`
}

/**
 * Finds the server of a unit: by ExecStart= and what that leads to; where a wrapper is not understood, by what the running
 * process was started as.
 * @param environment What a new process of the unit gets.
 */
export async function findServer(host: Host, unit: Unit, environment: ReadonlyMap<string, string>): Promise<Server> {
  const [directory, command] = await Promise.all([workingDirectoryOf(host, unit), commandOf(host, unit)])
  const base = await withSystemd(host, unit, environment)
  const start: Start = {argv: substituted(command, base), environment: base, directory: directory ?? '/'}
  const stated = await programOf(host, start)
  const isTold = stated.kind !== null && stated.understood && (stated.interpreter !== null || stated.kind === 'uwsgi')
  const actual = isTold ? null : await runningProgram(host, unit, start)
  const program = merged(stated, actual)
  const said = program.kind === 'uwsgi' ? await uwsgiTold(host, program) : program.kind && told(program.kind, program)
  return serverOf(host, unit, start, program, said)
}

/** What the server's own arguments and files say; of uWSGI's Python and of what was not read of its files besides. */
type Said = Told & Partial<Pick<UwsgiTold, 'home' | 'isWhole'>>

/** A wrapper that was understood knows the server's words, and the process knows its Python; one that was not knows neither. */
function merged(stated: Program, actual: Program | null): Program {
  if (!actual?.kind) {
    const {becomesAnother = actual?.becomesAnother} = stated
    const interpreter = stated.interpreter ?? actual?.interpreter ?? null
    return {...stated, interpreter, ...(becomesAnother && {becomesAnother})}
  }
  if (stated.kind === actual.kind && stated.understood)
    return {...stated, interpreter: stated.interpreter ?? actual.interpreter}
  const {environment, directory, becomesAnother = actual.becomesAnother} = stated
  return {...actual, environment, directory, ...(becomesAnother && {becomesAnother})}
}

async function serverOf(host: Host, unit: Unit, start: Start, program: Program, said: Said | null): Promise<Server> {
  const environment = new Map(
    [...program.environment].filter(
      ([name, value]) => start.environment.get(name) !== value && !value.includes(untold),
    ),
  )
  for (const [name, value] of said?.environment ?? []) environment.set(name, value)
  for (const file of said?.environmentFiles ?? []) await addFile(host, file, start.environment, environment)
  for (const [name, value] of environment) addAssignment(host.secrets, name, value, isSecretElsewhere(name))
  const changed = said?.directory ?? (program.directory === start.directory ? null : program.directory)
  const config = said?.config ?? (program.kind === 'gunicorn' ? await standardConfig(host, program.directory) : null)
  // A word that ExecStart= itself has nobody else has said.
  const line = start.argv.slice(1).join(' ')
  const isDirect = program.argv.slice(1).every(word => line.includes(word))
  const listens = await listening(host, unit, said, config, isDirect ? 'ExecStart=' : (start.argv[0] ?? null))
  return {
    kind: program.kind,
    interpreter: program.kind === 'uwsgi' ? await uwsgiPython(host, program, said?.home ?? null) : program.interpreter,
    argv: program.argv.map(word => word.replaceAll(untold, '…')),
    environment,
    touched: new Set(
      [...program.environment.keys(), ...start.environment.keys()].filter(
        name => program.environment.get(name) !== start.environment.get(name),
      ),
    ),
    entry: said?.entry ?? null,
    directory: changed === null || changed.includes(untold) ? null : changed,
    pythonPath: (said?.pythonPath ?? []).filter(path => !path.includes(untold)),
    settingsModule: said?.settingsModule ?? environment.get('DJANGO_SETTINGS_MODULE') ?? null,
    ...listens,
    config,
    ...(await becomes(host, unit, program, said, config)),
  }
}

function startsAsRoot(unit: Unit): boolean {
  return /^(?:root|0)?$/.test(unit.get('User')) && unit.get('DynamicUser') !== 'yes'
}

/** Only root can become another. */
async function becomes(
  host: Host,
  unit: Unit,
  {kind, becomesAnother}: Program,
  said: Said | null,
  config: string | null,
): Promise<Pick<Server, 'runsAs' | 'becomesUnknown'>> {
  if (!startsAsRoot(unit)) return {runsAs: null}
  const written = kind === 'gunicorn' || kind === 'hypercorn' ? await writtenIn(host, config) : null
  const {isWhole = true} = said ?? {}
  const user = said?.user ?? written?.user ?? null
  const group = said?.group ?? written?.group ?? null
  const isOpen = user === null ? becomesAnother === true || !isWhole : user === '' || user.includes(untold)
  if (isOpen) return {runsAs: null, becomesUnknown: true}
  if (user === null || /^(?:root|0)$/.test(user)) return {runsAs: null}
  return {runsAs: {user, group: group === null || group.includes(untold) ? null : group}}
}

/** `user = 'www-data'` of gunicorn.conf.py or hypercorn.toml; what is no plain text there is not known. */
async function writtenIn(
  host: Host,
  config: string | null,
): Promise<{readonly user: string | null; readonly group: string | null} | null> {
  if (!config?.startsWith('/') || config.includes(untold)) return null
  const answer = await ifSeen(host.readFile(config, {limit: maxScript}))
  if (answer?.kind !== 'file') return null
  const stated = (name: string): string | null => {
    const value = new RegExp(`^[ \\t]*${name}[ \\t]*=(?!=)[ \\t]*(.*)$`, 'm').exec(answer.text)?.[1]
    if (value === undefined || /^(?:None|0)\b/.test(value)) return null
    return /^(?:(["'])([\w.-]+)\1|(\d+))[ \t]*(?:#.*)?$/.exec(value)?.slice(2).find(Boolean) ?? untold
  }
  return {user: stated('user'), group: stated('group')}
}

/** The unit with the user and the group that its application runs as, where the server sees to that itself. */
export function asServed(unit: Unit, {runsAs}: Server): Unit {
  if (!runsAs) return unit
  const own = new Map([
    ['User', runsAs.user],
    ['Group', runsAs.group ?? ''],
  ])
  return {
    name: unit.name,
    get: property => own.get(property) ?? unit.get(property),
    all: property => (own.has(property) ? [own.get(property) ?? ''] : unit.all(property)),
  }
}

/** What the server is told of addresses, and what systemd hands over in their place. */
async function listening(
  host: Host,
  unit: Unit,
  said: Told | null,
  config: string | null,
  words: string | null,
): Promise<Pick<Server, 'binds' | 'bindsFrom'>> {
  // Of a program that nobody knows, a socket that starts it is all that is said.
  const inherited = said ? said.inherited : 'all'
  const handed = inherited === null ? null : await socketBinds(host, unit)
  if (handed && inherited !== null) {
    const [names, all] = handed
    const own = inherited === 'all' ? all : inherited.map(number => all[number === 0 ? 0 : number - 3])
    const known = own.filter(bind => bind !== undefined)
    return {
      binds: known.length === own.length ? [...(inherited === 'all' ? [] : (said?.binds ?? [])), ...known] : null,
      bindsFrom: names,
    }
  }
  if (!said) return {binds: [], bindsFrom: null}
  if (Array.isArray(inherited) && inherited.length > 0) return {binds: null, bindsFrom: said.bindsFrom}
  // What gunicorn would do by itself, its configuration may have otherwise.
  const isDefault = said.bindsFrom === "gunicorn's default" || said.bindsFrom === 'PORT'
  if (isDefault && config !== null) return {binds: [], bindsFrom: config}
  return {binds: said.binds, bindsFrom: said.bindsFrom === 'arguments' ? words : said.bindsFrom}
}

/** `~` is the home of the unit's user (systemd.exec(5)); null where nothing is said. */
export async function workingDirectoryOf(host: Host, unit: Unit): Promise<string | null> {
  const stated = statedDirectory(unit)
  if (stated !== '~') return stated || null
  return ifSeen(homeOf(host, unit.get('User') || 'root'))
}

/** What systemd sets besides (systemd.exec(5)); the home is asked for only where the unit works in one. */
async function withSystemd(
  host: Host,
  unit: Unit,
  environment: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const own = new Map([['PATH', defaultPath]])
  for (const [kind, parent] of Object.entries(directories)) {
    const paths = splitWords(unit.get(`${kind}Directory`)).map(path => `${parent}/${path.split(':')[0]}`)
    if (paths.length > 0) own.set(`${kind.toUpperCase()}_DIRECTORY`, paths.join(':'))
  }
  const user = unit.get('User')
  if (user !== '') {
    const home = /^!?(?:\/home\/|~)/.test(unit.get('WorkingDirectory')) ? await ifSeen(homeOf(host, user)) : null
    for (const [name, value] of [
      ['USER', user],
      ['LOGNAME', user],
      ['HOME', home],
    ] as const)
      if (value) own.set(name, value)
  }
  return new Map([...own, ...environment])
}

const directories: Readonly<Record<string, string>> = {
  Runtime: '/run',
  State: '/var/lib',
  Cache: '/var/cache',
  Logs: '/var/log',
}

/**
 * The words of ExecStart=. `systemctl show` prints them without quotes, so that a word with a blank reads as several:
 * the same property is asked for over D-Bus, which keeps them apart.
 */
async function commandOf(host: Host, unit: Unit): Promise<readonly string[]> {
  const command = execCommands(unit, 'ExecStart').at(-1)
  if (!command) return []
  const argv = command.argv.length > 1 ? ((await askedArgv(host, unit)) ?? command.argv) : command.argv
  // argv[0] is another name for the program where ExecStart= begins with "@".
  return [command.path, ...argv.slice(1)]
}

async function askedArgv(host: Host, unit: Unit): Promise<readonly string[] | null> {
  const label = unit.name.replace(/[^A-Za-z0-9]|^[0-9]/g, letter => `_${Buffer.from(letter).toString('hex')}`)
  const object = `/org/freedesktop/systemd1/unit/${label}`
  const service = 'org.freedesktop.systemd1'
  const question = ['busctl', '--json=short', 'get-property', service, object, `${service}.Service`, 'ExecStart']
  const answer = await ifSeen(host.exec(question))
  if (answer?.exitCode !== 0) return null
  try {
    const parsed = JSON.parse(answer.stdout) as {data?: unknown}
    const commands = Array.isArray(parsed.data) ? (parsed.data as readonly unknown[]) : []
    const last = commands.at(-1)
    const argv: unknown = Array.isArray(last) ? last[1] : null
    return Array.isArray(argv) && argv.every(word => typeof word === 'string') ? (argv as readonly string[]) : null
  } catch {
    return null
  }
}

/** `${NAME}` stands for its value in a word, `$NAME` alone for its value's words, `$$` for `$` (systemd.service(5)). */
function substituted(words: readonly string[], environment: ReadonlyMap<string, string>): readonly string[] {
  const [program = '', ...rest] = words
  const value = (name: string): string => environment.get(name) ?? ''
  return [
    program,
    ...rest.flatMap(word => {
      const [, alone] = /^\$([A-Za-z_]\w*)$/.exec(word) ?? []
      if (alone !== undefined) return splitWords(value(alone))
      return [
        word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (_, name?: string) => (name === undefined ? '$' : value(name))),
      ]
    }),
  ]
}

/** `--env-file`: what python-dotenv adds where a name is not set. */
async function addFile(
  host: Host,
  path: string,
  given: ReadonlyMap<string, string>,
  environment: Map<string, string>,
): Promise<void> {
  if (path.includes(untold)) return
  const answer = await ifSeen(host.readFile(path, {holds: 'assignments'}))
  if (answer?.kind !== 'file' || !answer.utf8) return
  for (const [name, value] of parseEnvironmentFile(answer.text.replace(/^export\s+/gm, '')).variables) {
    addAssignment(host.secrets, name, value, isSecretInFile(name))
    if (!given.has(name) && !environment.has(name)) environment.set(name, value)
  }
}

/** gunicorn reads ./gunicorn.conf.py unasked, of the directory in which it is started (gunicorn/config.py). */
async function standardConfig(host: Host, directory: string): Promise<string | null> {
  if (directory.includes(untold)) return null
  const path = posix.join(directory, 'gunicorn.conf.py')
  return (await ifSeen(host.stat(path))) === null ? null : path
}

/** uwsgi has Python within: its virtual environment's, the one beside it, else Debian's own. */
async function uwsgiPython(host: Host, {argv, interpreter}: Program, home: string | null): Promise<string | null> {
  const [program = ''] = argv
  const places = home ? [`${home}/bin`] : program.startsWith('/') ? [posix.dirname(program)] : []
  for (const place of places) {
    for (const name of ['python3', 'python']) {
      if ((await ifSeen(host.stat(`${place}/${name}`))) !== null) return `${place}/${name}`
    }
  }
  // A virtual environment that is told of and is not there: nobody else's Python would do.
  return home?.startsWith('/') && !home.includes(untold) ? `${home}/bin/python3` : interpreter
}

/** What the unit's processes were started as: evidence, where the unit's own text does not tell. */
async function runningProgram(host: Host, unit: Unit, start: Start): Promise<Program | null> {
  const main = Number(unit.get('MainPID'))
  const pids = main > 0 ? [main, ...(await groupPids(host, unit)).filter(pid => pid !== main)] : []
  let python: Program | null = null
  for (const pid of pids.slice(0, 8)) {
    const answer = await ifSeen(host.readFile(`/proc/${pid}/cmdline`, {binary: true}))
    if (answer?.kind !== 'file') continue
    const argv = Buffer.from(answer.text, 'latin1').toString('utf8').split('\0')
    while (argv.at(-1) === '') argv.pop()
    const found = await programOf(host, {...start, argv})
    // By a wrapper that nobody knows, as su.
    const isOthers = startsAsRoot(unit) && ((await ifSeen(host.stat(`/proc/${pid}`)))?.uid ?? 0) !== 0
    const program: Program = isOthers ? {...found, becomesAnother: true} : found
    if (program.kind !== null) return program
    python ??= program.interpreter === null ? null : program
  }
  return python
}

/** The processes of the unit's control group, the oldest first; empty where nobody can tell. */
async function groupPids(host: Host, unit: Unit): Promise<readonly number[]> {
  const group = unit.get('ControlGroup')
  if (group === '' || group === '/') return []
  const answer = await ifSeen(host.readFile(`/sys/fs/cgroup${group}/cgroup.procs`))
  if (answer?.kind !== 'file') return []
  return answer.text
    .split('\n')
    .map(Number)
    .filter(pid => pid > 0)
    .sort((a, b) => a - b)
}
