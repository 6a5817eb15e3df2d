import {isLocal} from '../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../facts/target/database.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import type {Postgres} from '../platform/platform.ts'
import type {Step} from '../report/finding.ts'
import {byHand, readJournal} from '../report/step.ts'

/** What PostgreSQL said last, wherever it says it. */
export function readServerLog({unit, log}: Pick<Postgres, 'unit' | 'log'>): Step {
  return log === null ? readJournal(unit) : byHand('sudo', 'tail', '-n', '50', log)
}

/** The same of the service's server; nothing where that is on another machine. */
export async function readLocalLog(
  host: Host,
  {platform}: Pick<Target, 'platform'>,
  database: DatabaseTarget,
): Promise<readonly Step[]> {
  if (!isLocal(database)) return []
  return [readServerLog(await platform.findPostgres(host, database.port))]
}
