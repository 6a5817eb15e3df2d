import {reachesItsDatabase} from '../../facts/http.ts'
import {knock, placeOf, takesConnections} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {databaseOf, type Target} from '../../facts/target/target.ts'
import {networkSandbox} from '../../facts/unit/network-sandbox.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {critical, ok, type Verdict} from '../../report/finding.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {connectionNotTaken} from './server.findings.ts'

export const databaseServer: Check = {
  id: 'database/server',
  title: 'PostgreSQL accepts connections where the service asks',
  fix: 'starts PostgreSQL, then the service',
  explanation: {
    why: 'Without its database the service answers every page that matters with an error, or does not start at all.',
    asks: `The host, port or socket come from the service's own environment, and are asked with its own credentials; over a
Unix socket as its user. Whatever the server answers shows that it takes connections. When nobody answers,
PostgreSQL's unit is looked at (on Debian that of the cluster; its state, since when, its last fatal words), and who listens on this machine. The
sandbox of the unit is judged as well, since it may close to the service what is open to everybody else.`,
    findings: {
      refused: {
        means: 'Nobody listens at the address where the service asks.',
        remedy:
          'Start PostgreSQL, and the service where it stopped along with it; on NixOS services.postgresql.enable keeps it.',
      },
      'no-socket': {
        means: 'There is no socket where the service asks: PostgreSQL does not run, or has its socket elsewhere.',
        remedy: 'Start PostgreSQL, and the service where it stopped along with it; or see where it listens.',
      },
      elsewhere: {
        means: 'PostgreSQL listens on another port or another socket than the service asks.',
        remedy: 'Bring the two together in the configuration.',
      },
      'no-port': {
        means: 'What the service is given as the port of the database is no number from 1 to 65535.',
        remedy: 'Correct it in the environment of the service, and restart it.',
      },
      'not-postgres': {
        means: 'Another program listens at the address of the database.',
        remedy: 'Give PostgreSQL its port back, or the service the right one.',
      },
      'not-installed': {
        means: 'Nobody listens, and this machine has no unit of PostgreSQL.',
        remedy: 'Install or enable PostgreSQL, or correct where the service asks.',
      },
      masked: {
        means: 'Nobody listens, and the unit of PostgreSQL is masked.',
        remedy: 'Unmask it, or enable PostgreSQL in the configuration.',
      },
      failed: {
        means: 'The unit of PostgreSQL failed, or fails again and again; its last fatal words are quoted.',
        remedy: 'Correct what its journal says, then start it, and the service where it stopped along with it.',
      },
      starting: {
        means: 'PostgreSQL is starting, or recovering after a crash, and lets nobody in yet.',
        remedy: 'Wait until it has recovered, then look again.',
      },
      'shutting-down': {
        means: 'PostgreSQL is being stopped, and lets nobody in any more.',
        remedy: 'Wait until it has stopped, then start it.',
      },
      'not-ready': {
        means: 'PostgreSQL runs and lets nobody in, as a standby that may not be asked.',
        remedy: 'Read its journal, and wait until it has recovered.',
      },
      'crash-loop': {
        means: 'PostgreSQL is restarted again and again and never becomes ready.',
        remedy: 'Find in its journal why it does not stay up.',
      },
      'too-many-connections': {
        means: 'Every connection is taken, or all that the role may have.',
        remedy: `See who holds the connections, then use fewer, or raise max_connections, or the connection limit of the
role. No session is ever ended for you.`,
      },
      'no-resources': {
        means: 'PostgreSQL has run out of memory or of disk.',
        remedy: 'Give it what it lacks: look at df and at its journal.',
      },
      'unknown-host': {
        means: "The name of the database's host does not resolve, or no name server answers.",
        remedy: 'Correct the name, or the resolver.',
      },
      timeout: {
        means: 'The address takes the connection and does not answer, or drops it.',
        remedy: 'Find out what keeps it from answering: its journal, a firewall, another program on the port.',
      },
      'no-tls': {
        means: 'The service insists on TLS, and PostgreSQL has none.',
        remedy: 'Give PostgreSQL a certificate, or let the service do without.',
      },
      denied: {
        means: "The service's user may not reach the socket.",
        remedy: 'Let the user pass to it; namei -l shows where the way is closed.',
      },
      'no-answer': {
        means: 'The connection failed in another way, and the words are quoted.',
        remedy: 'Find out in its journal what became of PostgreSQL.',
      },
      sandboxed: {
        means: `PostgreSQL answers everybody but the service, whose unit closes the network to it (PrivateNetwork=,
RestrictAddressFamilies=, IPAddressDeny=).`,
        remedy: 'Take that setting out of the unit, and restart the service.',
      },
    },
    mistakenFor: `A socket that is missing may as well be a full disk, on which PostgreSQL cannot start. "Connection refused" may be the
sandbox of the service rather than a stopped server. On Debian postgresql.service, which only wraps the clusters, is
active (exited) whatever they do. A refused password is for database/login: a server that refuses it does answer. A kernel without BPF does not
enforce IPAddressDeny=, and then the application proves it.`,
  },
  needs: [serviceUnit],
  explainedBy: ['state/space'],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    if (!isPort(database.port)) return noPort(target, database)
    const place = placeOf(database)
    const sandbox = networkSandbox(target.unit, database.host)
    if (sandbox.elsewhere) throw new CannotLook('the service lives in a network namespace that it shares with others')
    const answer = await knock(host, target, database)
    if (answer.kind !== 'rows' && !takesConnections(answer)) return connectionNotTaken(host, target, database, answer)
    if (sandbox.obstacle && !(await isUnenforced(host, target, sandbox.obstacle))) {
      return sandboxed(target, place, sandbox.obstacle)
    }
    return ok(`PostgreSQL answers at ${place}`, {evidence: [`stated by ${database.from}`]})
  },
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536
}

/** libpq: invalid integer value "…" for connection option "port". */
function noPort(target: Target, {from, port}: DatabaseTarget): Verdict {
  const stated = target.django.answer?.databases.default?.port
  const name = ['POSTGRES_PORT', 'PGPORT'].find(each => !isPort(Number(target.environment.get(each) ?? 1)))
  const [where, value] = name === undefined ? [from, stated ?? String(port)] : [name, target.environment.get(name)]
  return critical(
    'no-port',
    `the port of the database in ${where} is "${value}", which is none`,
    mend(
      'Correct the port',
      name === undefined
        ? target.platform.secret(target, from === 'DATABASE_URL' ? from : null)
        : target.platform.variable(target, name, null),
      {after: [restart(target)]},
    ),
    {because: []},
  )
}

/** A kernel without BPF for control groups lets systemd say what it likes: then the application proves it. */
async function isUnenforced(host: Host, target: Target, obstacle: string): Promise<boolean> {
  return obstacle.startsWith('IPAddressDeny=') && (await reachesItsDatabase(host, target))
}

/** Refused for the service, although it works for everybody else. */
function sandboxed(target: Target, place: string, obstacle: string): Verdict {
  const setting = obstacle.slice(0, obstacle.indexOf('='))
  const lifted =
    setting === 'PrivateNetwork' ? false : setting === 'IPAddressDeny' ? '' : ['AF_UNIX', 'AF_INET', 'AF_INET6']
  return critical(
    'sandboxed',
    `PostgreSQL answers at ${place}, but ${obstacle} of ${target.unit.name} keeps the service from it`,
    mend(
      'Let the unit reach its database',
      target.platform.unitSetting(target.unit.name, {[setting]: lifted}, {force: true}),
      {after: [restart(target)]},
    ),
    {evidence: [obstacle], because: []},
  )
}
