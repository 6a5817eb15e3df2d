import {type ConnectionUse, findConnectionUse, identifier, isLocal, placeOf} from '../../facts/postgres/postgres.ts'
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
import {readServerLog} from '../../remedies/postgres-log.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restated, start} from '../../remedies/service.ts'
import {critical, type Step, type Verdict} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'

/** What database/server says of a server that was asked and took no connection. */
export async function connectionNotTaken(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Exclude<QueryAnswer, {kind: 'rows'}>,
): Promise<Verdict> {
  if (answer.kind === 'error' && answer.sqlstate.startsWith('53')) return noPlaceLeft(host, target, database, answer)
  const server = await findServerUnit(host, target, database)
  if (answer.kind === 'error') return notReady(database, answer, server)
  if (answer.code === 'ECONNREFUSED' || answer.code === 'ENOENT') {
    if (server && server.state !== 'running' && server.state !== 'wrapper') {
      return notRunning(target, database, answer, server)
    }
    return notThere(host, target, database, answer, server)
  }
  return noAnswer(host, target, database, answer)
}

type Refusal = Extract<QueryAnswer, {kind: 'error'}>
type Unreachable = Extract<QueryAnswer, {kind: 'unreachable'}>

/** 57P01 to 57P03: it is there, and not ready. */
function notReady(database: DatabaseTarget, answer: Refusal, server: ServerUnit | null): Verdict {
  const evidence = [`${answer.sqlstate} ${answer.message}`, ...(answer.detail ? [answer.detail] : [])]
  if (server && server.restarts > 0) {
    const why = server.reason ? `: ${server.reason}` : ''
    return critical(
      'crash-loop',
      `PostgreSQL at ${placeOf(database)} was restarted ${server.restarts} times and is not ready (${answer.message})${why}`,
      remedy('Find out why PostgreSQL does not stay up', 'manual', readLog(server)),
      {evidence, since: server.started, ...becauseOf(server.reason)},
    )
  }
  const stopping = answer.sqlstate !== '57P03' || /shutting down/.test(answer.message)
  const starting = /starting up|not yet accepting/.test(answer.message)
  return critical(
    stopping ? 'shutting-down' : starting ? 'starting' : 'not-ready',
    `PostgreSQL at ${placeOf(database)} lets nobody in: ${answer.message}`,
    stopping
      ? remedy('Wait until it has stopped, then start it', 'manual', [
          ...readLog(server),
          ...(server ? [startServer(server)] : []),
        ])
      : remedy('Wait until PostgreSQL has recovered, then look again', 'manual', readLog(server)),
    {evidence, since: server?.started ?? null},
  )
}

/** Class 53: connections, memory or disk have run out. */
async function noPlaceLeft(host: Host, target: Target, database: DatabaseTarget, answer: Refusal): Promise<Verdict> {
  const said = `${answer.sqlstate} ${answer.message}`
  if (answer.sqlstate !== '53300') {
    return critical(
      'no-resources',
      `PostgreSQL at ${placeOf(database)} has no resources left: ${answer.message}`,
      remedy('Give PostgreSQL what it lacks', 'manual', [
        hand('df -h /var/lib/postgresql'),
        ...(isLocal(database) ? [readServerLog(await target.platform.findPostgres(host, database.port))] : []),
      ]),
      {evidence: [said]},
    )
  }
  const use = await findConnectionUse(host, database)
  const limited = limitReached(database, use)
  const taken = use ? `: ${use.used} of ${use.max} are taken (${use.byRole})` : ''
  const sessions = 'select usename, state, count(*), min(state_change) from pg_stat_activity group by 1, 2'
  return critical(
    'too-many-connections',
    limited
      ? `${limited.what} may have ${limited.limit} connections to PostgreSQL at a time, and another is refused`
      : `PostgreSQL at ${placeOf(database)} has no connection left for "${database.user}"${taken}`,
    limited || !isLocal(database)
      ? remedy('See who holds the connections, then use fewer or allow more', 'manual', [
          psql(sessions),
          ...(limited ? [psql(`alter ${limited.object} connection limit -1`)] : []),
        ])
      : kept(
          remedy('See who holds the connections, then use fewer or allow more', 'manual', [psql(sessions)]),
          target.platform.postgresSetting(
            await target.platform.findPostgres(host, database.port),
            'max_connections',
            200,
          ),
        ),
    {evidence: [said], because: []},
  )
}

/** The limit of the role or of its database, where the server itself has connections left. */
function limitReached(
  {user, name}: DatabaseTarget,
  use: ConnectionUse | null,
): {readonly what: string; readonly object: string; readonly limit: number} | null {
  if (use === null || use.used >= use.max - 3) return null
  const limits = [
    {what: `role "${user}"`, object: `role ${identifier(user)}`, limit: use.roleLimit ?? -1},
    {what: `database "${name}"`, object: `database ${identifier(name)}`, limit: use.databaseLimit ?? -1},
  ].filter(({limit}) => limit >= 0)
  return limits.sort((a, b) => a.limit - b.limit)[0] ?? null
}

/** Nothing where the server is elsewhere. */
function readLog(server: ServerUnit | null): readonly Step[] {
  return server ? [readServerLog(server.server)] : []
}

function startServer({unit}: ServerUnit): Step {
  return run('systemctl', 'start', unit.name)
}

/** A full disk is found by its words, whatever the service saw of it. */
function becauseOf(reason: string | null): {because: ['state/space']} | Record<string, never> {
  return reason !== null && /No space left on device/.test(reason) ? {because: ['state/space']} : {}
}

/** Nobody listens, and the unit says why. */
function notRunning(target: Target, database: DatabaseTarget, answer: Unreachable, server: ServerUnit): Verdict {
  const {unit, state, words, since, reason} = server
  const {platform} = target
  const seen = `${answer.code === 'ENOENT' ? `there is no socket ${placeOf(database)}` : `${placeOf(database)} refuses connections`}`
  const evidence = [answer.message, `ActiveState=${unit.get('ActiveState')}`, `Result=${unit.get('Result')}`]
  if (state === 'missing' || state === 'masked') {
    return critical(
      state === 'missing' ? 'not-installed' : 'masked',
      `${seen}; ${state === 'missing' ? `there is no ${unit.name} here` : `${unit.name} is masked`}`,
      mend('Enable PostgreSQL', platform.postgres(unit.name, state)),
      {evidence: [answer.message, `LoadState=${unit.get('LoadState')}`]},
    )
  }
  if (state === 'stopped') {
    const along = stoppedWithIt(target)
    return critical(
      answer.code === 'ENOENT' ? 'no-socket' : 'refused',
      `${seen}; ${unit.name} is ${words}`,
      kept(
        remedy(
          along ? 'Start PostgreSQL, then the service that stopped with it' : 'Start PostgreSQL',
          'disruptive',
          along ? [startServer(server), start(target)] : [startServer(server)],
        ),
        platform.postgresEnabled(),
      ),
      // It ran and was stopped in order: no full disk stops it so.
      {evidence, since, ...(unit.get('Result') === 'success' && since !== null && {because: []})},
    )
  }
  if (state === 'starting' && reason === null) {
    return critical(
      'starting',
      `${seen}; ${unit.name} is ${words}`,
      remedy('Wait until PostgreSQL has started, then look again', 'manual', readLog(server)),
      {evidence, since: server.started},
    )
  }
  return critical(
    'failed',
    `${seen}; ${unit.name} is ${words}${reason ? `: ${reason}` : ''}`,
    remedy('Correct what its journal says, then start PostgreSQL', 'manual', [
      ...readLog(server),
      startServer(server),
      ...(stoppedWithIt(target) ? [start(target)] : []),
    ]),
    {evidence, since, ...becauseOf(reason)},
  )
}

/** Requires= stops a unit with the one that it needs, and no Restart= brings it back. */
function stoppedWithIt({unit}: Target): boolean {
  const required = ['Requires', 'BindsTo', 'Requisite'].flatMap(property => splitWords(unit.get(property)))
  const needs = required.some(name => isPostgresUnit(name) || name === 'postgresql.target')
  return needs && !isUp(unit)
}

/** Nobody listens there, although a server may well run. */
async function notThere(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Unreachable,
  server: ServerUnit | null,
): Promise<Verdict> {
  const place = placeOf(database)
  const socket = answer.code === 'ENOENT'
  const seen = socket ? `there is no socket ${place}` : `${place} refuses connections`
  const listeners = await findPostgresListeners(host, database)
  if (listeners && listeners.elsewhere.length > 0) {
    // A name that means another address than the usual one: who listens at that was not reached by it.
    const at = /ECONNREFUSED (\S+):\d+/.exec(answer.message)?.[1]
    const asked = at && listeners.unreached.length > 0 ? `${place} (${at})` : place
    return critical(
      'elsewhere',
      `${seen}; PostgreSQL listens on ${[...listeners.unreached, ...listeners.elsewhere].join(', ')}, the service asks ${asked}`,
      mend(
        'Bring the port and address of PostgreSQL and of the service together',
        server && !database.host.startsWith('/')
          ? target.platform.postgresSetting(server.server, 'port', database.port)
          : restated(target, database.stated.host),
      ),
      {evidence: [answer.message], because: []},
    )
  }
  const about = server ? `; ${server.unit.name} is ${server.words}` : ''
  return critical(
    socket ? 'no-socket' : 'refused',
    `${seen}${about}`,
    remedy('Find out where PostgreSQL listens, and start it', 'manual', [
      hand(
        isLocal(database) ? "systemctl list-units 'postgresql*'" : `pg_isready -h ${database.host} -p ${database.port}`,
      ),
      hand('sudo ss -ltnp'),
    ]),
    {evidence: [answer.message]},
  )
}

const isLoopbackName = (name: string): boolean => /^(?:localhost|ip6-localhost|ip6-loopback)$/i.test(name)

/** Something is there, or nothing can be found, and no PostgreSQL speaks. */
async function noAnswer(host: Host, target: Target, database: DatabaseTarget, answer: Unreachable): Promise<Verdict> {
  const place = placeOf(database)
  const evidence = [answer.message]
  const readLocal = async (): Promise<readonly Step[]> =>
    isLocal(database) ? [readServerLog(await target.platform.findPostgres(host, database.port))] : []
  const stranger = (await findPostgresListeners(host, database))?.stranger ?? null
  if (stranger !== null || answer.code === 'not-postgres') {
    return critical(
      'not-postgres',
      `what listens at ${place} is no PostgreSQL${stranger ? ` but ${stranger}` : ''}`,
      remedy('Give PostgreSQL its port back, or the service the right one', 'manual', [hand('sudo ss -ltnp')]),
      {evidence, because: []},
    )
  }
  switch (answer.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return critical(
        'unknown-host',
        isLoopbackName(database.host)
          ? `${database.host} cannot be found: /etc/hosts has no line for it`
          : answer.code === 'ENOTFOUND'
            ? `the name of the database's host, ${database.host}, does not resolve`
            : `no name server answers, so the database's host ${database.host} cannot be found`,
        remedy('Correct the name, or the resolver', 'manual', [hand(`getent hosts ${database.host}`)]),
        {evidence, because: []},
      )
    case 'ETIMEDOUT':
      return critical(
        'timeout',
        `${place} takes the connection and does not answer, or drops it: ${answer.message}`,
        remedy('Find out what keeps PostgreSQL from answering', 'manual', [
          ...(await readLocal()),
          hand('sudo ss -ltnp'),
        ]),
        {evidence},
      )
    case 'no-tls':
      return critical(
        'no-tls',
        `the service insists on TLS (sslmode=${database.sslmode}), and PostgreSQL at ${place} has none`,
        isLocal(database)
          ? kept(
              remedy('Give PostgreSQL a certificate, or let the service do without', 'manual', [psql('show ssl')]),
              target.platform.postgresSetting(await target.platform.findPostgres(host, database.port), 'ssl', true),
            )
          : remedy('Give PostgreSQL a certificate, or let the service do without', 'manual', [psql('show ssl')]),
        {evidence, because: []},
      )
    case 'EACCES':
    case 'EPERM':
      return critical(
        'denied',
        `the service's user may not reach ${place}`,
        remedy('Let the user pass to the socket', 'manual', [hand(`namei -l ${place}`)]),
        {evidence, because: []},
      )
    default:
      return critical(
        'no-answer',
        `PostgreSQL at ${place} does not answer: ${answer.message}`,
        remedy('Find out what became of PostgreSQL', 'manual', await readLocal()),
        {evidence},
      )
  }
}
