import {isLocal, placeOf} from '../../facts/postgres/postgres.ts'
import {findPostgresListeners, findServerUnit} from '../../facts/postgres/postgres-unit.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host, QueryAnswer} from '../../host/host.ts'
import {readLocalLog} from '../../remedies/postgres-log.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, remedy} from '../../remedies/remedy.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {byHand, hand} from '../../report/step.ts'
import {type Code, found} from './server.findings.ts'
import {nobodyListens} from './server.no-listener.ts'
import {noneLeft, notReady} from './server.not-ready.ts'

type Unreachable = Extract<QueryAnswer, {kind: 'unreachable'}>
type Bad = Finding<'critical', Code>

/** A server that was asked and took no connection. */
export async function connectionNotTaken(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Exclude<QueryAnswer, {kind: 'rows'}>,
): Promise<Bad> {
  if (answer.kind === 'error') {
    if (answer.sqlstate.startsWith('53')) return noneLeft(host, target, database, answer)
    return notReady(database, answer, await findServerUnit(host, target, database))
  }
  if (answer.code === 'ECONNREFUSED' || answer.code === 'ENOENT')
    return nobodyListens(host, target, database, answer)
  return noPostgresSpeaks(host, target, database, answer)
}

/** Something is there, or the place cannot be found. */
async function noPostgresSpeaks(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Unreachable,
): Promise<Bad> {
  const place = placeOf(database)
  const evidence = [answer.message]
  const stranger = (await findPostgresListeners(host, database))?.stranger ?? null
  if (stranger !== null || answer.code === 'not-postgres') {
    const cure = remedy('Give PostgreSQL its port back, or the service the right one', 'manual', [
      seeListeners,
    ])
    return finding(found['not-postgres'](place, stranger), cure, {evidence})
  }
  switch (answer.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unknownHost(database.host, answer)
    case 'no-tls':
      return noTls(host, target, database, evidence)
    case 'EACCES':
    case 'EPERM': {
      const cure = remedy("Let the service's user through to the socket", 'manual', [
        byHand('namei', '-l', place),
      ])
      return finding(found.denied(place), cure, {evidence})
    }
    case 'ETIMEDOUT': {
      const look = [...(await readLocalLog(host, target, database)), seeListeners]
      const cure = remedy('Find out what keeps PostgreSQL from answering', 'manual', look)
      return finding(found.timeout(place, answer.message), cure, {evidence})
    }
    default: {
      const look = await readLocalLog(host, target, database)
      const cure = remedy('Find out what happened to PostgreSQL', 'manual', look)
      return finding(found['no-answer'](place, answer.message), cure, {evidence})
    }
  }
}

const seeListeners = hand('sudo ss -ltnp')

function unknownHost(name: string, {code, message}: Unreachable): Bad {
  const isLoopback = /^(?:localhost|ip6-localhost|ip6-loopback)$/i.test(name)
  const why = isLoopback ? 'hosts-file' : code === 'ENOTFOUND' ? 'no-such-name' : 'no-name-server'
  const cure = remedy('Correct the name, or the resolver', 'manual', [
    byHand('getent', 'hosts', name),
  ])
  return finding(found['unknown-host'](name, why), cure, {evidence: [message]})
}

async function noTls(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Bad> {
  const {platform} = target
  const said = found['no-tls'](placeOf(database), database.sslmode)
  const summary = 'Give PostgreSQL a certificate, or let the service connect without TLS'
  const cure = remedy(summary, 'manual', [psql('show ssl')])
  if (!isLocal(database)) return finding(said, cure, {evidence})
  const server = await platform.findPostgres(host, database.port)
  return finding(said, kept(cure, platform.postgresSetting(server, 'ssl', true)), {evidence})
}
