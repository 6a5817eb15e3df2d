import {isLoopback} from '../../host/address.ts'
import type {Host} from '../../host/host.ts'
import type {DatabaseTarget} from '../target/database.ts'
import {literal} from './postgres.ts'
import {askAsSuperuser} from './superuser.ts'

/** A line of pg_hba.conf. */
export interface HbaLine {
  readonly file: string
  readonly line: number
  /** As it stands there, options aside: "host all all 127.0.0.1/32 ident". */
  readonly text: string
  /** "scram-sha-256", "ident", "reject" */
  readonly method: string
  /** Of its options, the name of the user map; the others may hold secrets. */
  readonly map: string | null
}

/** A line that PostgreSQL cannot read: then it keeps what it read before, whatever else is there. */
export interface HbaError {
  readonly file: string
  readonly line: number
  readonly error: string
}

export interface Hba {
  /** The first line that fits; null where none does. */
  readonly decided: HbaLine | null
  readonly errors: readonly HbaError[]
  /** The file was changed after PostgreSQL had read it: the running server goes by other lines. */
  readonly unread: boolean
}

/**
 * As hba.c (check_hba) goes through them: the first line whose kind of connection, address,
 * database and role all fit decides, and none after it. "+role" is for its members, "/…" a regular
 * expression since version 16; "replication" is for no database. The server alone can look up a
 * host name: of such lines only "localhost" counts.
 */
const question = ({user, name, sslmode}: DatabaseTarget, address: string | null): string => {
  const role = literal(user)
  const database = literal(name)
  const local = address === null
  const tls =
    sslmode === 'disable'
      ? `'hostnossl'`
      : `case when current_setting('ssl') = 'on' then 'hostssl' else 'hostnossl' end`
  const from = local ? 'null::inet' : `${literal(address)}::inet`
  const among = (names: string, own: string, more: string): string =>
    `exists (select from unnest(${names}) as n where n in ('all', ${own}) or left(n, 1) = '/' and ${own} ~ substr(n, 2) or ${more})`
  const memberOf = (group: string): string =>
    `exists (select from pg_roles m join pg_roles g on g.rolname = ${group} where m.rolname = ${role} and pg_has_role(m.oid, g.oid, 'MEMBER'))`
  return `with rules as (
    select row_number() over () as at, r.*, coalesce(to_jsonb(r) ->> 'file_name', current_setting('hba_file')) as file,
      case when address ~ '^[0-9a-fA-F.:]+$' and netmask is not null
        then address || case when netmask ~ '^(255\\.255\\.255\\.255|ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff)$' then '/' || case when address ~ ':' then 128 else 32 end
          when netmask = '0.0.0.0' or netmask = '::' then '/0' else ' ' || netmask end else address end as place
    from pg_hba_file_rules r)
  select json_build_object(
    'errors', (select coalesce(json_agg(json_build_object('file', file, 'line', line_number, 'error', error) order by at), '[]') from rules where error is not null),
    'unread', coalesce((pg_stat_file(current_setting('hba_file'))).modification > pg_conf_load_time(), false),
    'decided', (select json_build_object('file', file, 'line', line_number, 'method', auth_method,
        'text', concat_ws(' ', type, array_to_string(database, ','), array_to_string(user_name, ','), place, auth_method),
        'map', (select substr(o, 5) from unnest(options) o where o like 'map=%' limit 1))
      from rules where error is null
        and type in (${local ? `'local'` : `'host', 'hostnogssenc', ${tls}`})
        and ${
          local
            ? 'true'
            : `case when address in ('all', 'samehost', 'samenet', 'localhost') then true
          when address ~ '^[0-9a-fA-F.:]+$' and netmask is not null and family(address::inet) = family(${from})
            then (address::inet & netmask::inet) = (${from} & netmask::inet) else false end`
        }
        and ${among('database', database, `n = 'sameuser' and ${role} = ${database} or n in ('samerole', 'samegroup') and ${memberOf(database)}`)}
        and ${among('user_name', role, `left(n, 1) = '+' and ${memberOf('substr(n, 2)')}`)}
      order by at limit 1)) as hba`
}

/**
 * What the server's own file says of the service's login, as role postgres over its socket; null
 * where nobody may ask. A name may lead to either family: the line whose method the refusal speaks
 * of was asked.
 * @param message how the server refused it
 */
export async function findHba(
  host: Host,
  database: DatabaseTarget,
  message: string,
): Promise<Hba | null> {
  let found: Hba | null = null
  for (const address of addressesOf(database, message)) {
    const rows = await askAsSuperuser(host, database, {
      question: `line of pg_hba.conf for role ${database.user}, database ${database.name}, ${address ?? 'socket'}`,
      sql: question(database, address),
    })
    const hba = (rows?.[0]?.hba as Hba | undefined) ?? null
    if (hba !== null && isOf(hba.decided, message)) return hba
    found ??= hba
  }
  return found
}

/** Whom the server may see; null over a socket. It says so itself where no line fits. */
function addressesOf({host}: DatabaseTarget, message: string): readonly (string | null)[] {
  if (host.startsWith('/')) return [null]
  const told = /for host "([^"]+)"/.exec(message)?.[1]
  if (told !== undefined && isAddress(told)) return [told]
  return isAddress(host) && isLoopback(host) ? [host] : ['127.0.0.1', '::1']
}

function isAddress(text: string): boolean {
  return /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/i.test(text)
}

/** How each method is named in a refusal (auth.c, auth_failed); a password is asked for by three. */
const named: Readonly<Record<string, string>> = {
  'scram-sha-256': 'password',
  md5: 'password',
  cert: 'certificate',
  gss: 'GSSAPI',
}

/** Whether a refusal speaks of this line; also true where it may, in another language. */
export function isOf(line: HbaLine | null, message: string): boolean {
  const said = /^(\w+) authentication failed for user/.exec(message)?.[1]
  if (said === undefined) return true
  return (named[line?.method ?? ''] ?? line?.method ?? '').toLowerCase() === said.toLowerCase()
}
