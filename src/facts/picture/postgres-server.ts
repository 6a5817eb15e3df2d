import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {findCluster, mostOfServer} from '../postgres/cluster.ts'
import {isLocal} from '../postgres/postgres.ts'
import type {DatabaseTarget} from '../target/database.ts'
import {discreetFact, factOf} from './facts.ts'
import {isDiscreetRow} from './postgres-discretion.ts'

/** What only role postgres may see of the whole server, and of roles that are not let in. */
export async function serverFacts(host: Host, database: DatabaseTarget): Promise<readonly Seen[]> {
  if (!isLocal(database)) return []
  const cluster = await ifTold(findCluster(host, database))
  if (!cluster) return []
  const source = `PostgreSQL, port ${database.port}`
  const facts = (cluster.server ?? []).map(({name, value}) =>
    (isDiscreetRow(name, value ?? '') ? discreetFact : factOf)(name, source, value ?? ''),
  )
  const wholes =
    facts.length > 0 && facts.length < mostOfServer
      ? ['role/', 'pg_database/', 'postgresql/running/']
      : []
  return [
    ...wholes.map(whole),
    factOf('postgresql/data', source, cluster.directory),
    // initdb makes each cluster once, and no two in the same second.
    factOf('postgresql/made', source, new Date(cluster.made * 1000).toISOString()),
    ...facts,
  ]
}
