import {pathFacts} from '../../facts/picture/directories.ts'
import {serverFacts} from '../../facts/picture/postgres-server.ts'
import {clusterHome, findVersions} from '../../facts/postgres/cluster.ts'
import {isLocal} from '../../facts/postgres/postgres.ts'
import {knownDatabase} from '../../facts/target/target.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Which cluster runs, where it lies, and what is set in it while it runs. */
export async function clusterFacts(context: Context): Promise<readonly Seen[]> {
  const {host, target} = context
  const database = knownDatabase(target)
  if (!database || !isLocal(database)) return []
  const versions = (await ifTold(findVersions(host))) ?? []
  const [running, paths] = await Promise.all([
    serverFacts(host, database),
    pathFacts(
      context,
      versions.map(version => `${clusterHome}/${version}`),
    ),
  ])
  return [...running, ...paths]
}
