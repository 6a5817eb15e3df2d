import {shownStated} from '../../facts/django/stated.ts'
import {
  askAsSuperuser,
  findOtherSpellings,
  findRole,
  identifier,
  isLocal,
  placeOf,
  type Role,
  serviceConnection,
} from '../../facts/postgres/postgres.ts'
import {findUnfinishedSetup} from '../../facts/postgres/postgres-unit.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host, QueryAnswer} from '../../host/host.ts'
import {finishSetup, setupWords} from '../../remedies/database-setup.ts'
import {readServerLog} from '../../remedies/postgres-log.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, mend, or, remedy} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {critical, type Details, type Remedy, type Step, type Verdict} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'

type Refusal = Extract<QueryAnswer, {kind: 'error'}>

/** What database/login says when the server refuses the role (SQLSTATE class 28). */
export async function loginRefused(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Refusal,
): Promise<Verdict> {
  const {user} = database
  const evidence = [`${answer.sqlstate} ${answer.message}`]
  if (/no pg_hba\.conf entry|pg_hba\.conf rejects/.test(answer.message)) {
    return notAdmitted(host, target, database, answer, evidence)
  }
  const role = await findRole(host, database)
  if (role === 'missing') return roleMissing(host, target, database, evidence)
  if (role && !role.canLogIn) return mayNotLogIn(database, evidence)
  if (answer.sqlstate === '28P01') {
    return role
      ? passwordRefused(host, target, database, role, evidence)
      : unexplained(host, target, database, evidence)
  }
  // The server's language may be another: then what the catalogue says above has to do.
  if (/^role ".*" does not exist$/.test(answer.message)) return roleMissing(host, target, database, evidence)
  if (/not permitted to log in/.test(answer.message)) return mayNotLogIn(database, evidence)
  if (/^Peer authentication failed/.test(answer.message)) return peerFailed(host, target, database, evidence)
  return critical(
    'refused',
    `PostgreSQL refuses role "${user}": ${answer.message}`,
    remedy('See what PostgreSQL logged about it', 'manual', await readLog(host, target, database)),
    {evidence},
  )
}

/** No password where the server asks for one: it never reaches the server's log. */
export function passwordMissing(target: Target, database: DatabaseTarget): Verdict {
  const {password} = database.stated
  const names =
    password.variable === null || target.environment.get(password.variable)
      ? `${shownStated(password, target.unit.name)} holds no password`
      : `${password.variable} is not set`
  const socket = database.host.startsWith('/')
  const setSecret = (summary: string): Remedy =>
    mend(summary, restated(target, database.stated.password), {after: [restart(target)], whole: true})
  return critical(
    'no-password-sent',
    `PostgreSQL at ${placeOf(database)} asks for a password and ${names}`,
    socket
      ? setSecret('Set the password in the secrets, or let peer authentication do')
      : orOverSocket(target, database, setSecret, 'Set the password in the secrets'),
    {evidence: ['fe_sendauth: no password supplied'], because: ['secrets/keys', 'secrets/file']},
  )
}

/** 28P01 where the catalogue could be read: which of the four it is. */
async function passwordRefused(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  role: Role,
  evidence: readonly string[],
): Promise<Verdict> {
  const {user} = database
  if (role.password === 'none') {
    return critical(
      'no-password',
      `role "${user}" has no password, and PostgreSQL at ${placeOf(database)} asks for one`,
      orOverSocket(
        target,
        database,
        summary => remedy(summary, 'manual', [setPassword(user)]),
        'Give the role the password of the secrets',
      ),
      {evidence, because: []},
    )
  }
  if (role.expired) {
    return critical(
      'expired',
      `the password of role "${user}" has expired`,
      remedy('Let the password be valid again', 'manual', [
        psql(`alter role ${identifier(user)} valid until 'infinity'`),
      ]),
      {evidence, because: []},
    )
  }
  if (role.password === 'md5' && role.asksScram) {
    return critical(
      'stored-as-md5',
      `the password of role "${user}" is stored as MD5, and pg_hba.conf asks for scram-sha-256: not even the right one is taken`,
      remedy('Store the password of the secrets anew, as SCRAM', 'manual', [
        psql("alter system set password_encryption = 'scram-sha-256'"),
        psql('select pg_reload_conf()'),
        setPassword(user),
      ]),
      {evidence, because: []},
    )
  }
  const rotated = await runningPasswordWorks(host, target, database)
  const sources = shownStated(database.stated.password, target.unit.name)
  if (rotated) {
    return critical(
      'rotated',
      `role "${user}" still has the old password, which the running process uses; ${sources} has another`,
      remedy('Give the role the new password, then restart', 'manual', [setPassword(user), restart(target)]),
      {evidence, because: []},
    )
  }
  return critical(
    'wrong-password',
    `role "${user}" has another password than ${sources}`,
    remedy('Set the password of the role to that of the secrets, or correct the secret', 'manual', [
      setPassword(user),
      ...(target.secretsFiles.length > 0 ? restated(target, database.stated.password).steps : []),
    ]),
    {evidence},
  )
}

/** The process has what the secrets held when it started. */
async function runningPasswordWorks(host: Host, target: Target, database: DatabaseTarget): Promise<boolean> {
  const old = target.running?.get('POSTGRES_PASSWORD') ?? target.running?.get('PGPASSWORD')
  if (!old || old === database.password) return false
  host.secrets.add(old)
  const answer = await host.query({...serviceConnection(target, database), password: old}, 'select 1')
  return answer.kind === 'rows'
}

/** 28P01 where nobody may look at the server's side: all that it may be. */
async function unexplained(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Verdict> {
  const {user} = database
  const why = isLocal(database) ? 'pg_authid was not readable; run as root to tell which' : 'the server is elsewhere'
  return critical(
    'password-refused',
    `PostgreSQL refuses the password of role "${user}": it is wrong or expired, or the role has none or does not exist`,
    remedy('See which it is, then set the password', 'manual', [
      psql(`\\du+ ${user}`),
      ...(await readLog(host, target, database)),
      setPassword(user),
    ]),
    {evidence: [...evidence, why]},
  )
}

async function roleMissing(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Verdict> {
  const {user} = database
  const setup = await findUnfinishedSetup(host, database)
  if (setup)
    return critical(
      'role-missing',
      `PostgreSQL has no role "${user}"${setupWords(setup)}`,
      finishSetup(target, setup),
      {
        evidence,
        because: ['service/dependencies'],
      },
    )
  const own = target.user ?? 'root'
  // A role that is made would be refused as well, where the socket admits nobody but the user's own.
  const misnamed =
    evidence.some(line => line.includes('Peer authentication failed')) &&
    own !== user &&
    typeof (await findRole(host, {...database, user: own})) === 'object'
  if (misnamed) {
    return critical(
      'role-missing',
      `PostgreSQL has no role "${user}", which ${shownStated(database.stated.user, target.unit.name)} names; over the socket it takes the user ${own} for role "${own}" (peer)`,
      mend(`Ask for role "${own}"`, restated(target, database.stated.user, own)),
      {evidence, because: []},
    )
  }
  const needsPassword = !database.host.startsWith('/') || database.password !== null
  return critical(
    'role-missing',
    `PostgreSQL has no role "${user}"`,
    kept(
      remedy('Make sure that this is the cluster with the data, then create the role', 'manual', [
        hand(`sudo -u postgres createuser ${user}`),
        ...(needsPassword ? [setPassword(user)] : []),
        restart(target),
      ]),
      target.platform.role(user),
    ),
    {evidence},
  )
}

function mayNotLogIn({user}: DatabaseTarget, evidence: readonly string[]): Verdict {
  return critical(
    'may-not-log-in',
    `role "${user}" is not permitted to log in`,
    remedy('Let the role log in', 'manual', [psql(`alter role ${identifier(user)} login`)]),
    {evidence, because: []},
  )
}

/** 28000: pg_hba.conf is read before anything else, so a mistyped database ends here as well. */
async function notAdmitted(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  {message}: Refusal,
  evidence: readonly string[],
): Promise<Verdict> {
  const {user, name} = database
  const [spellings, files] = await Promise.all([
    findOtherSpellings(host, database),
    askAsSuperuser(host, database, `select current_setting('hba_file') as file`),
  ])
  const file = files?.[0]?.file
  const [other] = spellings
  const details: Details = {evidence: file ? [...evidence, `hba_file=${String(file)}`] : evidence, because: []}
  if (other !== undefined) {
    return critical(
      'no-hba-entry',
      `pg_hba.conf admits nobody to database "${name}"; there is one called "${other}"`,
      mend('Correct the name of the database', restated(target, database.stated.name, other)),
      details,
    )
  }
  const rejected = /rejects/.test(message)
  // A name may lead to ::1 first, and libpq does not try the next address once one has answered.
  const from = /for host "([^"]+)"/.exec(message)?.[1]
  const asked = `${placeOf(database)}${from ? ` from ${from}` : ''}`
  const line = database.host.startsWith('/')
    ? `local ${name} ${user} peer`
    : `host ${name} ${user} samehost scram-sha-256`
  return critical(
    rejected ? 'hba-rejects' : 'no-hba-entry',
    rejected
      ? `pg_hba.conf rejects role "${user}" for database "${name}" at ${asked}`
      : `pg_hba.conf has no entry that admits role "${user}" to database "${name}" at ${asked}`,
    mend(
      'Admit the role in pg_hba.conf, then reload PostgreSQL',
      target.platform.postgresAdmission(await target.platform.findPostgres(host, database.port), line),
      {first: [psql('table pg_hba_file_rules')], whole: true},
    ),
    details,
  )
}

async function peerFailed(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Verdict> {
  const {user} = database
  const own = target.user ?? 'root'
  return critical(
    'peer',
    `over the socket PostgreSQL takes the user ${own} for role "${own}" (peer), and the service asks for role "${user}"`,
    mend(
      'Ask for the role of that name, or map the user to the role',
      own === user
        ? target.platform.postgresAdmission(
            await target.platform.findPostgres(host, database.port),
            'local all all peer',
          )
        : restated(target, database.stated.user, own),
      {whole: true},
    ),
    {evidence, because: []},
  )
}

/** psql's \password asks for it without an echo, and sends only the hash. */
function setPassword(user: string): Step {
  return psql(`\\password ${identifier(user)}`)
}

async function readLog(host: Host, target: Target, database: DatabaseTarget): Promise<readonly Step[]> {
  if (!isLocal(database)) return []
  return [readServerLog(await target.platform.findPostgres(host, database.port))]
}

/** A choice: the password, or the socket over which nobody asks for one. */
function orOverSocket(
  target: Target,
  database: DatabaseTarget,
  cure: (summary: string) => Remedy,
  summary: string,
): Remedy {
  const means = restated(target, database.stated.host, '/run/postgresql')
  const way = 'use the socket, which asks for none'
  if (means.nix !== null) return kept(cure(`${summary}, or ${way}`), means)
  return or(cure(summary), mend('Use the socket, which asks for none', means))
}
