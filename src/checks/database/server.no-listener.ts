import {isLocal, placeOf} from '../../facts/postgres/postgres.ts'
import {
  findPostgresListeners,
  findServerUnit,
  isPostgresUnit,
  type ServerUnit,
} from '../../facts/postgres/postgres-unit.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host, QueryAnswer} from '../../host/host.ts'
import {isUp, splitWords} from '../../host/unit.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restated, start} from '../../remedies/service.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {byHand, hand} from '../../report/step.ts'
import {becauseOf, type Code, found, readLogOf, seenAt, startServer} from './server.findings.ts'

type Unreachable = Extract<QueryAnswer, {kind: 'unreachable'}>
type Bad = Finding<'critical', Code>

/** Nobody listens where the service asks: its unit says why, or a server runs elsewhere. */
export async function nobodyListens(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Unreachable,
): Promise<Bad> {
  const server = await findServerUnit(host, target, database)
  if (!server || server.state === 'running' || server.state === 'wrapper') {
    return notThere(host, target, database, answer, server)
  }
  const seen = seenAt(placeOf(database), answer.code)
  if (server.state === 'missing' || server.state === 'masked') {
    return notEnabled(target, seen, answer, server, server.state)
  }
  return notRunning(target, seen, answer, server)
}

function notEnabled(
  {platform}: Target,
  seen: string,
  {message}: Unreachable,
  {unit}: ServerUnit,
  state: 'missing' | 'masked',
): Bad {
  const {name} = unit
  const said = state === 'missing' ? found['not-installed'](seen, name) : found.masked(seen, name)
  return finding(said, mend('Enable PostgreSQL', platform.postgres(name, state)), {
    evidence: [message, `LoadState=${unit.get('LoadState')}`],
  })
}

function notRunning(target: Target, seen: string, answer: Unreachable, server: ServerUnit): Bad {
  const {unit, state, since, reason} = server
  const about = aboutUnit(server)
  const evidence = [
    answer.message,
    `ActiveState=${unit.get('ActiveState')}`,
    `Result=${unit.get('Result')}`,
  ]
  const alongWithIt = stoppedWithIt(target) ? [start(target)] : []
  if (state === 'stopped') {
    const summary =
      alongWithIt.length > 0
        ? 'Start PostgreSQL, then the service that stopped with it'
        : 'Start PostgreSQL'
    const cure = remedy(summary, 'disruptive', [startServer(server), ...alongWithIt])
    const code = answer.code === 'ENOENT' ? 'no-socket' : 'refused'
    return finding(found[code](seen, about), kept(cure, target.platform.postgresEnabled()), {
      evidence,
      since,
    })
  }
  if (state === 'starting' && reason === null) {
    const cure = remedy(
      'Wait until PostgreSQL has started, then look again',
      'manual',
      readLogOf(server),
    )
    return finding(found.starting(`${seen}; ${about}`), cure, {evidence, since: server.started})
  }
  const steps = [...readLogOf(server), startServer(server), ...alongWithIt]
  const cure = remedy('Fix what its journal says, then start PostgreSQL', 'manual', steps)
  return finding(found.failed(seen, about, reason), cure, {evidence, since, ...becauseOf(reason)})
}

function aboutUnit({unit, words}: ServerUnit): string {
  return `${unit.name} is ${words}`
}

/** Requires= stops a unit with the one that it needs, and no Restart= brings it back. */
function stoppedWithIt({unit}: Target): boolean {
  const required = ['Requires', 'BindsTo', 'Requisite'].flatMap(property =>
    splitWords(unit.get(property)),
  )
  const needs = required.some(name => isPostgresUnit(name) || name === 'postgresql.target')
  return needs && !isUp(unit)
}

/** Although a server may well run. */
async function notThere(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Unreachable,
  server: ServerUnit | null,
): Promise<Bad> {
  const place = placeOf(database)
  const seen = seenAt(place, answer.code)
  const evidence = [answer.message]
  const listeners = await findPostgresListeners(host, database)
  if (listeners && listeners.elsewhere.length > 0) {
    // The name leads to another address than usual: PostgreSQL at the usual one was not reached.
    const at = /ECONNREFUSED (\S+):\d+/.exec(answer.message)?.[1]
    const asked = at && listeners.unreached.length > 0 ? `${place} (${at})` : place
    const means =
      server && !database.host.startsWith('/')
        ? target.platform.postgresSetting(server.server, 'port', database.port)
        : restated(target, database.stated.host)
    const cure = mend('Make PostgreSQL and the service use the same port and address', means)
    const places = [...listeners.unreached, ...listeners.elsewhere]
    return finding(found.elsewhere(seen, places, asked), cure, {evidence})
  }
  const look = isLocal(database)
    ? byHand('systemctl', 'list-units', 'postgresql*')
    : byHand('pg_isready', '-h', database.host, '-p', `${database.port}`)
  const cure = remedy('Find out where PostgreSQL listens, and start it', 'manual', [
    look,
    hand('sudo ss -ltnp'),
  ])
  const code = answer.code === 'ENOENT' ? 'no-socket' : 'refused'
  return finding(found[code](seen, server && aboutUnit(server)), cure, {evidence})
}
