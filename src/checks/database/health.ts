import {hasSaid} from '../../facts/journal/told.ts'
import {askHealth, type Health, tightestLimit} from '../../facts/postgres/health.ts'
import {findSequencesBehind} from '../../facts/postgres/sequences.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {seenOrWhyNot} from '../../host/if-seen.ts'
import {plainPostgres} from '../../platform/platform.ts'
import {type Metric, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {databaseExists} from './exists.ts'
import {explanation} from './health.explanation.ts'
import {healthFacts} from './health.facts.ts'
import {type Asked, type Code, found, judge, mostInUse} from './health.findings.ts'
import {refusedConnections, timedOut} from './health.limits.ts'

/** Only what its health gives reason to ask. */
async function askedBeside(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  health: Health,
): Promise<Omit<Asked, 'behind'>> {
  const {unit, platform} = target
  const {encoding = 'UTF8', lostExtensions = null} = health
  const refused = {
    character: encoding !== 'UTF8' && (await hasSaid(host, unit, /has no equivalent in encoding/)),
    file: lostExtensions !== null && (await hasSaid(host, unit, /could not access file "/)),
  }
  const server =
    lostExtensions === null ? plainPostgres : await platform.findPostgres(host, database.port)
  return {
    refused,
    server,
    timedOut: await timedOut(host, target, database, health),
    refusedConnections: await refusedConnections(host, target, database, health),
  }
}

export const databaseHealth: CheckOf<Code> = {
  id: 'database/health',
  title: 'The database takes writes, holds what Django writes and has connections left',
  fix: 'sets a sequence that lies behind its table to the last value there',
  explanation,
  findings: found,
  needs: [databaseExists],
  facts: healthFacts,
  async run({host, target, resultOf}) {
    const opened = await resultOf(databaseExists)
    if (!opened) return ok('the service uses no PostgreSQL')
    const {database, mayConnect} = opened
    const {name} = database
    if (!mayConnect)
      return ok(`the role may not connect to database "${name}": see database/privileges`)
    const health = await askHealth(host, target, database)
    const connections = tightestLimit(health, database)
    const {used, limit} = connections
    const metrics: readonly Metric[] = [
      {
        name: 'connections',
        value: used,
        unit: '',
        direction: 'above',
        warning: mostInUse(limit),
        max: limit,
      },
    ]
    const behind = await seenOrWhyNot(findSequencesBehind(host, target, database))
    const asked = await askedBeside(host, target, database, health)
    const [worst, ...rest] = judge(target, database, health, connections, {
      ...asked,
      behind: behind instanceof CannotLook ? [] : behind,
    })
    if (worst) return [{...worst, metrics}, ...rest]
    if (behind instanceof CannotLook) throw behind
    return ok(`database "${name}" takes writes, and ${used} of ${limit} connections are in use`, {
      metrics,
    })
  },
}
