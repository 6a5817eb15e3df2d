import {
  type Django,
  type DjangoAnswer,
  isPlaceheld,
  settingsKnown,
  sourceOf,
} from '../django/django.ts'
import {type Libpq, libpqOf, libpqPassword, type Passfile} from '../django/libpq.ts'
import {
  type DatabasePart,
  type Source,
  type Stated,
  shownStated,
  whereStated,
} from '../django/stated.ts'
import {type PostgresAddress, readPostgresUrl} from '../postgres/url.ts'

/** The database as the service is told to reach it. */
export interface DatabaseTarget extends PostgresAddress {
  /** Who said so: Django, or variables of the environment where Django could not be asked. */
  readonly source: 'settings' | 'environment'
  /** "DATABASES in config/settings/production.py", "DATABASE_URL", "POSTGRES_*". */
  readonly from: string
  /** Where to change each part. */
  readonly stated: Readonly<Record<DatabasePart, Stated>>
  /** Where libpq looks for a password that nobody else states, if it looks anywhere. */
  readonly passfile?: Passfile
}

/**
 * PostgreSQL's backend and those that are made of it: PostGIS, psqlextra, django-tenants,
 * prometheus' wrapper.
 */
const ofPostgres = /postg(?:res|is)|psql|psycopg/i

/** Whatever speaks of the database: Django, and what a new process of the unit gets. */
interface Known {
  readonly django: Django
  readonly environment: ReadonlyMap<string, string>
  /** Whom the service runs as: libpq's default for the role. */
  readonly user: string | null
  /** Below which files are named. */
  readonly directory: string | null
  readonly sources: readonly Source[]
}

type Found = DatabaseTarget | null | 'unknown'

/** What Django says; only where it could not be asked, what variables of usual names state. */
export function findDatabase(known: Known): Found {
  const {answer} = known.django
  if (!answer || !settingsKnown(known.django)) return ofEnvironment(known)
  const stated = answer.databases.default
  if (!stated || !ofPostgres.test(stated.engine)) return null
  // Nobody knows what a placeholder stands for, and libpq alone what a service does.
  const parts = [stated.host, stated.port, stated.name, stated.user]
  if (parts.some(part => isPlaceheld(answer, part))) return ofEnvironment(known)
  const libpq = libpqOf(answer)
  if (libpq?.service && libpq.failure !== null) return 'unknown'
  if (!libpq && optionOf(stated, 'service') !== undefined) return ofEnvironment(known)
  // libpq tries one after the other, and only one of them is asked here.
  const {environment} = known
  const told = [stated.host || environment.get('PGHOST'), stated.port || environment.get('PGPORT')]
  if (libpq?.several || told.some(part => part?.includes(','))) return 'unknown'
  return ofSettings(known, answer, stated, libpq?.failure === null ? libpq : null)
}

type Settings = DjangoAnswer['databases'][string]

function optionOf({options}: Settings, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/**
 * What the settings leave empty, libpq takes from its own variables (libpq, "Environment
 * Variables").
 */
function ofSettings(
  known: Known,
  answer: DjangoAnswer,
  stated: Settings,
  libpq: Libpq | null,
): DatabaseTarget {
  const {django, environment, user, directory, sources} = known
  const own = answer.secrets['DATABASES.default.PASSWORD'] ?? ''
  const found = answer.secrets[libpqPassword] ?? ''
  const password = own || found || environment.get('PGPASSWORD') || null
  const role = stated.user || libpq?.user || environment.get('PGUSER') || user || 'root'
  const service = libpq?.service ? inService(libpq.service) : null
  const where = (part: DatabasePart, value: string): Stated =>
    service !== null && value === '' ? service : whereStated(part, value, sources, answer)
  return {
    host: stated.host || hostOf(libpq) || environment.get('PGHOST') || '/run/postgresql',
    port: Number(stated.port || libpq?.port || environment.get('PGPORT') || 5432),
    name: stated.name || libpq?.name || environment.get('PGDATABASE') || role,
    user: role,
    password: password !== null && isPlaceheld(answer, password) ? null : password,
    sslmode: optionOf(stated, 'sslmode') ?? libpq?.sslmode ?? environment.get('PGSSLMODE'),
    options: optionOf(stated, 'options') ?? libpq?.options ?? environment.get('PGOPTIONS'),
    source: 'settings',
    from: service
      ? shownStated(service, answer.module ?? '')
      : sourceOf(django, 'DATABASES', directory),
    stated: {
      host: where('host', stated.host),
      port: where('port', stated.port),
      name: where('name', stated.name),
      user: where('user', stated.user),
      password:
        own === '' && found !== '' && libpq
          ? whereFound(known, libpq, found)
          : where('password', own),
    },
    ...(libpq?.passfile && {passfile: libpq.passfile}),
  }
}

/** Debian's libpq names the directory of the sockets by a link to it. */
function hostOf(libpq: Libpq | null): string | undefined {
  return libpq?.host.replace(/^\/var\/run\//, '/run/')
}

function inService({name, file}: NonNullable<Libpq['service']>): Stated {
  return {variable: null, file, within: `service "${name}"`}
}

/** Where libpq itself found the password. */
function whereFound(
  {environment, sources}: Known,
  {passfile, service}: Libpq,
  found: string,
): Stated {
  if (passfile) {
    const within = passfile.line === null ? 'a line' : `line ${passfile.line}`
    return {variable: null, file: passfile.path, within}
  }
  return service && environment.get('PGPASSWORD') !== found
    ? inService(service)
    : statedIn(sources, ['PGPASSWORD'])
}

/** What variables are usually called, in the order in which they count. */
const variables = {
  host: ['POSTGRES_HOST', 'PGHOST'],
  port: ['POSTGRES_PORT', 'PGPORT'],
  name: ['POSTGRES_DB', 'POSTGRES_NAME', 'PGDATABASE'],
  user: ['POSTGRES_USER', 'PGUSER'],
  password: ['POSTGRES_PASSWORD', 'PGPASSWORD'],
} as const satisfies Readonly<Record<DatabasePart, readonly string[]>>

function ofEnvironment(known: Known): Found {
  const {environment, sources} = known
  const url = environment.get('DATABASE_URL')
  if (url) return ofUrl(url, known)
  if (/^(?:0|no|off|false|n|f)$/i.test(environment.get('USE_POSTGRES') ?? 'true')) return null
  const prefix = prefixIn(environment)
  const given = (part: DatabasePart): string | undefined =>
    variables[part]
      .map(name => environment.get(name))
      .find(value => value !== undefined && value !== '')
  const role = given('user')
  const name = given('name') ?? role
  const host =
    given('host') ?? (environment.has('POSTGRES_PASSWORD') ? undefined : '/run/postgresql')
  // Half a statement says nothing: the settings fill in the rest with something.
  if (prefix === undefined || role === undefined || name === undefined || host === undefined)
    return 'unknown'
  const where = (part: DatabasePart): Stated => statedIn(sources, variables[part])
  return {
    host,
    port: Number(given('port') ?? 5432),
    name,
    user: role,
    password: given('password') ?? null,
    sslmode: environment.get('PGSSLMODE') || undefined,
    options: environment.get('PGOPTIONS') || undefined,
    source: 'environment',
    from: `${prefix}*`,
    stated: {
      host: where('host'),
      port: where('port'),
      name: where('name'),
      user: where('user'),
      password: where('password'),
    },
  }
}

function ofUrl(text: string, {environment, user, sources}: Known): Found {
  const read = readPostgresUrl(text, environment, user)
  if (read === 'unreadable') return 'unknown'
  const stated = statedIn(sources, ['DATABASE_URL'])
  return (
    read && {
      ...read,
      source: 'environment',
      from: 'DATABASE_URL',
      stated: {host: stated, port: stated, name: stated, user: stated, password: stated},
    }
  )
}

function prefixIn(environment: ReadonlyMap<string, string>): string | undefined {
  const names = [...environment.keys()].filter(name => /(?:USER|DB|DATABASE|HOST)$/.test(name))
  return ['POSTGRES_', 'PG'].find(prefix => names.some(name => name.startsWith(prefix)))
}

/** The first of these variables that is set, and where; the first name where none is. */
function statedIn(sources: readonly Source[], names: readonly string[]): Stated {
  for (const {file, variables} of sources) {
    const variable = names.find(name => variables.has(name))
    if (variable !== undefined) return {variable, file}
  }
  return {variable: names[0] ?? null, file: sources[0]?.file ?? null}
}
