import {askHealth, tightestLimit} from '../../facts/postgres/health.ts'
import {type Metric, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {databaseExists} from './exists.ts'
import {explanation} from './health.explanation.ts'
import {type Code, found, judge, mostInUse} from './health.findings.ts'

export const databaseHealth: CheckOf<Code> = {
  id: 'database/health',
  title: 'The database takes writes, keeps its sort order and has connections left',
  explanation,
  findings: found,
  needs: [databaseExists],
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
    const [worst, ...rest] = judge(target, database, health, connections)
    if (worst) return [{...worst, metrics}, ...rest]
    return ok(`database "${name}" takes writes, and ${used} of ${limit} connections are in use`, {
      metrics,
    })
  },
}
