import {placeOf} from '../../facts/postgres/postgres.ts'
import {findHbaFile, findOtherSpellings, findRole} from '../../facts/postgres/superuser.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host, QueryAnswer} from '../../host/host.ts'
import {readLocalLog} from '../../remedies/postgres-log.ts'
import {alterRole, psql} from '../../remedies/psql.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restated} from '../../remedies/service.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {type Code, found} from './login.findings.ts'
import {passwordRefused} from './login.password.ts'
import {roleMissing} from './login.role-missing.ts'

type Refusal = Extract<QueryAnswer, {kind: 'error'}>
type Refused = Finding<'critical', Code>

/** The server refuses the role (SQLSTATE class 28): why, by its words and by its catalogue. */
export async function loginRefused(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  answer: Refusal,
): Promise<Refused> {
  const {sqlstate, message} = answer
  const {user} = database
  const evidence = [`${sqlstate} ${message}`]
  if (/no pg_hba\.conf entry|pg_hba\.conf rejects/.test(message))
    return notAdmitted(host, target, database, answer)
  const role = await findRole(host, database)
  if (role === 'missing') return roleMissing(host, target, database, evidence)
  if (role && !role.canLogIn) return mayNotLogIn(user, evidence)
  if (sqlstate === '28P01') return passwordRefused(host, target, database, role, evidence)
  // The server may speak another language; then the catalogue above has to do.
  if (/^role ".*" does not exist$/.test(message))
    return roleMissing(host, target, database, evidence)
  if (/not permitted to log in/.test(message)) return mayNotLogIn(user, evidence)
  if (/^Peer authentication failed/.test(message))
    return peerFailed(host, target, database, evidence)
  const log = await readLocalLog(host, target, database)
  return finding(
    found.refused(user, message),
    remedy('See what PostgreSQL logged about it', 'manual', log),
    {evidence},
  )
}

function mayNotLogIn(user: string, evidence: readonly string[]): Refused {
  const cure = remedy('Let the role log in', 'manual', [alterRole(user, 'login')])
  return finding(found['may-not-log-in'](user), cure, {evidence})
}

/** 28000: pg_hba.conf is read before anything else, so a mistyped database ends here as well. */
async function notAdmitted(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  {sqlstate, message}: Refusal,
): Promise<Refused> {
  const {user, name} = database
  const [spellings, file] = await Promise.all([
    findOtherSpellings(host, database),
    findHbaFile(host, database),
  ])
  const evidence = [`${sqlstate} ${message}`, ...(file === null ? [] : [`hba_file=${file}`])]
  // A name may lead to ::1 first, and libpq does not try the next address once one has answered.
  const from = /for host "([^"]+)"/.exec(message)?.[1]
  const at = `${placeOf(database)}${from ? ` from ${from}` : ''}`
  const [other] = spellings
  if (other !== undefined) {
    const cure = mend(
      'Correct the name of the database',
      restated(target, database.stated.name, other),
    )
    return finding(found['no-hba-entry'](database, at, other), cure, {evidence})
  }
  const server = await target.platform.findPostgres(host, database.port)
  const line = database.host.startsWith('/')
    ? `local ${name} ${user} peer`
    : `host ${name} ${user} samehost scram-sha-256`
  const cure = mend(
    'Admit the role in pg_hba.conf, then reload PostgreSQL',
    target.platform.postgresAdmission(server, line),
    {first: [psql('table pg_hba_file_rules')], whole: true},
  )
  const said = /rejects/.test(message)
    ? found['hba-rejects'](database, at)
    : found['no-hba-entry'](database, at)
  return finding(said, cure, {evidence})
}

async function peerFailed(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Refused> {
  const {user} = database
  const own = target.user ?? 'root'
  const means =
    own === user
      ? target.platform.postgresAdmission(
          await target.platform.findPostgres(host, database.port),
          'local all all peer',
        )
      : restated(target, database.stated.user, own)
  const cure = mend('Ask for the role of that name, or map the user to the role', means, {
    whole: true,
  })
  return finding(found.peer(own, user), cure, {evidence})
}
