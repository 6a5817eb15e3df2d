import type {Host, Statement} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {DatabaseTarget} from '../target/database.ts'
import {isLocal, literal, type Row, socketOf} from './postgres.ts'

/** Where PostgreSQL's socket is on NixOS and on the FHS; /tmp is anybody's and never asked. */
const socketDirectories = ['/run/postgresql', '/var/run/postgresql']

/**
 * Asks as role postgres over PostgreSQL's own local socket, which only root can (as the user
 * postgres). Null where that cannot be asked: not root, a server elsewhere, no socket, another
 * superuser's name.
 */
export async function askAsSuperuser(
  host: Host,
  database: DatabaseTarget,
  statement: Statement,
  name = 'postgres',
): Promise<readonly Row[] | null> {
  if (host.uid !== 0 || !isLocal(database)) return null
  const {port} = database
  const own = socketDirectories.includes(database.host) ? [database.host] : socketDirectories
  for (const directory of own) {
    const socket = await ifSeen(host.stat(socketOf(directory, port)))
    if (socket?.type !== 'socket') continue
    const connection = {
      host: directory,
      port,
      user: 'postgres',
      database: name,
      password: null,
      as: 'postgres',
    }
    const answer = await ifSeen(host.query(connection, statement))
    return answer?.kind === 'rows' ? answer.rows : null
  }
  return null
}

/** What the server knows about a role: it gives a client one sentence for several faults. */
export interface Role {
  readonly canLogIn: boolean
  readonly expired: boolean
  readonly password: 'none' | 'scram' | 'md5'
  /** True where pg_hba.conf takes SCRAM only: a password that is stored as MD5 never passes. */
  readonly asksScram: boolean
}

const roleQuestion = (user: string): string =>
  [
    `select r.rolcanlogin as "canLogIn", coalesce(r.rolvaliduntil < now(), false) as expired,`,
    `case when r.rolpassword is null then 'none' when r.rolpassword like 'SCRAM-SHA-256$%' then 'scram'`,
    `else 'md5' end as password, (select coalesce(bool_and(auth_method = 'scram-sha-256'), false)`,
    `from pg_hba_file_rules where auth_method in ('scram-sha-256', 'md5', 'password')) as "asksScram"`,
    `from pg_authid r where r.rolname = ${literal(user)}`,
  ].join(' ')

/** Null when nobody may ask; `missing` when there is no such role. */
export async function findRole(
  host: Host,
  database: DatabaseTarget,
): Promise<Role | 'missing' | null> {
  const rows = await askAsSuperuser(host, database, {
    question: `role ${database.user}`,
    sql: roleQuestion(database.user),
  })
  if (!rows) return null
  const [row] = rows
  return row ? (row as unknown as Role) : 'missing'
}

/** Names of databases that differ from this one in case only. */
export async function findOtherSpellings(
  host: Host,
  database: DatabaseTarget,
): Promise<readonly string[]> {
  const name = literal(database.name)
  const rows = await askAsSuperuser(host, database, {
    question: `databases spelt like ${database.name}`,
    sql: `select datname from pg_database where lower(datname) = lower(${name}) and datname <> ${name}`,
  })
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

const useQuestion = ({user, name}: DatabaseTarget): string =>
  [
    `select (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,`,
    `current_setting('max_connections')::int as max, (select string_agg(usename || ' ' || n, ', '`,
    `order by n desc) from (select usename, count(*) as n from pg_stat_activity`,
    `where backend_type = 'client backend' group by usename) as roles) as "byRole",`,
    `(select rolconnlimit from pg_roles where rolname = ${literal(user)}) as "roleLimit",`,
    `(select datconnlimit from pg_database where datname = ${literal(name)}) as "databaseLimit"`,
  ].join(' ')

/** Who holds the server's connections; null when nobody may ask. */
export async function findConnectionUse(
  host: Host,
  database: DatabaseTarget,
): Promise<ConnectionUse | null> {
  const [row] =
    (await askAsSuperuser(host, database, {
      question: 'who holds connections',
      sql: useQuestion(database),
    })) ?? []
  return row ? (row as unknown as ConnectionUse) : null
}

/** Where pg_hba.conf is; null when nobody may ask. */
export async function findHbaFile(host: Host, database: DatabaseTarget): Promise<string | null> {
  const rows = await askAsSuperuser(host, database, {
    question: 'place of pg_hba.conf',
    sql: `select current_setting('hba_file') as file`,
  })
  const file = rows?.[0]?.file
  return file ? String(file) : null
}
