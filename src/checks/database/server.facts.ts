import {stateFact} from '../../facts/picture/dependencies.ts'
import {factsOf} from '../../facts/picture/facts.ts'
import {postgresFiles} from '../../facts/picture/postgres-files.ts'
import {ifTold} from '../../facts/picture/told.ts'
import {unitSettings} from '../../facts/picture/unit-settings.ts'
import {isLocal} from '../../facts/postgres/postgres.ts'
import {knownDatabase} from '../../facts/target/target.ts'
import {showUnit} from '../../facts/unit/systemd.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Where the service asks, and how PostgreSQL is started and configured, whether it runs or not. */
export async function serverFacts({host, target}: Context): Promise<readonly Seen[]> {
  const database = knownDatabase(target)
  if (!database) return []
  const {name, user, port, from, sslmode = '', options = ''} = database
  const asked = Object.entries({
    host: database.host,
    port: String(port),
    name,
    user,
    sslmode,
    options,
  })
  const stated = factsOf('database asked/', from, asked)
  if (!isLocal(database)) return stated
  const server = await ifTold(target.platform.findPostgres(host, port))
  const [unit, settings, files] = await Promise.all([
    server && ifTold(showUnit(host, server.unit)),
    server ? unitSettings(host, [{unit: server.unit, prefix: `dependency/${server.unit}/`}]) : [],
    postgresFiles(host),
  ])
  return [...stated, ...(unit ? [stateFact(unit)] : []), ...settings, ...files]
}
