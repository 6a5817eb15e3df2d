import {unescape as unquote} from 'node:querystring'
import {
  askDjango,
  type Django,
  type DjangoAnswer,
  isPlaceheld,
  listSetting,
  settingsKnown,
  sourceOf,
  textSetting,
  whyUnasked,
} from './facts/django.ts'
import {asServed, findServer, type Server, workingDirectoryOf} from './facts/server.ts'
import {applicationFiles, type DatabasePart, type Source, type Stated, whereStated} from './facts/stated.ts'
import type {Host} from './host/host.ts'
import {CannotLook, NotStated} from './host/host.ts'
import {ifSeen} from './host/if-seen.ts'
import {findPlatform} from './platform/find.ts'
import type {Platform} from './platform/platform.ts'
import {parseEnvironmentFile, parseProcessEnvironment} from './probes/environment-file.ts'
import {findEnvironmentFiles} from './probes/environment-files.ts'
import {findJournal} from './probes/journal.ts'
import {findListeners, findOwnListeners} from './probes/listeners.ts'
import {unitOpener} from './probes/openers.ts'
import {resolvePath} from './probes/paths.ts'
import {requiredPaths} from './probes/sandbox-paths.ts'
import {
  declaredEnvironment,
  type EnvironmentFileSetting,
  execCommands,
  setBySystemd,
  showUnit,
  splitWords,
  type Unit,
} from './probes/systemd.ts'
import {defaultUnit} from './remedy.ts'
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
  /** False where the configuration refuses to run anything of the application (`[django] ask = false`). */
  readonly ask?: boolean | undefined
  /** Ask Django all the way, also when nothing is wrong (`--deep`). */
  readonly deep?: boolean | undefined
  /** The encrypted file of NixOS's secrets, for the remedies; "secrets/secrets.yaml" when absent. */
  readonly secrets?: string | undefined
}

/** Where the application listens. An abstract socket's path begins with "@". */
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
  /** Who said so: Django, or variables of the environment where Django could not be asked. */
  readonly source: 'settings' | 'environment'
  /** "DATABASES in config/settings/production.py", "DATABASE_URL", "POSTGRES_*". */
  readonly from: string
  /** Where each part is to be changed. */
  readonly stated: Readonly<Record<DatabasePart, Stated>>
}

/** One EnvironmentFile= and what was read of it. */
export interface SecretsFile extends EnvironmentFileSetting {
  /** Null when it could not be read (missing, denied, not text); secrets/file says why. */
  readonly variables: ReadonlyMap<string, string> | null
}

/** What is known of the deployment; found without configuration from the unit, its files and its process. */
export interface Target {
  readonly unit: Unit
  /** The unit with the User= and Group= that its application runs as, where the server sees to that itself. */
  readonly served: Unit
  readonly user: string | null
  readonly group: string | null
  readonly workingDirectory: string | null
  readonly package: string | null
  readonly stateDirectory: string | null
  /** The program that serves the application, wrappers taken off. */
  readonly server: Server
  /** What Django says of the application, as a new start of the unit would see it. */
  readonly django: Django
  /** By the configuration, Django, or the environment where Django could not be asked. */
  readonly staticRoot: string | null
  readonly mediaRoot: string | null
  /** As it is told to; where nothing says so, as it does. Null where neither is known. */
  readonly bind: Bind | null
  /** Every address that it is told to listen at; `bind` is the first. */
  readonly binds: readonly Bind[]
  /** What ALLOWED_HOSTS admits: of the running process where that differs, else of the next one. Empty where not known. */
  readonly hosts: readonly string[]
  /** Null when Django says that it uses no PostgreSQL; `unknown` when nobody says anything. */
  readonly database: DatabaseTarget | null | 'unknown'
  /** What a new process of the unit would get: Environment= and then its EnvironmentFiles. */
  readonly environment: ReadonlyMap<string, string>
  readonly secretsFiles: readonly SecretsFile[]
  /** Every place that states variables: the unit's files, the unit itself, then the files that the settings read. */
  readonly sources: readonly Source[]
  /** What the running process has: evidence, never authority. Null when it does not run or may not be read. */
  readonly running: ReadonlyMap<string, string> | null
  /** True when an EnvironmentFile may hold more than could be read: nothing may be called missing then. */
  readonly environmentIncomplete: boolean
  readonly settings: TargetSettings
  /** How a thing is changed on this machine. */
  readonly platform: Platform
}

/**
 * Finds the deployment of a unit.
 * @throws CannotLook where systemd cannot be asked.
 */
export async function findTarget(host: Host, settings: TargetSettings): Promise<Target> {
  const unit = await showUnit(host, settings.unit ?? defaultUnit)
  const pid = Number(unit.get('MainPID'))
  const [secretsFiles, running, platform] = await Promise.all([
    findEnvironmentFiles(host, unit).then(files => Promise.all(files.map(file => readSecretsFile(host, file)))),
    pid > 0 ? readProcessEnvironment(host, pid) : null,
    findPlatform(host, settings),
  ])
  const environment = new Map(declaredEnvironment(unit))
  for (const [name, value] of environment) addAssignment(host.secrets, name, value, isSecretElsewhere(name))
  for (const file of secretsFiles) for (const [name, value] of file.variables ?? []) environment.set(name, value)
  // Only the process tells what it was given of systemd's own environment; everything else is stronger (systemd.exec(5)).
  for (const name of splitWords(unit.get('PassEnvironment'))) {
    const value = running?.get(name)
    if (value !== undefined && !environment.has(name)) environment.set(name, value)
  }
  const server = await findServer(host, unit, environment)
  const served = asServed(unit, server)
  const user = served.get('User') || null
  const stateDirectory =
    settings.stateDirectory ?? findStateDirectory(unit) ?? (await ownDirectoryAbove(host, served, environment))
  const asking = ask(host, unit, server, {environment, running}, settings)
  // Django takes most of the time: what the checks are sure to ask as well is asked meanwhile, and answered once.
  for (const question of [findListeners(host), unitOpener(host, served), findJournal(host, unit)])
    question.catch(() => undefined)
  const django = await asking
  const binds = await findBinds(host, unit, server, django, settings)
  const workingDirectory = server.directory ?? (await workingDirectoryOf(host, unit))
  const applications = django.answer ? await applicationFiles(host, django.answer) : []
  const sources = [...sourcesOf(unit, secretsFiles), ...applications]
  const database = findDatabase(django, environment, user, workingDirectory, sources)
  const root = (name: 'STATIC_ROOT' | 'MEDIA_ROOT'): string | null =>
    settingsKnown(django) ? textSetting(django, name) || null : (environment.get(name) ?? null)
  // Whatever these are, they stand in the answer.
  const of = database === 'unknown' ? null : database
  const shown = [
    unit.name,
    user,
    served.get('Group'),
    stateDirectory,
    of?.host,
    of?.name,
    of?.user,
    django.answer?.module,
  ]
  for (const name of shown) addPublicWords(host.secrets, name ?? '')
  return {
    unit,
    served,
    user,
    group: served.get('Group') || null,
    workingDirectory,
    package: settings.package ?? findPackage(unit),
    stateDirectory,
    server,
    django,
    staticRoot: settings.staticRoot ?? root('STATIC_ROOT'),
    mediaRoot: root('MEDIA_ROOT'),
    bind: binds[0] ?? null,
    binds,
    hosts: findHosts(django, {environment, running}, settings),
    database,
    environment,
    secretsFiles,
    running,
    environmentIncomplete: secretsFiles.some(({variables}) => variables === null),
    sources,
    settings,
    platform,
  }
}

/** The environment of a new process, and of the one that runs. */
interface Environments {
  readonly environment: ReadonlyMap<string, string>
  readonly running: ReadonlyMap<string, string> | null
}

async function ask(
  host: Host,
  unit: Unit,
  server: Server,
  {environment, running}: Environments,
  settings: TargetSettings,
): Promise<Django> {
  if (settings.ask === false)
    return {answer: null, unasked: {kind: 'refused', why: 'the configuration says ask = false', evidence: []}}
  const first = await askDjango(host, unit, server, {depth: 'settings'})
  // A script on the way sets what no unit shows, and the settings look for it: the process that runs has it.
  const wanted = [...(first.answer?.unset ?? []), ...(first.answer?.missing ?? []).map(({name}) => name)]
  const passed = [...new Set(wanted)].flatMap(name => {
    const value = running?.get(name)
    const isOwn = !environment.has(name) && !server.environment.has(name) && !setBySystemd(unit, name)
    return value === undefined || !isOwn || isOfTheShell(name) ? [] : [[name, value] as const]
  })
  if (passed.length === 0) return first
  const completed = {...server, environment: new Map([...server.environment, ...passed])}
  return askDjango(host, unit, completed, {depth: 'settings', passed: passed.map(([name]) => name)})
}

/** What every shell sets, whatever it starts. */
function isOfTheShell(name: string): boolean {
  return /^(?:_|PWD|OLDPWD|SHLVL|HOME|PATH|LANG|LANGUAGE|LC_\w+|COLUMNS|LINES|TERM|USER|LOGNAME|SHELL)$/.test(name)
}

/** @throws NotStated where nobody says which database the service uses. */
export function databaseOf({database, django}: Pick<Target, 'database' | 'django'>): DatabaseTarget | null {
  if (database !== 'unknown') return database
  throw notStated(django, 'which database the service uses')
}

/** The database where one is known: for what is only looked at beside other things. */
export function knownDatabase({database}: Pick<Target, 'database'>): DatabaseTarget | null {
  return database === 'unknown' ? null : database
}

/** @throws NotStated where Django could not be asked. */
export function answerOf({django}: Pick<Target, 'django'>, what: string): DjangoAnswer {
  if (django.answer && settingsKnown(django)) return django.answer
  throw notStated(django, what)
}

/** In the same words for every fact, so that they are said once. */
function notStated(django: Django, what: string): NotStated {
  const {unasked} = django
  const why = settingsKnown(django) ? 'the settings do not say it by themselves' : 'the settings could not be imported'
  return new NotStated(unasked ? whyUnasked(unasked) : `${what} is not known: ${why}`, {
    privilege: unasked?.kind === 'privilege',
  })
}

function findHosts(django: Django, {environment, running}: Environments, settings: TargetSettings): readonly string[] {
  if (settings.hosts) return settings.hosts
  const variable = django.answer?.read.find(name => /(?:^|_)ALLOWED_HOSTS$/.test(name)) ?? 'ALLOWED_HOSTS'
  const [now, then] = [environment.get(variable), running?.get(variable)]
  // The running process decides by what it was started with.
  const isRead = django.answer === null || django.answer.read.includes(variable)
  if (then !== undefined && then !== now && isRead) return hostsOf(then)
  const said = listSetting(django, 'ALLOWED_HOSTS')
  return said ? said.map(name => name.trim()) : hostsOf(then ?? now)
}

/** Where it is told to listen: the configuration, its socket unit, gunicorn's own word, its arguments; else where it does. */
async function findBinds(
  host: Host,
  unit: Unit,
  server: Server,
  {answer}: Django,
  settings: TargetSettings,
): Promise<readonly Bind[]> {
  const configured = settings.bind ? parseBind(settings.bind) : null
  if (configured) return [configured]
  const activated = server.bindsFrom?.endsWith('.socket') === true
  if (!activated && answer?.server) {
    const told = answer.server.binds.map(
      (bind): Bind => ('path' in bind ? {socketPath: bind.path} : {host: bind.host, port: bind.port}),
    )
    if (told.length > 0) return told
  }
  if (server.binds && server.binds.length > 0) return server.binds
  const own = (await findOwnListeners(host, unit)).map(({at}) => at)
  return own.map(bind => ('host' in bind && bind.host === '*' ? {...bind, host: '0.0.0.0'} : bind))
}

export function hostsOf(allowed: string | undefined): readonly string[] {
  return (allowed ?? '').split(/[\s,]+/).filter(name => name !== '')
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
    settings.stateDirectory ?? findStateDirectory(unit),
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
  const database = target?.database === 'unknown' ? null : target?.database
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

/**
 * The directory in /var/lib that holds the STATIC_ROOT which the unit itself states, where it is the service's own: a unit
 * that lost its ReadWritePaths= still keeps its state there.
 */
async function ownDirectoryAbove(
  host: Host,
  unit: Unit,
  environment: ReadonlyMap<string, string>,
): Promise<string | null> {
  const above = /^\/var\/lib\/[^/]+(?=\/.)/.exec(environment.get('STATIC_ROOT') ?? '')?.[0]
  if (above === undefined) return null
  const [stat, opener] = await Promise.all([ifSeen(host.stat(above)), ifSeen(unitOpener(host, unit))])
  return stat?.type === 'directory' && opener !== null && stat.uid === opener.uid ? above : null
}

function findStateDirectory(unit: Unit): string | null {
  const [first] = splitWords(unit.get('StateDirectory'))
  if (first) return `/var/lib/${first.split(':')[0]}`
  const writable = splitWords(unit.get('ReadWritePaths')).map(path => path.replace(/^[-+]+/, ''))
  const below = writable.find(path => /^\/(?:var|srv)\/./.test(path))
  return below ? below.replace(/\/+$/, '') : null
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

/** PostgreSQL's backend and those that are made of it: PostGIS, psqlextra, django-tenants, prometheus' wrapper. */
const ofPostgres = /postg(?:res|is)|psql|psycopg/i

/** What Django says; only where it could not be asked, what variables of usual names state. */
function findDatabase(
  django: Django,
  environment: ReadonlyMap<string, string>,
  user: string | null,
  directory: string | null,
  sources: readonly Source[],
): DatabaseTarget | null | 'unknown' {
  const {answer} = django
  if (!answer || !settingsKnown(django)) return ofEnvironment(environment, user, sources)
  const stated = answer.databases.default
  if (!stated || !ofPostgres.test(stated.engine)) return null
  const {options} = stated
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined)
  // A service of pg_service.conf is libpq's to read, and what holds a placeholder is not known.
  const parts = [stated.host, stated.port, stated.name, stated.user]
  if (text('service') !== undefined || parts.some(part => isPlaceheld(answer, part)))
    return ofEnvironment(environment, user, sources)
  const password = answer.secrets['DATABASES.default.PASSWORD'] || environment.get('PGPASSWORD') || null
  // What the settings leave empty, libpq takes from its own variables (libpq, "Environment Variables").
  const role = stated.user || environment.get('PGUSER') || user || 'root'
  return {
    host: stated.host || environment.get('PGHOST') || '/run/postgresql',
    port: Number(stated.port || environment.get('PGPORT') || 5432),
    name: stated.name || environment.get('PGDATABASE') || role,
    user: role,
    password: password !== null && isPlaceheld(answer, password) ? null : password,
    sslmode: text('sslmode') ?? environment.get('PGSSLMODE'),
    options: text('options') ?? environment.get('PGOPTIONS'),
    source: 'settings',
    from: sourceOf(django, 'DATABASES', directory),
    stated: {
      host: whereStated('host', stated.host, sources, answer),
      port: whereStated('port', stated.port, sources, answer),
      name: whereStated('name', stated.name, sources, answer),
      user: whereStated('user', stated.user, sources, answer),
      password: whereStated('password', answer.secrets['DATABASES.default.PASSWORD'] ?? '', sources, answer),
    },
  }
}

function ofEnvironment(
  environment: ReadonlyMap<string, string>,
  user: string | null,
  sources: readonly Source[],
): DatabaseTarget | null | 'unknown' {
  const url = environment.get('DATABASE_URL')
  if (url) return fromUrl(url, environment, user, statedIn(sources, 'DATABASE_URL'))
  if (/^(?:0|no|off|false|n|f)$/i.test(environment.get('USE_POSTGRES') ?? 'true')) return null
  const first = (...names: readonly string[]): string | undefined =>
    names.map(name => environment.get(name)).find(value => value !== undefined && value !== '')
  const named = ['POSTGRES_', 'PG'].find(prefix =>
    [...environment.keys()].some(name => name.startsWith(prefix) && /(?:USER|DB|DATABASE|HOST)$/.test(name)),
  )
  const role = first('POSTGRES_USER', 'PGUSER')
  const name = first('POSTGRES_DB', 'POSTGRES_NAME', 'PGDATABASE') ?? role
  const at = first('POSTGRES_HOST', 'PGHOST') ?? (environment.has('POSTGRES_PASSWORD') ? undefined : '/run/postgresql')
  // Half of it is no statement: what is left open here, the settings fill with something.
  if (named === undefined || role === undefined || name === undefined || at === undefined) return 'unknown'
  return {
    host: at,
    port: Number(first('POSTGRES_PORT', 'PGPORT') ?? 5432),
    name,
    user: role,
    password: first('POSTGRES_PASSWORD', 'PGPASSWORD') ?? null,
    sslmode: first('PGSSLMODE'),
    options: first('PGOPTIONS'),
    source: 'environment',
    from: `${named}*`,
    stated: {
      host: statedIn(sources, 'POSTGRES_HOST', 'PGHOST'),
      port: statedIn(sources, 'POSTGRES_PORT', 'PGPORT'),
      name: statedIn(sources, 'POSTGRES_DB', 'POSTGRES_NAME', 'PGDATABASE'),
      user: statedIn(sources, 'POSTGRES_USER', 'PGUSER'),
      password: statedIn(sources, 'POSTGRES_PASSWORD', 'PGPASSWORD'),
    },
  }
}

/** The first of these variables that is set, and where; the first name where none is. */
function statedIn(sources: readonly Source[], ...names: readonly string[]): Stated {
  for (const {file, variables} of sources) {
    const variable = names.find(name => variables.has(name))
    if (variable !== undefined) return {variable, file}
  }
  return {variable: names[0] ?? null, file: sources[0]?.file ?? null}
}

/** What is read last wins: the last EnvironmentFile= comes first here, and the unit's own Environment= after them. */
function sourcesOf(unit: Unit, files: readonly SecretsFile[]): readonly Source[] {
  const read = files.flatMap(({path, variables}) => (variables ? [{file: path, variables}] : []))
  return [...read.reverse(), {file: null, variables: declaredEnvironment(unit)}]
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
function fromUrl(
  text: string,
  environment: ReadonlyMap<string, string>,
  user: string | null,
  stated: Stated,
): DatabaseTarget | null | 'unknown' {
  const url = splitPostgresUrl(text)
  if (url === 'unreadable') return 'unknown'
  if (url === null) return null
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
    source: 'environment',
    from: 'DATABASE_URL',
    stated: {host: stated, port: stated, name: stated, user: stated, password: stated},
  }
}
