import {shownStated} from '../../facts/django/stated.ts'
import {isLocal, placeOf, serviceConnection} from '../../facts/postgres/postgres.ts'
import type {Role} from '../../facts/postgres/superuser.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {readLocalLog} from '../../remedies/postgres-log.ts'
import {alterRole, psql} from '../../remedies/psql.ts'
import {mend, or, remedy} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {type Code, found, orOverSocket, setPassword} from './login.findings.ts'

type Refused = Finding<'critical', Code>

/**
 * 28P01: which of its causes it is.
 * @param role null where nobody may look at the catalogue.
 */
export async function passwordRefused(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  role: Role | null,
  evidence: readonly string[],
): Promise<Refused> {
  const {user} = database
  if (!role) return unexplained(host, target, database, evidence)
  if (role.password === 'none') return noPassword(target, database, evidence)
  if (role.expired) {
    const cure = remedy('Make the password valid again', 'manual', [
      alterRole(user, "valid until 'infinity'"),
    ])
    return finding(found.expired(user), cure, {evidence})
  }
  if (role.password === 'md5' && role.asksScram) return storedAsMd5(user, evidence)
  const sources = shownStated(database.stated.password, target.unit.name)
  if (await runningPasswordWorks(host, target, database)) {
    const cure = remedy('Give the role the new password, then restart', 'manual', [
      setPassword(user),
      restart(target),
    ])
    return finding(found.rotated(user, sources), cure, {evidence})
  }
  if (await worksWithoutBlanks(host, target, database)) {
    const cure = mend(
      'Take the blanks or the line break away from the password',
      restated(target, database.stated.password),
      {after: [restart(target)]},
    )
    return finding(found.padded(user, sources), cure, {evidence})
  }
  const isInFile = database.stated.password.within !== undefined
  const where = isInFile ? sources : 'the secrets'
  const set = remedy(`Set the role's password to the one in ${where}, then restart`, 'manual', [
    setPassword(user),
    restart(target),
  ])
  const stated = restated(target, database.stated.password)
  const cure =
    isInFile || target.secretsFiles.length > 0
      ? or(
          set,
          mend(isInFile ? 'Correct the password there' : 'Correct the secret', stated, {
            after: [restart(target)],
          }),
        )
      : set
  return finding(found['wrong-password'](user, sources), cure, {evidence})
}

function noPassword(
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Refused {
  const {user} = database
  const set = (summary: string) => remedy(summary, 'manual', [setPassword(user)])
  const cure = orOverSocket(target, database, set, 'Give the role the password from the secrets')
  return finding(found['no-password'](user, placeOf(database)), cure, {evidence})
}

function storedAsMd5(user: string, evidence: readonly string[]): Refused {
  const cure = remedy('Store the password from the secrets again, as SCRAM', 'manual', [
    psql("alter system set password_encryption = 'scram-sha-256'"),
    psql('select pg_reload_conf()'),
    setPassword(user),
  ])
  return finding(found['stored-as-md5'](user), cure, {evidence})
}

/** The process has what the secrets held when it started. */
async function runningPasswordWorks(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<boolean> {
  const old = target.running?.get('POSTGRES_PASSWORD') ?? target.running?.get('PGPASSWORD')
  return old ? worksBy(host, target, database, {password: old, called: 'of the process'}) : false
}

/** A file that holds a password ends with a line break, and not everybody who reads it takes it off. */
async function worksWithoutBlanks(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<boolean> {
  const bare = database.password?.trim()
  const called = 'without the blanks around it'
  return bare ? worksBy(host, target, database, {password: bare, called}) : false
}

interface Other {
  readonly password: string
  /** Which password it is, for the recording. */
  readonly called: string
}

/** Whether PostgreSQL lets the service in by a password that is another than it has. */
async function worksBy(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  {password, called}: Other,
): Promise<boolean> {
  if (password === database.password) return false
  host.secrets.add(password)
  const connection = {...serviceConnection(target, database), password}
  const answer = await host.query(connection, {
    question: `anything, by the password ${called}`,
    sql: 'select 1',
  })
  return answer.kind === 'rows'
}

/** Where nobody may look at the server's side: all that it may be. */
async function unexplained(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Refused> {
  const {user} = database
  const why = isLocal(database)
    ? 'pg_authid was not readable; run as root to tell which'
    : 'the server is on another machine'
  const cure = remedy('See which it is, then set the password', 'manual', [
    psql(`\\du+ ${user}`),
    ...(await readLocalLog(host, target, database)),
    setPassword(user),
  ])
  return finding(found['password-refused'](user), cure, {evidence: [...evidence, why]})
}
