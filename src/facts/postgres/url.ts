import {unescape as unquote} from 'node:querystring'

/**
 * The parts of a PostgreSQL URL as urllib.parse finds them: the last "@" ends the password.
 * `unreadable` where no port stands in its place, as after a password with an unencoded "/", "?" or
 * "#"; null is another kind of URL.
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

type PostgresUrl = {
  readonly [part in 'role' | 'password' | 'host' | 'port' | 'name' | 'query']: string | undefined
}

/** Where libpq is told to connect. */
export interface PostgresAddress {
  /** A name, an address, or the directory of a Unix socket (starts with "/"). */
  readonly host: string
  readonly port: number
  readonly name: string
  readonly user: string
  readonly password: string | null
  readonly sslmode: string | undefined
  /**
   * What each session begins with: "-c search_path=prism" of PGOPTIONS, or of OPTIONS in the
   * settings.
   */
  readonly options: string | undefined
}

/**
 * dj-database-url's reading: percent-encoded parts, and
 * `postgres://user:pw@/name?host=/run/postgresql` for sockets. What the URL leaves out, libpq's
 * variables and its defaults fill in.
 * @param user Whom the service runs as: libpq's default for the role.
 */
export function readPostgresUrl(
  text: string,
  environment: ReadonlyMap<string, string>,
  user: string | null,
): PostgresAddress | 'unreadable' | null {
  const url = splitPostgresUrl(text)
  if (url === null || url === 'unreadable') return url
  const parameters = new URLSearchParams(url.query ?? '')
  const decode = (part: string | undefined): string | undefined =>
    part ? unquote(part) : undefined
  const role = decode(url.role) ?? environment.get('PGUSER') ?? user ?? 'root'
  return {
    host:
      hostOf(url.host) ?? parameters.get('host') ?? environment.get('PGHOST') ?? '/run/postgresql',
    port: Number(url.port || parameters.get('port') || 5432),
    name: decode(url.name) ?? role,
    user: role,
    password:
      decode(url.password) ?? parameters.get('password') ?? environment.get('PGPASSWORD') ?? null,
    sslmode: parameters.get('sslmode') ?? environment.get('PGSSLMODE'),
    options: parameters.get('options') ?? environment.get('PGOPTIONS'),
  }
}

/** `%2Frun%2Fpostgresql` is a socket's directory; brackets enclose an IPv6 address. */
function hostOf(host: string | undefined): string | undefined {
  if (!host) return undefined
  return /^%2f/i.test(host) ? unquote(host) : host.replace(/^\[|\]$/g, '')
}
