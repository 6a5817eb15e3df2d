import {hostPort, isLoopback} from '../../host/address.ts'
import {
  CannotLook,
  type Connection,
  type Host,
  type QueryAnswer,
  type Statement,
} from '../../host/host.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'

export type Row = Readonly<Record<string, unknown>>

/**
 * How the service connects: over a Unix socket as its own user, since peer authentication asks who
 * it is.
 */
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

/** Whether the server lets somebody in and answers. */
const anything: Statement = {question: 'anything', sql: 'select 1'}

/** One question with the service's own credentials. */
export function askAsService(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  statement = anything,
): Promise<QueryAnswer> {
  return host.query(serviceConnection(target, database), statement)
}

/**
 * Rows of a question inside the service's database.
 * @throws CannotLook where the database does not answer it this time.
 */
export async function rowsAsService(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  statement: Statement,
): Promise<readonly Row[]> {
  return rowsOf(database, await askAsService(host, target, database, statement))
}

/** @throws CannotLook where the answer is not rows. */
export function rowsOf({name}: DatabaseTarget, answer: QueryAnswer): readonly Row[] {
  if (answer.kind === 'rows') return answer.rows
  throw new CannotLook(`database "${name}" could not be asked: ${answer.message}`)
}

/** A word inside an SQL statement (standard_conforming_strings). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name inside an SQL statement. */
export function identifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/**
 * Whether the server answers at all: the service's own question where it can be asked, else
 * anybody's, since every answer of the server shows that it is there.
 */
export async function knock(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<QueryAnswer> {
  const connection = serviceConnection(target, database)
  if (connection.as === null || host.uid === 0) return host.query(connection, anything)
  const answer = await host.query({...connection, as: null}, anything)
  if (answer.kind === 'unreachable' && /^(?:EACCES|EPERM)$/.test(answer.code)) {
    throw new CannotLook(`${placeOf(database)} may not be reached by this user`, {privilege: true})
  }
  return answer
}

/**
 * True when any answer shows a server that takes connections: its refusals say who may not enter,
 * or where.
 */
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
