import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {DatabaseTarget} from '../target/database.ts'
import {showUnit} from '../unit/systemd.ts'
import {databases, roles} from './roles.ts'
import {askAsSuperuser} from './superuser.ts'

/** Where NixOS and Debian keep a cluster per major version. */
export const clusterHome = '/var/lib/postgresql'

/** Facts of the whole server: with as many not all were told. */
export const mostOfServer = 5000

/** The running cluster. */
export interface Cluster {
  /** Its data directory. */
  readonly directory: string
  readonly version: number
  /** When initdb made it, in seconds since the epoch. */
  readonly made: number
  /**
   * Facts of the whole server for a picture; a recording of an older version lacks them, and so
   * does a server that has none.
   */
  readonly server?: readonly {readonly name: string; readonly value: string | null}[] | null
}

/**
 * Asked with the rest, since each question as postgres takes a process. Of a password only a number
 * is told that changes with it.
 */
const serverWide = `select 'role/' || name as name, value from (${roles}) r where name !~ '^pg_'
    union all select 'pg_database/' || name, value from (${databases}) d where name !~ '^template[01](/|$)'
    union all select 'role/' || rolname || '/password', hashtext(rolpassword)::text from pg_authid where rolpassword is not null
    union all select 'postgresql/running/' || name, setting from pg_settings
      where source in ('command line', 'environment variable', 'global') or name = 'server_version'`

/** The upper half of a system identifier is the time of initdb (xlog.c, BootStrapXLOG). */
const clusterQuestion = {
  question: 'cluster',
  sql: `select current_setting('data_directory') as directory, current_setting('server_version_num')::int / 10000 as version,
  (select (system_identifier >> 32)::float8 from pg_control_system()) as made,
  (select json_agg(f order by name) from (${serverWide} limit ${mostOfServer}) f) as server`,
}

/** Null where nobody may ask. */
export async function findCluster(host: Host, database: DatabaseTarget): Promise<Cluster | null> {
  const [row] = (await askAsSuperuser(host, database, clusterQuestion)) ?? []
  return row ? (row as unknown as Cluster) : null
}

const oldestQuestion = {
  question: 'first migration',
  sql: 'select extract(epoch from min(applied))::float8 as oldest from django_migrations',
}

/** When the oldest migration was applied, as {@link Cluster.made}; null without Django's tables. */
export async function findOldestMigration(
  host: Host,
  database: DatabaseTarget,
): Promise<number | null> {
  const [row] = (await askAsSuperuser(host, database, oldestQuestion, database.name)) ?? []
  return typeof row?.oldest === 'number' ? row.oldest : null
}

/**
 * The major versions of which something lies in the usual place, whether a cluster or not.
 * @throws CannotLook where this user may not see it.
 */
export async function findVersions(host: Host): Promise<readonly string[]> {
  return (await host.list(clusterHome))?.filter(name => /^\d+$/.test(name)) ?? []
}

/**
 * The other versions that have data, the newest first. A cluster that was made later than the
 * running one, as for an upgrade that is prepared or was taken back, never held what is missing
 * here: only initdb writes PG_VERSION.
 */
export async function findOlderClusters(
  host: Host,
  versions: readonly string[],
  {directory, made}: Cluster,
): Promise<readonly string[]> {
  const others = versions.filter(
    version => !`${directory}/`.startsWith(`${clusterHome}/${version}/`),
  )
  const holding = await Promise.all(
    others.map(async version => {
      // Debian has a directory per cluster below the version.
      const places = [
        `${clusterHome}/${version}/PG_VERSION`,
        `${clusterHome}/${version}/main/PG_VERSION`,
      ]
      const found = await Promise.all(places.map(place => isOlder(host, place, made)))
      return found.includes(true) ? [version] : []
    }),
  )
  return holding.flat().sort((a, b) => Number(b) - Number(a))
}

async function isOlder(host: Host, place: string, made: number): Promise<boolean> {
  const answer = await ifSeen(host.readFile(place))
  if (answer?.kind !== 'file') return false
  const stat = await ifSeen(host.stat(place))
  return stat === null || stat.mtime < made * 1000
}

/** The mount point above a data directory that systemd knows and has not mounted. */
export async function findUnmounted(host: Host, directory: string): Promise<string | null> {
  const points = directory
    .split('/')
    .slice(1)
    .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`)
    .filter(point => point.startsWith('/var/lib/'))
  const units = await Promise.all(points.map(point => showUnit(host, `${escaped(point)}.mount`)))
  const index = units.findIndex(
    unit =>
      unit.get('LoadState') === 'loaded' &&
      unit.get('ActiveState') !== 'active' &&
      unit.get('FragmentPath') !== '',
  )
  return points[index] ?? null
}

/** As systemd-escape --path does. */
function escaped(path: string): string {
  return path
    .slice(1)
    .replace(
      /[^A-Za-z0-9:_./]/g,
      character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
    )
    .replaceAll('/', '-')
}
