import {isLocal} from '../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../facts/target/database.ts'
import type {Target} from '../facts/target/target.ts'
import {nothing, type Postgres} from '../platform/platform.ts'
import type {Remedy, Step} from '../report/finding.ts'
import {psql} from './psql.ts'
import {mend} from './remedy.ts'

/** The files of extensions, for a server that lacks them. @param after what waits for them. */
export function provideExtensions(
  {platform}: Target,
  database: DatabaseTarget,
  server: Postgres,
  names: readonly string[],
  after: readonly Step[] = [],
): Remedy {
  const summary = `Install ${names.join(', ')} for this PostgreSQL`
  if (isLocal(database)) return mend(summary, platform.postgresExtensions(server, names), {after})
  const first = [psql('select name from pg_available_extensions order by 1')]
  return mend(`${summary} on ${database.host}`, nothing, {first, after})
}
