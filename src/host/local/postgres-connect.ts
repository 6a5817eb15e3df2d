import {type LookupFunction, type NetConnectOpts, Socket} from 'node:net'
import type {Client as PgClient} from 'pg'
import type {Connection, QueryAnswer} from '../host.ts'
import {provingSilence, within} from '../time-left.ts'
import {telling} from './attempts.ts'
import {limitReceived} from './received.ts'
import {addressesOf, lookupIn, type Resolve} from './resolve.ts'

/**
 * Milliseconds after which a server that was reached and says nothing is not answering, where the
 * run has time for them.
 */
export interface PostgresLimits {
  readonly connect: number
  readonly query: number
}

/** How servers are reached. */
export interface Network {
  /** The connections, for whoever ends them. */
  readonly sockets: Set<Socket>
  readonly resolve: Resolve
}

/** The open client, or how the connection failed. */
export type Opened = {readonly client: PgClient} | Exclude<QueryAnswer, {kind: 'rows'}>

class PasswordRequired extends Error {
  readonly code = 'password-required'
}

/**
 * libpq's `prefer`: TLS where the server has it, plain otherwise, and plain again when pg_hba
 * refuses TLS.
 */
export async function open(
  connection: Connection,
  limits: PostgresLimits,
  {sockets, resolve}: Network,
): Promise<Opened> {
  const {host, sslmode = 'prefer'} = connection
  const addresses = host.startsWith('/') ? [] : await addressesOf(host, resolve).catch(answerOf)
  if ('kind' in addresses) return addresses
  const common = {limits, sockets, lookup: lookupIn(addresses)}
  const attempt = async (encrypt: boolean): Promise<Opened> => {
    const opened = await connect(connection, {...common, encrypt, bounded: true})
    // A pooler (PgBouncer) knows no statement_timeout and says so before it asks for the password.
    const unknownParameter =
      'sqlstate' in opened && /unsupported startup parameter/.test(opened.message)
    return unknownParameter ? connect(connection, {...common, encrypt, bounded: false}) : opened
  }
  if (host.startsWith('/') || sslmode === 'disable') return attempt(false)
  const encrypted = await attempt(true)
  if ('client' in encrypted || !['prefer', 'allow'].includes(sslmode)) return encrypted
  const refusesTls = encrypted.kind === 'error' && encrypted.sqlstate === '28000'
  const hasNoTls = encrypted.kind === 'unreachable' && encrypted.code === 'no-tls'
  return refusesTls || hasNoTls ? attempt(false) : encrypted
}

interface Attempt {
  readonly encrypt: boolean
  readonly limits: PostgresLimits
  readonly sockets: Set<Socket>
  readonly lookup: LookupFunction
  /**
   * Asks the server to end a statement that takes too long, so that it does not go on without us.
   */
  readonly bounded: boolean
}

async function connect(
  {host, port, user, database, password, options}: Connection,
  {encrypt, limits, sockets, lookup, bounded}: Attempt,
): Promise<Opened> {
  const {Client} = await import('pg')
  const client = new Client({
    host,
    port,
    user,
    database,
    // pg takes PGPASSWORD and ~/.pgpass for an empty string; libpq says "no password supplied".
    password: () => {
      if (!password) throw new PasswordRequired('the server asks for a password and none is set')
      return password
    },
    ssl: encrypt ? {rejectUnauthorized: false} : false,
    stream: () => {
      const socket = socketThat(lookup)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      limitReceived(socket)
      return socket
    },
    application_name: 'prism-doctor',
    ...(options !== undefined && {options}),
    connectionTimeoutMillis: within(limits.connect, provingSilence),
    ...(bounded && {statement_timeout: within(limits.query, provingSilence)}),
  })
  client.connection.once('sslconnect', () => limitReceived(client.connection.stream))
  // An idle client's error would otherwise be thrown out of nowhere.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return {client}
  } catch (error) {
    client.end().catch(() => undefined)
    return answerOf(error)
  }
}

/** pg connects it by port and name, and takes no lookup. */
function socketThat(lookup: LookupFunction): Socket {
  const socket = new Socket()
  const connectTo = socket.connect.bind(socket) as (options: NetConnectOpts) => Socket
  socket.connect = (to: unknown, host?: unknown): Socket =>
    typeof host === 'string'
      ? connectTo({port: Number(to), host, lookup})
      : connectTo({path: String(to)})
  return socket
}

/** How a connection or a question failed. */
export function answerOf(error: unknown): Exclude<QueryAnswer, {kind: 'rows'}> {
  const inner = error instanceof AggregateError ? telling(error) : error
  const {code, message, severity, detail, hint} = inner as {
    code?: string
    message: string
    severity?: string
    detail?: string
    hint?: string
  }
  if (severity && code)
    return {
      kind: 'error',
      sqlstate: code,
      severity,
      message,
      detail: detail ?? null,
      hint: hint ?? null,
    }
  return {kind: 'unreachable', code: code ?? unnamedFailure(message), message}
}

/** What pg says in words only. */
function unnamedFailure(message: string): string {
  if (/does not support SSL/.test(message)) return 'no-tls'
  if (/timeout/i.test(message)) return 'ETIMEDOUT'
  if (/error establishing an SSL connection|invalid response|Unknown message/i.test(message))
    return 'not-postgres'
  return /terminated/.test(message) ? 'ECONNRESET' : 'EPROTO'
}
