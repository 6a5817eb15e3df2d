import {serverFacts} from '../../facts/picture/postgres-server.ts'
import {databaseVariables} from '../../facts/picture/variables.ts'
import {knownDatabase} from '../../facts/target/target.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Every database of the server, and whether it lets anybody in. */
export async function existsFacts({host, target}: Context): Promise<readonly Seen[]> {
  const database = knownDatabase(target)
  if (!database) return []
  const [stated, server] = await Promise.all([
    databaseVariables(host, target),
    serverFacts(host, database),
  ])
  const databases = server.filter(seen =>
    'name' in seen ? seen.name.startsWith('pg_database/') : seen.whole === 'pg_database/',
  )
  return [...stated, ...databases]
}
