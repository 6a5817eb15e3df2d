import {askAsSuperuser, isLocal} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {databaseOf} from '../../facts/target/target.ts'
import {showUnit} from '../../facts/unit/systemd.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {critical, ok} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {databaseServer} from './server.ts'

/** Where NixOS and Debian keep a cluster per major version. */
const home = '/var/lib/postgresql'

/** The upper half of a system identifier is the time of initdb (xlog.c, BootStrapXLOG), in seconds since the epoch. */
const clusterQuestion = `select current_setting('data_directory') as directory, current_setting('server_version_num')::int / 10000 as version,
  (select (system_identifier >> 32)::float8 from pg_control_system()) as made`

const oldestQuestion = `select extract(epoch from min(applied))::float8 as oldest from django_migrations`

export const databaseCluster: Check = {
  id: 'database/cluster',
  title: 'The running cluster is the one that holds the data',
  explanation: {
    why: `PostgreSQL keeps each major version in a directory of its own. A rebuild with another version starts a new, empty cluster
beside the old one; a volume that is not mounted leaves an empty directory where the data was. The service then migrates the empty
database and everything seems to work, but every account and upload is gone. Whoever creates the database there makes it worse.`,
    asks: `As root the role postgres is asked over its local socket for the data directory, and when the cluster was made (the upper
half of its system identifier). The other directories of ${home} are listed; where an older one lies beside it, the oldest row of
django_migrations tells: data that was carried over was written before the cluster was made. systemd is asked whether a volume for
the data directory is declared and not mounted.`,
    findings: {
      'new-cluster': {
        means: `Another cluster lies beside the running one, and the running one was made later than everything in it: the data is
still in the other one.`,
        remedy: `Go back to the version of the old cluster (on NixOS services.postgresql.package); then upgrade as the system's
manual says. Neither create the database nor migrate here.`,
      },
      'not-mounted': {
        means:
          'A volume is declared for the data directory and is not mounted: what runs is an empty cluster below it.',
        remedy: 'Stop PostgreSQL, mount the volume, start it again.',
      },
    },
    mistakenFor: `After an upgrade that succeeded the old directory stays for a while, too: rows older than the new cluster show that
the data came along. A cluster that was made after the running one, for an upgrade that is prepared or was taken back, does not
hold its data. A first installation is new as well, and has no other cluster beside it.`,
  },
  needs: [databaseServer],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    if (!isLocal(database)) return ok(`PostgreSQL runs on ${database.host}: its directories are looked at there`)
    const versions = (await host.list(home))?.filter(name => /^\d+$/.test(name)) ?? []
    const [row] = (await askAsSuperuser(host, database, clusterQuestion)) ?? []
    if (!row) {
      if (versions.length <= 1) return ok(`${home} holds no other cluster`)
      throw new CannotLook('only root can ask PostgreSQL which of several clusters it runs', {
        privilege: host.uid !== 0,
      })
    }
    const {directory, version, made} = row as {directory: string; version: number; made: number}
    const volume = await unmounted(host, directory)
    if (volume) {
      const {unit: server} = await target.platform.findPostgres(host, database.port)
      return critical(
        'not-mounted',
        `${volume} is not mounted: PostgreSQL runs in an empty ${directory}`,
        remedy('Mount the volume, then start PostgreSQL in it', 'manual', [
          run('systemctl', 'stop', server),
          hand(`sudo mount ${volume}`),
          run('systemctl', 'start', server),
          run('systemctl', 'start', target.unit.name),
        ]),
        {because: []},
      )
    }
    const others = await withData(host, versions, directory, made)
    const [other] = others
    if (other === undefined)
      return ok(`PostgreSQL ${version} runs in ${directory}, and no other cluster lies beside it`)
    const oldest = await oldestRow(host, database)
    if (oldest !== null && oldest < made) {
      return ok(`PostgreSQL ${version} runs in ${directory}, to which the data was carried over`)
    }
    const since = new Date(made * 1000).toISOString()
    const rows = oldest === null ? 'holds no data of Django' : 'holds nothing older'
    return critical(
      'new-cluster',
      `PostgreSQL ${version} runs in ${directory}, which ${rows}: the data lies in ${others.map(at => `${home}/${at}`).join(', ')}`,
      mend(
        'Go back to the version of the cluster with the data, then upgrade it as the manual says',
        target.platform.postgresVersion(other),
        {first: [hand(`sudo ls -ld ${home}/*`)], whole: true},
      ),
      {since, evidence: [`the cluster was made at ${since}`], because: []},
    )
  },
}

/**
 * The other versions that have data, the newest first. A cluster that was made later than the running one, as for an
 * upgrade that is prepared or was taken back, never held what is missing here: initdb writes PG_VERSION and nobody again.
 */
async function withData(
  host: Host,
  versions: readonly string[],
  running: string,
  made: number,
): Promise<readonly string[]> {
  const others = versions.filter(
    version => !running.startsWith(`${home}/${version}/`) && running !== `${home}/${version}`,
  )
  const holding = await Promise.all(
    others.map(async version => {
      // Debian has a directory per cluster below the version.
      const places = [`${home}/${version}/PG_VERSION`, `${home}/${version}/main/PG_VERSION`]
      const found = await Promise.all(places.map(place => isOlderCluster(host, place, made)))
      return found.includes(true) ? [version] : []
    }),
  )
  return holding.flat().sort((a, b) => Number(b) - Number(a))
}

async function isOlderCluster(host: Host, place: string, made: number): Promise<boolean> {
  const answer = await ifSeen(host.readFile(place))
  if (answer?.kind !== 'file') return false
  const stat = await ifSeen(host.stat(place))
  return stat === null || stat.mtime < made * 1000
}

/** Seconds since the epoch; null where Django has no tables. */
async function oldestRow(host: Host, database: DatabaseTarget): Promise<number | null> {
  const [row] = (await askAsSuperuser(host, database, oldestQuestion, database.name)) ?? []
  return typeof row?.oldest === 'number' ? row.oldest : null
}

/** The mount point above the data directory that systemd knows and has not mounted. */
async function unmounted(host: Host, directory: string): Promise<string | null> {
  const points = directory
    .split('/')
    .slice(1)
    .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`)
    .filter(point => point.startsWith('/var/lib/'))
  const units = await Promise.all(points.map(point => showUnit(host, `${escaped(point)}.mount`)))
  const index = units.findIndex(
    unit =>
      unit.get('LoadState') === 'loaded' && unit.get('ActiveState') !== 'active' && unit.get('FragmentPath') !== '',
  )
  return points[index] ?? null
}

/** As systemd-escape --path does. */
function escaped(path: string): string {
  return path
    .slice(1)
    .replace(/[^A-Za-z0-9:_./]/g, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('/', '-')
}
