import {unescape as unquote} from 'node:querystring'
import type {Django} from '../django/django.ts'
import {isPlaceheld, settingsKnown, sourceOf} from '../django/django.ts'
import type {DatabasePart, Source, Stated} from '../django/stated.ts'
import {whereStated} from '../django/stated.ts'
import {splitPostgresUrl} from '../postgres/url.ts'
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

/** PostgreSQL's backend and those that are made of it: PostGIS, psqlextra, django-tenants, prometheus' wrapper. */
const ofPostgres = /postg(?:res|is)|psql|psycopg/i

/** What Django says; only where it could not be asked, what variables of usual names state. */
export function findDatabase(
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
