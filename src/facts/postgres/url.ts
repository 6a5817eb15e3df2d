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
