import {identifier, isLocal, placeOf} from '../../facts/postgres/postgres.ts'
import type {ServerUnit} from '../../facts/postgres/postgres-unit.ts'
import {type ConnectionUse, findConnectionUse} from '../../facts/postgres/superuser.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host, QueryAnswer} from '../../host/host.ts'
import {readLocalLog} from '../../remedies/postgres-log.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, remedy} from '../../remedies/remedy.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import {
  becauseOf,
  type Code,
  type ConnectionLimit,
  found,
  lettingNobodyIn,
  readLogOf,
  startServer,
} from './server.findings.ts'

type Refusal = Extract<QueryAnswer, {kind: 'error'}>
type Bad = Finding<'critical', Code>

/** 57P01 to 57P03: the server is there, and not ready. */
export function notReady(
  database: DatabaseTarget,
  {sqlstate, message, detail}: Refusal,
  server: ServerUnit | null,
): Bad {
  const place = placeOf(database)
  const look = readLogOf(server)
  const details = {
    evidence: [`${sqlstate} ${message}`, ...(detail ? [detail] : [])],
    since: server?.started ?? null,
  }
  if (server && server.restarts > 0) {
    const {restarts, reason} = server
    const cure = remedy('Find out why PostgreSQL does not stay up', 'manual', look)
    return finding(found['crash-loop'](place, restarts, message, reason), cure, {
      ...details,
      ...becauseOf(reason),
    })
  }
  if (sqlstate !== '57P03' || /shutting down/.test(message)) {
    const steps = [...look, ...(server ? [startServer(server)] : [])]
    const cure = remedy('Wait until it has stopped, then start it', 'manual', steps)
    return finding(found['shutting-down'](place, message), cure, details)
  }
  const cure = remedy('Wait until PostgreSQL has recovered, then look again', 'manual', look)
  const isStarting = /starting up|not yet accepting/.test(message)
  const said = isStarting
    ? found.starting(lettingNobodyIn(place, message))
    : found['not-ready'](place, message)
  return finding(said, cure, details)
}

/** Class 53: connections, memory or disk have run out. */
export async function noneLeft(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  {sqlstate, message}: Refusal,
): Promise<Bad> {
  const place = placeOf(database)
  const evidence = [`${sqlstate} ${message}`]
  if (sqlstate !== '53300') {
    const look = [
      hand('df -h /var/lib/postgresql'),
      ...(await readLocalLog(host, target, database)),
    ]
    const cure = remedy('Give PostgreSQL what it lacks', 'manual', look)
    return finding(found['no-resources'](place, message), cure, {evidence})
  }
  const use = await findConnectionUse(host, database)
  const limited = limitReached(database, use)
  const said = found['too-many-connections'](place, database.user, use, limited)
  const cure = remedy('See who holds the connections, then use fewer or allow more', 'manual', [
    psql('select usename, state, count(*), min(state_change) from pg_stat_activity group by 1, 2'),
    ...(limited ? [psql(`alter ${limited.object} connection limit -1`)] : []),
  ])
  if (limited || !isLocal(database)) return finding(said, cure, {evidence})
  const {platform} = target
  const server = await platform.findPostgres(host, database.port)
  return finding(said, kept(cure, platform.postgresSetting(server, 'max_connections', 200)), {
    evidence,
  })
}

/** The limit of the role or of its database, where the server itself has connections left. */
function limitReached(
  {user, name}: DatabaseTarget,
  use: ConnectionUse | null,
): ConnectionLimit | null {
  if (use === null || use.used >= use.max - 3) return null
  const limits = [
    {what: `role "${user}"`, object: `role ${identifier(user)}`, limit: use.roleLimit ?? -1},
    {
      what: `database "${name}"`,
      object: `database ${identifier(name)}`,
      limit: use.databaseLimit ?? -1,
    },
  ].filter(({limit}) => limit >= 0)
  return limits.sort((a, b) => a.limit - b.limit)[0] ?? null
}
