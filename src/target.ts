import {unescape as unquote} from 'node:querystring'
import type {Host} from './host/host.ts'
import {CannotLook} from './host/host.ts'
import {findDjango} from './probes/django.ts'
import {parseEnvironmentFile, parseProcessEnvironment} from './probes/environment-file.ts'
import {findEnvironmentFiles} from './probes/environment-files.ts'
import {findOwnListeners} from './probes/listeners.ts'
import {resolvePath} from './probes/paths.ts'
import {requiredPaths} from './probes/sandbox-paths.ts'
import {settingsNames} from './probes/settings-names.ts'
import {
  declaredEnvironment,
  type EnvironmentFileSetting,
  execCommands,
  showUnit,
  splitWords,
  type Unit,
} from './probes/systemd.ts'
import type {ReportedTarget} from './report.ts'
import {addAssignment, addPublicWords, isSecretElsewhere, isSecretInFile} from './secrets.ts'

/** What the command line and the configuration say; all else is found. */
export interface TargetSettings {
  readonly unit: string | null
  readonly stateDirectory?: string | undefined
  readonly staticRoot?: string | undefined
  readonly package?: string | undefined
  readonly bind?: string | undefined
  readonly hosts?: readonly string[] | undefined
  /** How NixOS is rebuilt, for the remedies: the flake and the host in it. */
  readonly flake?: string | undefined
}

/** Where the application listens. */
export type Bind = ({readonly host: string; readonly port: number} | {readonly socketPath: string}) & {
  /** What is spoken there where that is not HTTP: uWSGI's `socket` is for nginx's uwsgi_pass. */
  readonly protocol?: 'uwsgi'
}

/** The database as the service is told to reach it. */
export interface DatabaseTarget {
  /** A name, an address, or the directory of a Unix socket (starts with "/"). */
  readonly host: string
  readonly port: number
  readonly name: string
  readonly user: string
  readonly password: string | null
  readonly sslmode: string | undefined
  /** What each session of the service begins with: "-c search_path=prism" of PGOPTIONS or OPTIONS in the settings. */
  readonly options: string | undefined
  /** Which settings said so: "POSTGRES_*", "DATABASE_URL", "PG*" or "defaults". */
  readonly source: 'DATABASE_URL' | 'POSTGRES_*' | 'PG*' | 'defaults'
}

/** One EnvironmentFile= and what was read of it. */
export interface SecretsFile extends EnvironmentFileSetting {
  /** Null when it could not be read (missing, denied, not text); secrets/file says why. */
  readonly variables: ReadonlyMap<string, string> | null
}

/** What is known of the deployment; found without configuration from the unit, its files and its process. */
export interface Target {
  readonly unit: Unit
  readonly user: string | null
  readonly group: string | null
  readonly workingDirectory: string | null
  readonly package: string | null
  readonly stateDirectory: string | null
  readonly staticRoot: string | null
  readonly mediaRoot: string | null
  /** As it is told to; where nothing says so, as it does, else gunicorn's default. Null when what is said cannot be read. */
  readonly bind: Bind | null
  /** What ALLOWED_HOSTS admits: of the running process where that is known, else of the next one. */
  readonly hosts: readonly string[]
  /** Null when the deployment uses no PostgreSQL (USE_POSTGRES=false, a DATABASE_URL of another kind). */
  readonly database: DatabaseTarget | null
  /** What a new process of the unit would get: Environment= and then its EnvironmentFiles. */
  readonly environment: ReadonlyMap<string, string>
  readonly secretsFiles: readonly SecretsFile[]
  /** What the running process has: evidence, never authority. Null when it does not run or may not be read. */
  readonly running: ReadonlyMap<string, string> | null
  /** True when an EnvironmentFile may hold more than could be read: nothing may be called missing then. */
  readonly environmentIncomplete: boolean
  readonly settings: TargetSettings
}

/**
 * Finds the deployment of a unit.
 * @throws CannotLook where systemd cannot be asked.
 */
export async function findTarget(host: Host, settings: TargetSettings): Promise<Target> {
  const unit = await showUnit(host, settings.unit ?? 'prism-django.service')
  const pid = Number(unit.get('MainPID'))
  const [secretsFiles, running] = await Promise.all([
    findEnvironmentFiles(host, unit).then(files => Promise.all(files.map(file => readSecretsFile(host, file)))),
    pid > 0 ? readProcessEnvironment(host, pid) : null,
  ])
  const environment = new Map(declaredEnvironment(unit))
  for (const [name, value] of environment) addAssignment(host.secrets, name, value, isSecretElsewhere(name))
  for (const file of secretsFiles) for (const [name, value] of file.variables ?? []) environment.set(name, value)
  // Only the process tells what it was given of systemd's own environment; everything else is stronger (systemd.exec(5)).
  for (const name of splitWords(unit.get('PassEnvironment'))) {
    const value = running?.get(name)
    if (value !== undefined && !environment.has(name)) environment.set(name, value)
  }
  const user = unit.get('User') || null
  const stateDirectory = settings.stateDirectory ?? findStateDirectory(unit, environment)
  const found = findDatabase(environment, user)
  const stated = settings.bind ? parseBind(settings.bind) : findBind(unit, environment)
  const target: Target = {
    unit,
    user,
    group: unit.get('Group') || null,
    workingDirectory: unit.get('WorkingDirectory').replace(/^!/, '') || null,
    package: settings.package ?? findPackage(unit),
    stateDirectory,
    staticRoot: settings.staticRoot ?? environment.get('STATIC_ROOT') ?? null,
    mediaRoot: environment.get('MEDIA_ROOT') ?? null,
    bind: stated === undefined ? await actualBind(host, unit) : stated,
    // The running process decides by what it was started with.
    hosts: settings.hosts ?? hostsOf(running?.get('ALLOWED_HOSTS') ?? environment.get('ALLOWED_HOSTS')),
    database: found,
    environment,
    secretsFiles,
    running,
    environmentIncomplete: secretsFiles.some(({variables}) => variables === null),
    settings,
  }
  const database = await withDefaults(host, target)
  // Whatever these are, they stand in the answer.
  const shown = [unit.name, user, unit.get('Group'), stateDirectory, database?.host, database?.name, database?.user]
  for (const name of shown) addPublicWords(host.secrets, name ?? '')
  return {...target, database}
}

export function hostsOf(allowed: string | undefined): readonly string[] {
  return (allowed ?? '').split(/[\s,]+/).filter(name => name !== '')
}

/** What the environment leaves open of the database, by what the package's settings say of it. */
async function withDefaults(host: Host, target: Target): Promise<DatabaseTarget | null> {
  const {database, environment, environmentIncomplete, user} = target
  if (!database || environmentIncomplete) return database
  const {settings, wrapper, assigned} = await findDjango(host, target)
  const filled = new Map(environment)
  if (database.source === 'POSTGRES_*' || database.source === 'defaults') {
    const defaults = settingsNames(settings ?? '').defaults
    for (const name of [
      'USE_POSTGRES',
      ...['USER', 'PASSWORD', 'DB', 'HOST', 'PORT'].map(part => `POSTGRES_${part}`),
    ]) {
      // An empty value is one as well, and a script on the way may set what no unit shows.
      const isGiven = environment.has(name) || target.running?.has(name) || (assigned.has(name) && !wrapper.has(name))
      // Of what only the process has, the password alone is taken: it leads nowhere else.
      const own = name === 'POSTGRES_PASSWORD' && !environment.has(name) ? target.running?.get(name) : undefined
      const value = own ?? (isGiven ? undefined : (wrapper.get(name) ?? defaults.get(name)))
      if (value === undefined) continue
      addAssignment(host.secrets, name, value, isSecretElsewhere(name))
      filled.set(name, value)
    }
  }
  const found = findDatabase(filled, user)
  return found && {...found, options: found.options ?? sessionOptions(settings ?? '')}
}

/** `'OPTIONS': {'options': '-c search_path=prism'}`; undefined where there is none, or more than one. */
function sessionOptions(settings: string): string | undefined {
  const all = [...settings.matchAll(/['"]options['"]\s*:\s*(?:'([^'\\]*)'|"([^"\\]*)")/g)]
  const [one, ...others] = new Set(all.map(([, single, double]) => single ?? double ?? ''))
  return others.length === 0 && one?.startsWith('-c') ? one : undefined
}

/**
 * The directories of the deployment in which `--fix` may change files, by the unit and the configuration alone. What the
 * service's process says widens nothing, nor does an EnvironmentFile that another than root may write.
 */
export async function boundsOf(host: Host, {unit, secretsFiles, settings}: Target): Promise<readonly string[]> {
  const environment = new Map(declaredEnvironment(unit))
  for (const {path, variables} of secretsFiles)
    if (variables && (await isRootsAlone(host, path)))
      for (const [name, value] of variables) environment.set(name, value)
  const named = [
    settings.stateDirectory ?? findStateDirectory(unit, environment),
    settings.staticRoot ?? environment.get('STATIC_ROOT'),
    ...requiredPaths(unit)
      .filter(({setting}) => setting !== 'InaccessiblePaths')
      .map(({path}) => path),
  ]
  const paths = [...new Set(named.filter(path => path !== null && path !== undefined))]
  // The widest first: what lies in another mount than that is not touched.
  return paths.sort((a, b) => a.length - b.length)
}

async function isRootsAlone(host: Host, path: string): Promise<boolean> {
  const {path: real, components} = await resolvePath(host, path)
  return (
    real !== null &&
    components.every(({stat}) => stat.uid === 0 && (stat.type === 'symlink' || (stat.mode & 0o022) === 0))
  )
}

/** What the report says of the target: no secrets, every field may be null. */
export function reportedTarget(target: Target | null, settings: TargetSettings): ReportedTarget {
  const database = target?.database
  return {
    unit: target?.unit.name ?? settings.unit,
    user: target?.user ?? null,
    group: target?.group ?? null,
    stateDirectory: target?.stateDirectory ?? null,
    staticRoot: target?.staticRoot ?? null,
    package: target?.package ?? null,
    workingDirectory: target?.workingDirectory ?? null,
    url: target?.bind ? urlOf(target.bind) : null,
    database: database ? {host: database.host, port: database.port, name: database.name, user: database.user} : null,
  }
}

function urlOf(bind: Bind): string {
  if ('socketPath' in bind) return `unix:${bind.socketPath}`
  return `http://${bind.host.includes(':') ? `[${bind.host}]` : bind.host}:${bind.port}`
}

async function readSecretsFile(host: Host, setting: EnvironmentFileSetting): Promise<SecretsFile> {
  const answer = await host.readFile(setting.path, {holds: 'assignments'}).catch((error: unknown) => {
    if (error instanceof CannotLook) return null
    throw error
  })
  if (answer?.kind !== 'file' || !answer.utf8) {
    // An optional file that is not there adds nothing, and hides nothing.
    return {
      ...setting,
      variables: setting.optional && (answer?.kind === 'missing' || answer?.kind === 'dangling') ? new Map() : null,
    }
  }
  const {variables, problems} = parseEnvironmentFile(answer.text)
  for (const [name, value] of variables) addAssignment(host.secrets, name, value, isSecretInFile(name))
  for (const {name, value} of problems) addAssignment(host.secrets, name, value, true)
  return {...setting, variables}
}

async function readProcessEnvironment(host: Host, pid: number): Promise<ReadonlyMap<string, string> | null> {
  const answer = await host
    .readFile(`/proc/${pid}/environ`, {holds: 'assignments', binary: true})
    .catch((error: unknown) => {
      if (error instanceof CannotLook) return null
      throw error
    })
  if (answer?.kind !== 'file') return null
  const variables = parseProcessEnvironment(Buffer.from(answer.text, 'latin1').toString('utf8'))
  for (const [name, value] of variables) addAssignment(host.secrets, name, value, isSecretElsewhere(name))
  // systemd gives it to every process: without it something else stands there, as gunicorn's title does (setproctitle).
  return variables.has('INVOCATION_ID') ? variables : null
}

const storePath = /\/nix\/store\/[0-9a-z]{32}-[^/\s]+/

function findPackage(unit: Unit): string | null {
  const places = [unit.get('WorkingDirectory'), ...execCommands(unit, 'ExecStart').map(({path}) => path)]
  for (const place of places) {
    const found = storePath.exec(place)
    if (found) return found[0]
  }
  return null
}

function findStateDirectory(unit: Unit, environment: ReadonlyMap<string, string>): string | null {
  const [first] = splitWords(unit.get('StateDirectory'))
  if (first) return `/var/lib/${first.split(':')[0]}`
  const writable = splitWords(unit.get('ReadWritePaths')).map(path => path.replace(/^[-+]+/, ''))
  const below = writable.find(path => /^\/(?:var|srv)\/./.test(path))
  if (below) return below.replace(/\/+$/, '')
  return /^\/var\/lib\/[^/]+/.exec(environment.get('STATIC_ROOT') ?? '')?.[0] ?? null
}

/** `127.0.0.1:8000`, `[::1]:8000`, `:8000`, `unix:/run/x.sock`; gunicorn's default port is 8000. */
export function parseBind(text: string): Bind | null {
  if (text.startsWith('unix:')) return {socketPath: text.slice(5).replace(/^\/\/(?=\/)/, '')}
  if (text.startsWith('/')) return {socketPath: text}
  const match = /^(?:tcp:\/\/|http:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]*))(?::(\d{1,5}))?\/?$/.exec(text)
  if (!match) return null
  const address = match[1] ?? match[2] ?? ''
  return {host: address === '' ? '0.0.0.0' : address, port: match[3] ? Number(match[3]) : 8000}
}

/** Where a unit listens that is not told where: its gunicorn.conf.py or its socket unit may say. */
async function actualBind(host: Host, unit: Unit): Promise<Bind> {
  const usual = {host: '127.0.0.1', port: 8000}
  const own = (await findOwnListeners(host, unit)).map(({at}) => at)
  const bind = own.find(at => 'port' in at && at.port === usual.port) ?? own[0] ?? usual
  return 'host' in bind && bind.host === '*' ? {...bind, host: '0.0.0.0'} : bind
}

/** Undefined when nothing is said, null when what is said cannot be read. */
function findBind(unit: Unit, environment: ReadonlyMap<string, string>): Bind | null | undefined {
  // gunicorn takes the command line before GUNICORN_CMD_ARGS; where an option is given twice, both are listened on.
  const argv = [
    ...(execCommands(unit, 'ExecStart')[0]?.argv ?? []),
    ...splitWords(environment.get('GUNICORN_CMD_ARGS') ?? ''),
  ]
  const option = (...names: readonly string[]): string | undefined => {
    for (const [index, word] of argv.entries()) {
      if (names.includes(word)) return argv[index + 1]
      const short = names.find(name => /^-\w$/.test(name) && /^-\w[^-]/.test(word) && word.startsWith(name))
      if (short) return word.slice(2)
      const long = names.find(name => name.startsWith('--') && word.startsWith(`${name}=`))
      if (long) return word.slice(long.length + 1)
    }
    return undefined
  }
  const bind = option('--bind', '-b') ?? environment.get('GUNICORN_BIND')
  if (bind) return parseBind(bind)
  const socketPath = option('--uds') ?? environment.get('UVICORN_UDS')
  if (socketPath) return {socketPath}
  const host = option('--host') ?? environment.get('UVICORN_HOST')
  const port = option('--port') ?? environment.get('UVICORN_PORT')
  if (host || port) return {host: host ?? '127.0.0.1', port: Number(port ?? 8000)}
  return undefined
}

function findDatabase(environment: ReadonlyMap<string, string>, user: string | null): DatabaseTarget | null {
  const url = environment.get('DATABASE_URL')
  if (url) return fromUrl(url, environment, user)
  if (/^(?:0|no|off|false|n|f)$/i.test(environment.get('USE_POSTGRES') ?? 'true')) return null
  const first = (...names: readonly string[]): string | undefined =>
    names.map(name => environment.get(name)).find(value => value !== undefined && value !== '')
  const named = [...environment.keys()].some(name => name.startsWith('POSTGRES_'))
  const libpq = [...environment.keys()].some(name => /^PG(?:HOST|USER|DATABASE|PASSWORD|PORT)$/.test(name))
  const role = first('POSTGRES_USER', 'PGUSER') ?? user ?? 'root'
  return {
    host:
      first('POSTGRES_HOST', 'PGHOST') ??
      (named && environment.has('POSTGRES_PASSWORD') ? 'localhost' : '/run/postgresql'),
    port: Number(first('POSTGRES_PORT', 'PGPORT') ?? 5432),
    name: first('POSTGRES_DB', 'POSTGRES_NAME', 'PGDATABASE') ?? role,
    user: role,
    password: first('POSTGRES_PASSWORD', 'PGPASSWORD') ?? null,
    sslmode: first('PGSSLMODE'),
    options: first('PGOPTIONS'),
    source: named ? 'POSTGRES_*' : libpq ? 'PG*' : 'defaults',
  }
}

/**
 * The parts of a PostgreSQL URL as urllib.parse finds them: the last "@" ends the password. `unreadable` where no port
 * stands in its place, as after a password with an unencoded "/", "?" or "#"; null is another kind of URL.
 */
export function splitPostgresUrl(text: string): PostgresUrl | 'unreadable' | null {
  const match =
    /^(?:postgres(?:ql)?|psql|pgsql|postgis|django\.db\.backends\.postgresql):\/\/([^/?#]*)\/?([^?#]*)(?:\?([^#]*))?/.exec(
      text,
    )
  if (!match) return null
  const [, authority = '', name, query] = match
  const at = authority.lastIndexOf('@')
  const [, role, password] = /^([^:]*)(?::(.*))?$/s.exec(authority.slice(0, Math.max(0, at))) ?? []
  const address = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1))
  return address ? {role, password, host: address[1], port: address[2], name, query} : 'unreadable'
}

type PostgresUrl = {readonly [part in 'role' | 'password' | 'host' | 'port' | 'name' | 'query']: string | undefined}

/** dj-database-url's reading: percent-encoded parts, and `postgres://user:pw@/name?host=/run/postgresql` for sockets. */
function fromUrl(text: string, environment: ReadonlyMap<string, string>, user: string | null): DatabaseTarget | null {
  const url = splitPostgresUrl(text)
  if (url === null || url === 'unreadable') return null
  const {role, password, host, port, name, query} = url
  const parameters = new URLSearchParams(query ?? '')
  const decode = (part: string | undefined): string | undefined => (part ? unquote(part) : undefined)
  const socket = host && /^%2f/i.test(host) ? decode(host) : undefined
  const role_ = decode(role) ?? environment.get('PGUSER') ?? user ?? 'root'
  return {
    host:
      socket ??
      (host
        ? host.replace(/^\[|\]$/g, '')
        : (parameters.get('host') ?? environment.get('PGHOST') ?? '/run/postgresql')),
    port: Number(port || parameters.get('port') || 5432),
    name: decode(name) ?? role_,
    user: role_,
    password: decode(password) ?? parameters.get('password') ?? environment.get('PGPASSWORD') ?? null,
    sslmode: parameters.get('sslmode') ?? environment.get('PGSSLMODE'),
    options: parameters.get('options') ?? environment.get('PGOPTIONS'),
    source: 'DATABASE_URL',
  }
}
