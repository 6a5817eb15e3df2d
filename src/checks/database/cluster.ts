import {
  type Cluster,
  clusterHome,
  findCluster,
  findOlderClusters,
  findOldestMigration,
  findUnmounted,
  findVersions,
} from '../../facts/postgres/cluster.ts'
import {isLocal} from '../../facts/postgres/postgres.ts'
import {databaseOf, type Target} from '../../facts/target/target.ts'
import {CannotLook} from '../../host/host.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {start} from '../../remedies/service.ts'
import {type CodeOf, cause, finding, findingsOf, ok, type Verdict} from '../../report/finding.ts'
import {byHand, hand, run} from '../../report/step.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './cluster.explanation.ts'
import {clusterFacts} from './cluster.facts.ts'
import {databaseServer} from './server.ts'

const found = findingsOf(explanation, {
  'new-cluster': cause(
    'critical',
    ({version, directory}: Cluster, oldest: number | null, others: readonly string[]) => {
      const lacks = oldest === null ? 'no Django data' : 'no data from before it was made'
      const places = others.map(at => `${clusterHome}/${at}`).join(', ')
      return `PostgreSQL ${version} runs in ${directory}, which holds ${lacks}: the data is in ${places}`
    },
  ),
  'not-mounted': cause(
    'critical',
    (volume: string, directory: string) =>
      `${volume} is not mounted: PostgreSQL runs in an empty ${directory}`,
  ),
})

type Code = CodeOf<typeof found>

export const databaseCluster: CheckOf<Code> = {
  id: 'database/cluster',
  title: 'The running cluster is the one that holds the data',
  explanation,
  findings: found,
  needs: [databaseServer],
  facts: clusterFacts,
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    if (!isLocal(database))
      return ok(`PostgreSQL runs on ${database.host}: only that machine can see its directories`)
    const versions = await findVersions(host)
    const cluster = await findCluster(host, database)
    if (!cluster) {
      if (versions.length <= 1) return ok(`${clusterHome} holds no other cluster`)
      throw new CannotLook('only root can ask PostgreSQL which of several clusters it runs', {
        privilege: host.uid !== 0,
      })
    }
    const {directory, version, made} = cluster
    const volume = await findUnmounted(host, directory)
    if (volume) {
      const {unit: server} = await target.platform.findPostgres(host, database.port)
      return notMounted(target, volume, directory, server)
    }
    const others = await findOlderClusters(host, versions, cluster)
    if (others.length === 0) {
      return ok(`PostgreSQL ${version} runs in ${directory}, and no other cluster lies beside it`)
    }
    const oldest = await findOldestMigration(host, database)
    if (oldest !== null && oldest < made) {
      return ok(`PostgreSQL ${version} runs in ${directory}, and the data was carried over to it`)
    }
    return newCluster(target, cluster, oldest, others)
  },
}

function notMounted(
  target: Target,
  volume: string,
  directory: string,
  server: string,
): Verdict<Code> {
  const cure = remedy('Mount the volume, then start PostgreSQL in it', 'manual', [
    run('systemctl', 'stop', server),
    byHand('sudo', 'mount', volume),
    run('systemctl', 'start', server),
    start(target),
  ])
  return finding(found['not-mounted'](volume, directory), cure)
}

function newCluster(
  {platform}: Target,
  cluster: Cluster,
  oldest: number | null,
  others: readonly string[],
): Verdict<Code> {
  const [newest = ''] = others
  const since = new Date(cluster.made * 1000).toISOString()
  const cure = mend(
    'Go back to the version of the cluster with the data, then upgrade it as the manual says',
    platform.postgresVersion(newest),
    {first: [hand(`sudo ls -ld ${clusterHome}/*`)], whole: true},
  )
  const evidence = [`the cluster was made at ${since}`]
  return finding(found['new-cluster'](cluster, oldest, others), cure, {since, evidence})
}
