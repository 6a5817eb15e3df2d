import {posix} from 'node:path'
import {hostPort} from '../../host/address.ts'
import {type Bind, parseBind} from '../target/bind.ts'
import {type Options, readOptions} from './options.ts'
import type {ServerKind} from './program.ts'
import {type Start, untold} from './shell.ts'
import {tokenize} from './shell-words.ts'

/** What a server is told, by its words and its environment. */
export interface Told {
  readonly entry: {readonly module: string} | {readonly file: string} | null
  readonly directory: string | null
  readonly pythonPath: readonly string[]
  readonly settingsModule: string | null
  readonly environment: ReadonlyMap<string, string>
  /** Files with more of the environment, which count where a name is not set already (python-dotenv). */
  readonly environmentFiles: readonly string[]
  readonly binds: readonly Bind[] | null
  /** `arguments` for the words of the command; else a variable's name, a file, or whose default it is. */
  readonly bindsFrom: string | null
  /** A configuration of the server that is a program or another file, which may say more. */
  readonly config: string | null
  /** Where the server listens on what systemd hands over, instead of on `binds`. */
  readonly inherited: readonly number[] | 'all' | null
  /** Whom a server that is started as root becomes before it imports the application; null where nothing says so. */
  readonly user: string | null
  readonly group: string | null
}

const silent: Told = {
  entry: null,
  directory: null,
  pythonPath: [],
  settingsModule: null,
  environment: new Map(),
  environmentFiles: [],
  binds: [],
  bindsFrom: null,
  config: null,
  inherited: null,
  user: null,
  group: null,
}

const flags: Readonly<
  Record<'gunicorn' | 'uvicorn' | 'daphne' | 'hypercorn' | 'granian' | 'manage.py', ReadonlySet<string>>
> = {
  gunicorn: new Set(
    `-h --help -v --version --reload --spew --check-config --print-config --preload --reuse-port -D --daemon --initgroups
     --disable-redirect-access-to-syslog --capture-output --log-syslog -R --enable-stdio-inheritance --suppress-ragged-eofs
     --enable-backlog-metric --do-handshake-on-connect --permit-obsolete-folding --strip-header-spaces
     --permit-unconventional-http-method --permit-unconventional-http-version --casefold-http-method`.split(/\s+/),
  ),
  uvicorn: new Set(
    `--reload --http2 --access-log --use-colors --proxy-headers --server-header --date-header --version --reset-contextvars
     --factory --help`.split(/\s+/),
  ),
  daphne: new Set(['-h', '--help', '--proxy-headers', '--no-server-name']),
  hypercorn: new Set(['-h', '--help', '--debug', '--reload', '-q', '--version']),
  granian: new Set(
    `--ws --http1-keep-alive --http1-pipeline-flush --http2-adaptive-window --log --access-log --ssl-client-verify
     --respawn-failed-workers --factory --reload --reload-ignore-worker-failure --metrics --version --help`.split(
      /\s+/,
    ),
  ),
  'manage.py': new Set(
    `-h --help --version --traceback --no-color --force-color --skip-checks -6 --ipv6 --nothreading --noreload --nostatic
     --insecure --threaded --verbosity`
      .split(/\s+/)
      .filter(name => name !== '--verbosity'),
  ),
}

/** What a server's command line says; uwsgi's is read elsewhere. */
export function told(kind: Exclude<ServerKind, 'uwsgi'>, start: Start): Told {
  const options = readOptions(start.argv.slice(1), flags[kind])
  switch (kind) {
    case 'gunicorn':
      return gunicorn(options, start)
    case 'uvicorn':
      return uvicorn(options, start)
    case 'daphne':
      return daphne(options, start)
    case 'hypercorn':
      return hypercorn(options, start)
    case 'granian':
      return granian(options, start)
    case 'manage.py':
      return runserver(options)
  }
}

/**
 * The command line is stronger than GUNICORN_CMD_ARGS, that than the configuration file (gunicorn's docs, "Configuration
 * Overview"); a list replaces the weaker one. Sockets that systemd hands over replace every bind (gunicorn/sock.py).
 */
function gunicorn(line: Options, start: Start): Told {
  const {environment, directory} = start
  const variable = readOptions(wordsOf(environment.get('GUNICORN_CMD_ARGS') ?? ''), flags.gunicorn)
  const last = (...names: readonly string[]): string | undefined => line.last(...names) ?? variable.last(...names)
  const changed = last('--chdir')
  const config = last('-c', '--config')
  const [bound, from] = [line, variable]
    .map((options, index) => [options.all('-b', '--bind'), index === 0 ? 'arguments' : 'GUNICORN_CMD_ARGS'] as const)
    .find(([binds]) => binds.length > 0) ?? [[], null]
  const own = changed === undefined ? directory : resolved(directory, changed)
  const port = environment.get('PORT')
  const standard = port ? [`0.0.0.0:${port}`] : ['127.0.0.1:8000']
  const binds = bound.length > 0 ? bound : config === undefined ? standard : []
  const entry = entryOf(line, 'application')
  return {
    ...silent,
    entry: last('--paste', '--paster') ? null : entry,
    directory: changed === undefined ? null : own,
    pythonPath: (last('--pythonpath') ?? '')
      .split(',')
      .filter(path => path !== '')
      .map(path => resolved(own, path)),
    environment: new Map(
      [...line.all('-e', '--env'), ...(line.has('-e', '--env') ? [] : variable.all('-e', '--env'))].flatMap(assignment),
    ),
    binds: bindsOf(
      binds.flatMap(bind => bind.split(',')),
      own,
    ),
    bindsFrom: from ?? (config === undefined ? (port ? 'PORT' : "gunicorn's default") : configPath(config, directory)),
    config: config === undefined ? null : configPath(config, directory),
    inherited: binds.some(bind => bind.startsWith('fd://')) ? inheritedOf(binds) : 'all',
    user: last('-u', '--user') ?? null,
    group: last('-g', '--group') ?? null,
  }
}

/** `file:gunicorn.conf.py`, `python:config.gunicorn`, or a path. */
function configPath(config: string, directory: string): string {
  if (config.startsWith('python:')) return config
  return resolved(directory, config.replace(/^file:/, ''))
}

/** click gives every option a variable: UVICORN_HOST, GRANIAN_HOST. */
function withVariables(options: Options, environment: ReadonlyMap<string, string>, prefix: string) {
  return (name: string): {readonly value: string; readonly from: string} | null => {
    const value = options.last(name)
    if (value !== undefined) return {value, from: 'arguments'}
    const variable = `${prefix}_${name.slice(2).replaceAll('-', '_').toUpperCase()}`
    const given = environment.get(variable)
    return given ? {value: given, from: variable} : null
  }
}

function uvicorn(options: Options, {environment, directory}: Start): Told {
  const option = withVariables(options, environment, 'UVICORN')
  const [host, port, uds, fd, appDirectory] = ['--host', '--port', '--uds', '--fd', '--app-dir'].map(option)
  const file = option('--env-file')?.value
  const isFactory =
    options.has('--factory') || /^(?:1|true|yes|on|t|y)$/i.test(environment.get('UVICORN_FACTORY') ?? '')
  const common = {
    ...silent,
    entry: factory(entryOf(options, null) ?? moduleEntry(environment.get('UVICORN_APP'), null), isFactory),
    pythonPath: appDirectory ? [resolved(directory, appDirectory.value)] : [],
    environmentFiles: file ? [resolved(directory, file)] : [],
  }
  return {...common, ...addressed({host, port, uds, fd}, directory, "uvicorn's default")}
}

function granian(options: Options, {environment, directory}: Start): Told {
  const option = withVariables(options, environment, 'GRANIAN')
  const [host, port, uds, changed] = ['--host', '--port', '--uds', '--working-dir'].map(option)
  const own = changed ? resolved(directory, changed.value) : directory
  return {
    ...silent,
    entry: factory(entryOf(options, null), options.has('--factory')),
    directory: changed ? own : null,
    environmentFiles: options.all('--env-files').map(file => resolved(directory, file)),
    ...addressed({host, port, uds, fd: null}, directory, "granian's default"),
  }
}

type Given = {readonly value: string; readonly from: string} | null | undefined

function addressed(
  {host, port, uds, fd}: {readonly [name in 'host' | 'port' | 'uds' | 'fd']: Given},
  directory: string,
  standard: string,
): Pick<Told, 'binds' | 'bindsFrom' | 'inherited'> {
  if (uds) return {binds: bindsOf([`unix:${uds.value}`], directory), bindsFrom: uds.from, inherited: null}
  if (fd) return {binds: [], bindsFrom: fd.from, inherited: inheritedOf([`fd://${fd.value}`])}
  const binds = [hostPort({host: host?.value ?? '127.0.0.1', port: port?.value ?? '8000'})]
  return {binds: bindsOf(binds, directory), bindsFrom: (host ?? port)?.from ?? standard, inherited: null}
}

function daphne(options: Options, {directory}: Start): Told {
  const [host, port] = [options.last('-b', '--bind'), options.last('-p', '--port')]
  const [socketPath, fd] = [options.last('-u', '--unix-socket'), options.last('--fd')]
  const endpoints = options.all('-e', '--endpoint')
  const isSaid = [host, port, socketPath, fd].some(value => value !== undefined) || endpoints.length > 0
  const tcp = host !== undefined || port !== undefined || !isSaid
  const read = endpoints.map(endpoint => endpointBind(endpoint, directory))
  const plain = bindsOf(
    [
      ...(tcp ? [hostPort({host: host ?? '127.0.0.1', port: port ?? '8000'})] : []),
      ...(socketPath === undefined ? [] : [`unix:${socketPath}`]),
    ],
    directory,
  )
  const inherited = [
    ...(fd === undefined ? [] : [Number(fd)]),
    ...read.flatMap(bind => (typeof bind === 'number' ? [bind] : [])),
  ]
  const ends = read.filter(bind => typeof bind !== 'number')
  const isWhole = plain !== null && !ends.includes(null) && inherited.every(number => Number.isInteger(number))
  return {
    ...silent,
    entry: entryOf(options, null),
    binds: isWhole ? [...plain, ...ends.filter(bind => bind !== null)] : null,
    bindsFrom: isSaid ? 'arguments' : "daphne's default",
    inherited: inherited.length > 0 ? inherited : null,
  }
}

/**
 * `tcp:port=8000:interface=127.0.0.1`, `tcp:8000`, `unix:/run/x.sock:mode=660`, `systemd:domain=INET:index=0`: Twisted's
 * server strings (endpoints.serverFromString). A number is a descriptor that is inherited, null is not understood.
 */
function endpointBind(text: string, directory: string): Bind | number | null {
  const [kind = '', ...pieces] = text.split(/(?<!\\):/).map(piece => piece.replace(/\\(.)/g, '$1'))
  const named = new Map(pieces.flatMap(assignment))
  const first = pieces.find(piece => !/^[A-Za-z]\w*=/.test(piece))
  if (kind === 'unix') return bindOf(`unix:${named.get('address') ?? first ?? ''}`, directory)
  if (kind === 'systemd') return 3 + Number(named.get('index') ?? Number.NaN)
  if (kind !== 'tcp' && kind !== 'tcp6' && kind !== 'ssl') return null
  const port = named.get('port') ?? first ?? ''
  return bindOf(hostPort({host: named.get('interface') || (kind === 'tcp6' ? '::' : '0.0.0.0'), port}), directory)
}

function hypercorn(options: Options, {directory}: Start): Told {
  const config = options.last('-c', '--config')
  const bound = options.all('-b', '--bind')
  const [path] = options.positionals
  const binds = bound.length > 0 ? bound : config === undefined ? ['127.0.0.1:8000'] : []
  const file = config === undefined ? null : configPath(config, directory)
  return {
    ...silent,
    entry: moduleEntry(path?.replace(/^(?:asgi|wsgi):/, ''), null),
    binds: bindsOf(binds, directory),
    bindsFrom: bound.length > 0 ? 'arguments' : (file ?? "hypercorn's default"),
    config: file,
    inherited: binds.some(bind => bind.startsWith('fd://')) ? inheritedOf(binds) : null,
    user: options.last('-u', '--user') ?? null,
    group: options.last('-g', '--group') ?? null,
  }
}

/** `manage.py runserver [ADDRESS:PORT]`, 127.0.0.1:8000 where nothing is said (django/core/management/commands). */
function runserver(options: Options): Told {
  const [, address] = options.positionals
  const [pythonPath, settings] = [options.last('--pythonpath'), options.last('--settings')]
  const sixth = options.has('-6', '--ipv6')
  const said = address === undefined ? '' : /^\d+$/.test(address) ? `:${address}` : address
  const bind = said.startsWith(':') || said === '' ? `${sixth ? '[::1]' : '127.0.0.1'}${said || ':8000'}` : said
  return {
    ...silent,
    pythonPath: pythonPath ? [pythonPath] : [],
    settingsModule: settings ?? null,
    binds: bindsOf([bind.replace(/^0:/, '0.0.0.0:')], '/'),
    bindsFrom: address === undefined ? "runserver's default" : 'arguments',
  }
}

/** `module:attribute`; `standard` is the attribute where none is named. */
function moduleEntry(text: string | undefined, standard: string | null): Told['entry'] {
  if (text === undefined || text === '' || text.includes(untold)) return null
  return {module: text.includes(':') || standard === null ? text : `${text}:${standard}`}
}

function entryOf({positionals}: Options, standard: string | null): Told['entry'] {
  // An option that nobody here knows may have no value: the application is what reads as one then.
  const path = positionals.find(word => /^[\w.]+:[A-Za-z_]/.test(word)) ?? positionals[0]
  return moduleEntry(path, standard)
}

function factory(entry: Told['entry'], isOne: boolean): Told['entry'] {
  return isOne && entry && 'module' in entry && !entry.module.endsWith(')') ? {module: `${entry.module}()`} : entry
}

/** The descriptors that are named, or all that are handed over. */
function inheritedOf(binds: readonly string[]): readonly number[] {
  return binds.flatMap(bind => (bind.startsWith('fd://') ? [Number(bind.slice(5))] : []))
}

/** Null where one of them is not understood; descriptors are left out. */
function bindsOf(texts: readonly string[], directory: string): readonly Bind[] | null {
  const binds = texts.filter(text => !text.startsWith('fd://')).map(text => bindOf(text.trim(), directory))
  return binds.includes(null) ? null : binds.filter(bind => bind !== null)
}

export function bindOf(text: string, directory: string): Bind | null {
  if (text.includes(untold)) return null
  const path = text.startsWith('unix:') ? text.slice(5).replace(/^\/\/(?=\/)/, '') : text.startsWith('/') ? text : null
  if (path === null) return parseBind(text)
  if (path === '') return null
  const socketPath = path.startsWith('@') ? path : resolved(directory, path)
  return socketPath.includes(untold) ? null : {socketPath}
}

/** A path as the server finds it; `untold` is in it where the directory is not known. */
export function resolved(directory: string, path: string): string {
  if (path.startsWith('/') || path.includes(untold)) return path
  if (directory === untold) return `${untold}/${path}`
  return posix.join(directory, path).replace(/(.)\/$/, '$1')
}

export function assignment(text: string): readonly (readonly [string, string])[] {
  const equals = text.indexOf('=')
  return equals > 0 ? [[text.slice(0, equals), text.slice(equals + 1)]] : []
}

/** Words with quotes, as Python's shlex.split has them. */
function wordsOf(text: string): readonly string[] {
  return tokenize(text).flatMap(token =>
    token.kind === 'word' ? [token.parts.map(part => (part.kind === 'text' ? part.text : untold)).join('')] : [],
  )
}
