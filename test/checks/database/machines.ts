import type {Connection, Host} from '../../../src/host/host.ts'
import {createPostgres} from '../../../src/host/local/postgres.ts'
import {type Edits, machine} from '../../machine.ts'
import {startPostgres, type TestPostgres} from '../../postgres.ts'
import {resolve} from '../../resolve.ts'

/**
 * A server of which everybody is believed: whether a role may log in is not what these tests are
 * about.
 */
export async function openServer(): Promise<TestPostgres> {
  const server = await startPostgres()
  await server.hba('local all all trust', 'host all all all trust')
  await server.sql('create role prism login')
  await server.sql('create database prism owner prism')
  return server
}

/** A recorded machine whose PostgreSQL is a real one. @param database in place of its own. */
export function withServer(
  server: TestPostgres,
  edits: Edits = {},
  name = 'healthy',
  database?: string,
): Host & {close(): void} {
  const postgres = createPostgres(resolve)
  const redirect = (connection: Connection): Connection => ({
    ...connection,
    host: connection.host.startsWith('/') ? server.socketDirectory : server.host,
    port: server.port,
    as: null,
    ...(database !== undefined && {database}),
  })
  return {
    ...machine(name, edits),
    query: (connection, {sql}) => postgres.query(redirect(connection), sql),
    close: postgres.close,
  }
}
