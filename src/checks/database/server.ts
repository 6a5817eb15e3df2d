import {type Libpq, libpqOf} from '../../facts/django/libpq.ts'
import {reachesItsDatabase} from '../../facts/http.ts'
import {knock, placeOf, takesConnections} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {databaseOf, type Target} from '../../facts/target/target.ts'
import {networkSandbox} from '../../facts/unit/network-sandbox.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {finding, ok, type Verdict} from '../../report/finding.ts'
import {byHand, edit} from '../../report/step.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {explanation} from './server.explanation.ts'
import {serverFacts} from './server.facts.ts'
import {type Code, found} from './server.findings.ts'
import {namesClosed} from './server.names.ts'
import {connectionNotTaken} from './server.unreached.ts'

export const databaseServer: CheckOf<Code> = {
  id: 'database/server',
  title: 'PostgreSQL accepts connections where the service asks',
  fix: 'starts PostgreSQL, then the service',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: serverFacts,
  async run({host, target}) {
    const libpq = target.django.answer && libpqOf(target.django.answer)
    if (libpq?.service && libpq.failure !== null)
      return unusableService(target, libpq.service, libpq.failure)
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    if (!isPort(database.port)) return noPort(target, database)
    const place = placeOf(database)
    const sandbox = networkSandbox(target.unit, database.host)
    if (sandbox.elsewhere)
      throw new CannotLook('the service lives in a network namespace that it shares with others')
    const answer = await knock(host, target, database)
    if (answer.kind !== 'rows' && !takesConnections(answer))
      return connectionNotTaken(host, target, database, answer)
    if (sandbox.obstacle && !(await isUnenforced(host, target, sandbox.obstacle))) {
      return sandboxed(target, place, sandbox.obstacle)
    }
    const closed = await namesClosed(host, target, database)
    if (closed) return closed
    return ok(`PostgreSQL answers at ${place}`, {evidence: [`stated by ${database.from}`]})
  },
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536
}

/** libpq: invalid integer value "…" for connection option "port". */
function noPort(target: Target, {from, port}: DatabaseTarget): Verdict<Code> {
  const {platform, environment, django} = target
  const name = ['POSTGRES_PORT', 'PGPORT'].find(each => !isPort(Number(environment.get(each) ?? 1)))
  const stated = django.answer?.databases.default?.port ?? String(port)
  const [where, value] = name === undefined ? [from, stated] : [name, environment.get(name) ?? '']
  const means =
    name === undefined
      ? platform.secret(target, from === 'DATABASE_URL' ? from : null)
      : platform.variable(target, name, null)
  return finding(
    found['no-port'](where, value),
    mend('Correct the port', means, {after: [restart(target)]}),
  )
}

/** libpq finds no address in pg_service.conf to ask at. */
function unusableService(
  target: Target,
  {name, file}: NonNullable<Libpq['service']>,
  said: string,
): Verdict<Code> {
  // Which directory libpq reads was compiled in: on Debian it is not /etc.
  const where = file === null ? byHand('pg_config', '--sysconfdir') : edit(file)
  const steps = [where, restart(target)]
  const summary =
    'Define the service in the pg_service.conf that libpq reads, or name the right one'
  return finding(found['unusable-service'](name, said), remedy(summary, 'manual', steps))
}

/** A kernel without BPF does not enforce what systemd says: there the application proves it. */
async function isUnenforced(host: Host, target: Target, obstacle: string): Promise<boolean> {
  return obstacle.startsWith('IPAddressDeny=') && (await reachesItsDatabase(host, target))
}

/** Refused for the service, although it works for everybody else. */
function sandboxed(target: Target, place: string, obstacle: string): Verdict<Code> {
  const {unit, platform} = target
  const setting = obstacle.slice(0, obstacle.indexOf('='))
  const lifted =
    setting === 'PrivateNetwork'
      ? false
      : setting === 'IPAddressDeny'
        ? ''
        : ['AF_UNIX', 'AF_INET', 'AF_INET6']
  const means = platform.unitSetting(unit.name, {[setting]: lifted}, {force: true})
  const cure = mend('Let the unit reach its database', means, {after: [restart(target)]})
  return finding(found.sandboxed(place, obstacle, unit.name), cure, {evidence: [obstacle]})
}
