import {clusterHome, findVersions} from '../../facts/postgres/cluster.ts'
import {isLocal} from '../../facts/postgres/postgres.ts'
import {findUnfinishedSetup} from '../../facts/postgres/postgres-unit.ts'
import {findOtherSpellings} from '../../facts/postgres/superuser.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {nothing} from '../../platform/platform.ts'
import {finishSetup, setupWords} from '../../remedies/database-setup.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  type Finding,
  finding,
  findingsOf,
  type Remedy,
} from '../../report/finding.ts'
import {byHand, run} from '../../report/step.ts'
import {explanation} from './exists.explanation.ts'

export const found = findingsOf(explanation, {
  missing: cause('critical', (name: string, but = '') => `database "${name}" does not exist${but}`),
  'no-locale': cause(
    'critical',
    (name: string, locale: string) =>
      `database "${name}" sorts by the locale ${locale}, which this system does not have`,
  ),
  closed: cause('critical', (name: string) => `database "${name}" does not accept connections`),
})

export type Code = CodeOf<typeof found>

export async function missing(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Finding<'critical', Code>> {
  const {name} = database
  // Names in quotes keep their case: a second, empty database is not what was meant.
  const others = await findOtherSpellings(host, database)
  if (others.length > 0) {
    const but = `; "${others.join('", "')}" does`
    const cure = mend(
      'Spell the name as the database does',
      restated(target, database.stated.name),
      {
        after: [restart(target)],
      },
    )
    return finding(found.missing(name, but), cure, {evidence})
  }
  const setup = await findUnfinishedSetup(host, database)
  if (setup) {
    const details = {evidence, because: ['service/dependencies']} as const
    return finding(found.missing(name, setupWords(setup)), finishSetup(target, setup), details)
  }
  const clusters = isLocal(database) ? await ifSeen(findVersions(host)) : null
  const listed = clusters ? [`${clusterHome} holds ${clusters.join(', ') || 'nothing'}`] : []
  return finding(found.missing(name), createDatabase(target, database, clusters?.length === 1), {
    evidence: [...evidence, ...listed],
  })
}

/** @param alone no other cluster lies beside the one that answers, which might hold the data. */
function createDatabase(target: Target, {name, user}: DatabaseTarget, alone: boolean): Remedy {
  const create = [
    run('runuser', '-u', 'postgres', '--', 'createdb', '-O', user, '--', name),
    restart(target),
  ]
  const lasts = target.platform.database(name)
  if (alone) {
    const cure = remedy(
      'Create the database, unless another cluster should hold the data',
      'disruptive',
      create,
    )
    return {...kept(cure, lasts), requires: ['database/cluster']}
  }
  const look = byHand('sudo', 'ls', clusterHome)
  return kept(
    remedy('Make sure that no other cluster holds the data, then create the database', 'manual', [
      look,
      ...create,
    ]),
    lasts,
  )
}

/** @param locale as PostgreSQL names it. */
export async function withoutLocale(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  locale: string,
  evidence: readonly string[],
): Promise<Finding<'critical', Code>> {
  const said = found['no-locale'](database.name, locale)
  const {platform} = target
  const server = await platform.findPostgres(host, database.port)
  const means = isLocal(database) ? platform.postgresLocale(server, locale) : nothing
  const cure = mend(`Make the locale ${locale}, then restart PostgreSQL and the service`, means, {
    after: [restart(target)],
    whole: true,
  })
  return finding(said, cure, {evidence})
}
