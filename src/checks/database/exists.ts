import {askAsService, findOtherSpellings, identifier, isLocal} from '../../facts/postgres/postgres.ts'
import {findUnfinishedSetup} from '../../facts/postgres/postgres-unit.ts'
import {databaseOf, type Target} from '../../facts/target/target.ts'
import {notSetUp} from '../../findings/database-setup.ts'
import {psql} from '../../findings/psql.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {critical, ok, type Verdict} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {databaseLogin} from './login.ts'

export const databaseExists: Check = {
  id: 'database/exists',
  title: 'The database exists and is open',
  fix: 'creates the database while database/cluster is ok',
  explanation: {
    why: `Without its database the service cannot start or answers every page with an error, and a database that has disappeared
is a reason to look for the data before anything is created.`,
    asks: `The service's own connection tells: after the login PostgreSQL opens the database, and says 3D000 when there is none of
that name, or 55000 when it is closed. What lies in /var/lib/postgresql is listed beside it.`,
    findings: {
      missing: {
        means: `There is no database of that name. It may have been forgotten; but after a change of PostgreSQL's major version it is
as well the sign of a new, empty cluster beside the old one that still holds everything, or of a volume that is not
mounted. Where postgresql-setup.service failed or is still running, it says so.`,
        remedy: `Make sure that no other cluster holds the data; only then create the database, or declare it in
ensureDatabases, and restart.`,
      },
      closed: {
        means: 'The database is there and accepts no connections.',
        remedy: 'Open it (alter database … allow_connections true).',
      },
    },
    mistakenFor: `A role that may not connect to a database that is there is a matter of database/privileges. A mistyped name may be
refused earlier, for want of a line in pg_hba.conf: database/login says so.`,
  },
  needs: [databaseLogin],
  explainedBy: ['database/cluster'],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    const {name, user} = database
    const answer = await askAsService(host, target, database)
    if (answer.kind === 'unreachable') throw new CannotLook(`PostgreSQL did not answer this time: ${answer.message}`)
    if (answer.kind === 'rows' || answer.sqlstate === '42501') return ok(`database "${name}" exists`)
    const evidence = [`${answer.sqlstate} ${answer.message}`]
    if (answer.sqlstate === '3D000') {
      const create = [run('runuser', '-u', 'postgres', '--', 'createdb', '-O', user, '--', name), restart(target)]
      const lasts = target.platform.database(name)
      const others = await findOtherSpellings(host, database)
      if (others.length > 0) return otherSpelling(target, name, others, evidence)
      const setup = await findUnfinishedSetup(host, database)
      if (setup) return notSetUp(target, 'missing', `database "${name}" does not exist`, setup, evidence)
      const clusters = isLocal(database) ? await findClusters(host) : null
      return critical(
        'missing',
        `database "${name}" does not exist`,
        clusters?.length === 1
          ? {
              ...kept(
                remedy('Create the database, unless another cluster should hold the data', 'disruptive', create),
                lasts,
              ),
              requires: ['database/cluster'],
            }
          : kept(
              remedy('Make sure that no other cluster holds the data, then create the database', 'manual', [
                hand('sudo ls /var/lib/postgresql'),
                ...create,
              ]),
              lasts,
            ),
        {
          evidence: clusters
            ? [...evidence, `/var/lib/postgresql holds ${clusters.join(', ') || 'nothing'}`]
            : evidence,
        },
      )
    }
    if (answer.sqlstate === '55000') {
      return critical(
        'closed',
        `database "${name}" does not accept connections`,
        remedy('Open the database', 'manual', [psql(`alter database ${identifier(name)} allow_connections true`)]),
        {evidence, because: []},
      )
    }
    throw new CannotLook(`PostgreSQL could not open database "${name}": ${answer.message}`)
  },
}

/** Names in quotes keep their case: a second, empty database is not what was meant. */
function otherSpelling(target: Target, name: string, others: readonly string[], evidence: readonly string[]): Verdict {
  return critical(
    'missing',
    `database "${name}" does not exist; "${others.join('", "')}" does`,
    mend(
      'Write the name as the database has it',
      restated(target, databaseOf(target)?.stated.name ?? {variable: null, file: null}),
      {after: [restart(target)]},
    ),
    {evidence, because: []},
  )
}

/** The major versions that have data in the usual place; null where nobody may look. */
async function findClusters(host: Host): Promise<readonly string[] | null> {
  try {
    return (await host.list('/var/lib/postgresql'))?.filter(name => /^\d+$/.test(name)) ?? []
  } catch (error) {
    if (error instanceof CannotLook) return null
    throw error
  }
}
