import {hostPort, isLoopback} from '../../host/address.ts'
import {CannotLook, type Connection, type Host, type QueryAnswer} from '../../host/host.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'

type Row = Readonly<Record<string, unknown>>

/** How the service connects: over a Unix socket as its own user, since peer authentication asks who it is. */
export function serviceConnection(target: Target, database: DatabaseTarget): Connection {
  return {
    host: database.host,
    port: database.port,
    user: database.user,
    database: database.name,
    password: database.password,
    as: database.host.startsWith('/') ? target.user : null,
    ...(database.sslmode !== undefined && {sslmode: database.sslmode}),
    ...(database.options !== undefined && {options: database.options}),
  }
}

/** One question with the service's own credentials. */
export function askAsService(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  sql = 'select 1',
): Promise<QueryAnswer> {
  return host.query(serviceConnection(target, database), sql)
}

/**
 * Rows of a question inside the service's database; `denied` where its role may not connect to it (42501).
 * @throws CannotLook where the database cannot be asked this time.
 */
export async function askDatabase(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  sql: string,
): Promise<readonly Row[] | 'denied'> {
  const answer = await askAsService(host, target, database, sql)
  if (answer.kind === 'rows') return answer.rows
  if (answer.kind === 'error' && answer.sqlstate === '42501' && /^permission denied for database/.test(answer.message))
    return 'denied'
  throw new CannotLook(`database "${database.name}" could not be asked: ${answer.message}`)
}

/** A name inside an SQL statement. */
export function identifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/**
 * Whether the server answers at all: the service's own question where it can be asked, else anybody's, since every
 * answer of the server shows that it is there.
 */
export async function knock(host: Host, target: Target, database: DatabaseTarget): Promise<QueryAnswer> {
  const connection = serviceConnection(target, database)
  if (connection.as === null || host.uid === 0) return host.query(connection, 'select 1')
  const answer = await host.query({...connection, as: null}, 'select 1')
  if (answer.kind === 'unreachable' && /^(?:EACCES|EPERM)$/.test(answer.code)) {
    throw new CannotLook(`${placeOf(database)} may not be reached by this user`, {privilege: true})
  }
  return answer
}

/** True when any answer shows a server that takes connections: its refusals say who may not enter, or where. */
export function takesConnections(answer: Exclude<QueryAnswer, {kind: 'rows'}>): boolean {
  if (answer.kind === 'unreachable') return answer.code === 'password-required'
  return !/^(?:57P|53)/.test(answer.sqlstate)
}

/** `localhost:5432`, or the path of the socket. */
export function placeOf({host, port}: Pick<DatabaseTarget, 'host' | 'port'>): string {
  return host.startsWith('/') ? socketOf(host, port) : hostPort({host, port})
}

export function socketOf(directory: string, port: number): string {
  return `${directory.replace(/\/+$/, '')}/.s.PGSQL.${port}`
}

/** Whether the server must be on this machine. */
export function isLocal({host}: Pick<DatabaseTarget, 'host'>): boolean {
  return host.startsWith('/') || isLoopback(host)
}

/** A word inside an SQL statement (standard_conforming_strings). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Where PostgreSQL's socket is on NixOS and on the FHS; /tmp is anybody's and never asked. */
const socketDirectories = ['/run/postgresql', '/var/run/postgresql']

/**
 * Asks as role postgres over PostgreSQL's own local socket, which only root can (as the user postgres).
 * Null where that cannot be asked: not root, a server elsewhere, no socket, another superuser's name.
 */
export async function askAsSuperuser(
  host: Host,
  database: DatabaseTarget,
  sql: string,
  name = 'postgres',
): Promise<readonly Row[] | null> {
  if (host.uid !== 0 || !isLocal(database)) return null
  const {port} = database
  const own = socketDirectories.includes(database.host) ? [database.host] : socketDirectories
  try {
    for (const directory of own) {
      const socket = await host.stat(socketOf(directory, port))
      if (socket?.type !== 'socket') continue
      const connection = {host: directory, port, user: 'postgres', database: name, password: null, as: 'postgres'}
      const answer = await host.query(connection, sql)
      return answer.kind === 'rows' ? answer.rows : null
    }
  } catch (error) {
    if (!(error instanceof CannotLook)) throw error
  }
  return null
}

/** What the server knows of a role, for telling apart what it tells a client in one sentence. */
export interface Role {
  readonly canLogIn: boolean
  readonly expired: boolean
  readonly password: 'none' | 'scram' | 'md5'
  /** True where pg_hba.conf takes a password as SCRAM alone, which one that is stored as MD5 cannot satisfy. */
  readonly asksScram: boolean
}

/** Null when nobody may ask; `missing` when there is no such role. */
export async function findRole(host: Host, database: DatabaseTarget): Promise<Role | 'missing' | null> {
  const rows = await askAsSuperuser(
    host,
    database,
    `select r.rolcanlogin as "canLogIn", coalesce(r.rolvaliduntil < now(), false) as expired, case when r.rolpassword is null then 'none' when r.rolpassword like 'SCRAM-SHA-256$%' then 'scram' else 'md5' end as password, (select coalesce(bool_and(auth_method = 'scram-sha-256'), false) from pg_hba_file_rules where auth_method in ('scram-sha-256', 'md5', 'password')) as "asksScram" from pg_authid r where r.rolname = ${literal(database.user)}`,
  )
  if (!rows) return null
  const [row] = rows
  return row ? (row as unknown as Role) : 'missing'
}

/** Names of databases that differ from this one in case only. */
export async function findOtherSpellings(host: Host, database: DatabaseTarget): Promise<readonly string[]> {
  const name = literal(database.name)
  const rows = await askAsSuperuser(
    host,
    database,
    `select datname from pg_database where lower(datname) = lower(${name}) and datname <> ${name}`,
  )
  return (rows ?? []).map(({datname}) => String(datname))
}

export interface ConnectionUse {
  readonly used: number
  readonly max: number
  /** "prism 90, grafana 5" */
  readonly byRole: string
  /** -1 is no limit. */
  readonly roleLimit: number | null
  readonly databaseLimit: number | null
}

/** Who holds the server's connections; null when nobody may ask. */
export async function findConnectionUse(host: Host, database: DatabaseTarget): Promise<ConnectionUse | null> {
  const rows = await askAsSuperuser(
    host,
    database,
    `select (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used, current_setting('max_connections')::int as max, (select string_agg(usename || ' ' || n, ', ' order by n desc) from (select usename, count(*) as n from pg_stat_activity where backend_type = 'client backend' group by usename) as roles) as "byRole", (select rolconnlimit from pg_roles where rolname = ${literal(database.user)}) as "roleLimit", (select datconnlimit from pg_database where datname = ${literal(database.name)}) as "databaseLimit"`,
  )
  const [row] = rows ?? []
  return row ? (row as unknown as ConnectionUse) : null
}
