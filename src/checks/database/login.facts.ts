import {postgresFiles} from '../../facts/picture/postgres-files.ts'
import {serverFacts} from '../../facts/picture/postgres-server.ts'
import {databaseVariables} from '../../facts/picture/variables.ts'
import {knownDatabase} from '../../facts/target/target.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Who is let in, and what its role is. */
export async function loginFacts({host, target}: Context): Promise<readonly Seen[]> {
  const database = knownDatabase(target)
  if (!database) return []
  const [stated, files, server] = await Promise.all([
    databaseVariables(host, target),
    postgresFiles(host),
    serverFacts(host, database),
  ])
  const meant = (name: string): boolean => /^(?:role|pg_hba(?: order)?)\//.test(name)
  const more = [...files, ...server].filter(seen => 'name' in seen && meant(seen.name))
  return [...stated, ...more]
}
