import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {timestampOf, type Unit} from '../../host/unit.ts'
import type {Postgres} from '../../platform/platform.ts'
import {findEntries} from '../journal/entries.ts'
import {shownBind} from '../target/bind.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'
import {findListeners, holderOf, type Listener, reaches} from '../unit/listeners.ts'
import {showUnit} from '../unit/systemd.ts'
import {isLocal, socketOf} from './postgres.ts'
import {lastReason, wordsOf} from './server-log.ts'

/**
 * The unit of PostgreSQL, or of one of its clusters ("postgresql@17-main.service"), whatever
 * platform it is.
 */
export function isPostgresUnit(name: string): boolean {
  return /^postgresql(?:@.+)?\.service$/.test(name)
}

/**
 * Makes the roles and databases on NixOS from 25.11; before, postgresql.service did it itself
 * (ExecStartPost=).
 */
export const setupUnitName = 'postgresql-setup.service'

/**
 * A `wrapper` is active whatever becomes of what it started (Debian's postgresql.service, where no
 * cluster is known).
 */
export type ServerState =
  | 'missing'
  | 'masked'
  | 'failed'
  | 'restarting'
  | 'starting'
  | 'stopped'
  | 'wrapper'
  | 'running'

/** What is known on this machine of a PostgreSQL that was not reached. */
export interface ServerUnit {
  readonly unit: Unit
  readonly server: Postgres
  readonly state: ServerState
  /** "inactive (dead)" */
  readonly words: string
  readonly since: string | null
  /** Since when it runs or tries to, for a server that is not ready. */
  readonly started: string | null
  readonly restarts: number
  /** The last fatal line of its journal, or null. */
  readonly reason: string | null
}

/** Null where the server is not on this machine. */
export async function findServerUnit(
  host: Host,
  {platform}: Pick<Target, 'platform'>,
  database: DatabaseTarget,
): Promise<ServerUnit | null> {
  if (!isLocal(database)) return null
  const server = await platform.findPostgres(host, database.port)
  const unit = await showUnit(host, server.unit)
  const state = stateOf(unit)
  const restarts = Number(unit.get('NRestarts')) || 0
  const broken =
    state === 'failed' || state === 'restarting' || (state === 'starting' && restarts > 0)
  const since =
    state === 'running'
      ? null
      : (timestampOf(unit, 'InactiveEnterTimestamp') ?? timestampOf(unit, 'StateChangeTimestamp'))
  return {
    unit,
    server,
    state,
    words: `${unit.get('ActiveState')} (${unit.get('SubState')})`,
    since: state === 'missing' || state === 'masked' ? null : since,
    started:
      timestampOf(unit, 'ExecMainStartTimestamp') ?? timestampOf(unit, 'InactiveExitTimestamp'),
    restarts,
    reason: broken ? (killedBy(unit) ?? (await lastWords(host, server))) : null,
  }
}

/**
 * The last fatal words: of its journal, which has those of a start, else of its log where it has
 * one.
 */
async function lastWords(host: Host, {unit, log}: Postgres): Promise<string | null> {
  const said = lastReason(await messagesOf(host, unit))
  if (said !== null || log === null) return said
  // As its own user, who can read it: what lies there belongs to the server, and may be a link.
  const argv = ['tail', '-c', String(logTail), '--', log]
  const tail = await ifSeen(host.exec(argv, {question: `end of ${log}`, user: 'postgres'}))
  return tail?.exitCode === 0 ? lastReason(host.secrets.conceal(tail.stdout).split('\n')) : null
}

/** Bytes of the end of a log that are read. */
const logTail = 65_536

/** Whoever is killed says nothing: what its journal ends with is something else. */
function killedBy(unit: Unit): string | null {
  const result = unit.get('Result')
  if (result === 'oom-kill') return 'the kernel killed it because memory ran out'
  return result === 'signal' ? `it was killed by signal ${unit.get('ExecMainStatus')}` : null
}

function stateOf(unit: Unit): ServerState {
  const load = unit.get('LoadState')
  if (load === 'not-found') return 'missing'
  if (load === 'masked') return 'masked'
  const active = unit.get('ActiveState')
  const sub = unit.get('SubState')
  if (sub.startsWith('auto-restart')) return 'restarting'
  if (active === 'failed') return 'failed'
  if (active === 'activating' || active === 'reloading') return 'starting'
  if (active === 'active') return sub === 'exited' ? 'wrapper' : 'running'
  return 'stopped'
}

export interface UnfinishedSetup {
  readonly state: 'failed' | 'running'
  /** The error that it ended with, or null. */
  readonly reason: string | null
}

/** Null where roles and databases were made, or are made otherwise. */
export async function findUnfinishedSetup(
  host: Host,
  database: DatabaseTarget,
): Promise<UnfinishedSetup | null> {
  if (!isLocal(database)) return null
  const unit = await ifSeen(showUnit(host, setupUnitName))
  if (unit?.get('LoadState') !== 'loaded') return null
  const active = unit.get('ActiveState')
  if (active === 'activating') return {state: 'running', reason: null}
  if (active !== 'failed') return null
  return {state: 'failed', reason: await findSetupError(host)}
}

/** The last error in the journal of postgresql-setup.service. */
export async function findSetupError(host: Host): Promise<string | null> {
  const said = (await messagesOf(host, setupUnitName)).findLast(message => setupError.test(message))
  return said ? wordsOf(said) : null
}

const setupError = /\b(?:ERROR|FATAL|error): |Failed at step /

/** The end of a unit's journal, empty where it may not be read. */
async function messagesOf(host: Host, name: string): Promise<readonly string[]> {
  const entries = await findEntries(host, [{unit: name}], 100)
  return (entries ?? []).map(({text}) => text)
}

/** Where programs that are PostgreSQL, or stand before one, listen. */
const postgresName = /^(?:postgres|postmaster|\.postgres|pgbouncer|pgpool|pgcat|odyssey)/

export interface PostgresListeners {
  /** Its program when that is known, and is no PostgreSQL: "python3 (pid 155)". */
  readonly stranger: string | null
  /**
   * PostgreSQL's own where the service asks: not reached where a name means another address than
   * usual.
   */
  readonly unreached: readonly string[]
  /** Where PostgreSQL listens instead: addresses and sockets, as people write them. */
  readonly elsewhere: readonly string[]
}

/**
 * Who listens where the service asks, and where PostgreSQL does; null when nobody can tell, or it
 * is elsewhere.
 */
export async function findPostgresListeners(
  host: Host,
  database: DatabaseTarget,
): Promise<PostgresListeners | null> {
  if (!isLocal(database)) return null
  const listeners = await findListeners(host)
  if (!listeners) return null
  const asked = database.host.startsWith('/')
    ? {socketPath: socketOf(database.host, database.port)}
    : database
  const here = listeners.filter(listener => reaches(listener, asked))
  const [first] = here
  const known = here.flatMap(({processes}) => processes)
  const elsewhere = listeners.filter(
    listener => !here.includes(listener) && (isPostgres(listener) || isPostgresSocket(listener)),
  )
  return {
    stranger:
      first && known.length > 0 && !known.some(({name}) => postgresName.test(name))
        ? holderOf(first)
        : null,
    unreached: here.filter(isPostgres).map(({at}) => shownBind(at)),
    elsewhere: [...new Set(elsewhere.map(({at}) => shownBind(at)))],
  }
}

function isPostgres({processes}: Listener): boolean {
  return processes.some(({name}) => postgresName.test(name))
}

/** Whoever may not see the processes still sees the names of sockets. */
function isPostgresSocket({at}: Listener): boolean {
  return 'socketPath' in at && /\/\.s\.PGSQL\.\d+$/.test(at.socketPath)
}
