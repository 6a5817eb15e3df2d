import {stateFact} from '../../facts/picture/dependencies.ts'
import {postgresFiles} from '../../facts/picture/postgres-files.ts'
import {dependencySettings, postgresUnit} from '../../facts/picture/unit-settings.ts'
import {databaseVariables} from '../../facts/picture/variables.ts'
import {isLocal} from '../../facts/postgres/postgres.ts'
import {knownDatabase} from '../../facts/target/target.ts'
import {showUnit} from '../../facts/unit/systemd.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Where the service asks, and how PostgreSQL is started and configured, whether it runs or not. */
export async function serverFacts({host, target}: Context): Promise<readonly Seen[]> {
  const database = knownDatabase(target)
  if (!database) return []
  const stated = await databaseVariables(host, target)
  if (!isLocal(database)) return stated
  const server = await postgresUnit(host, target)
  const [unit, settings, files] = await Promise.all([
    server && ifTold(showUnit(host, server)),
    dependencySettings(host, target, server ? [server] : []),
    postgresFiles(host),
  ])
  return [...stated, ...(unit ? [stateFact(unit)] : []), ...settings, ...files]
}
