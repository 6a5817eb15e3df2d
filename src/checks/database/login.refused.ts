import {findHba, type Hba, type HbaLine, isOf} from '../../facts/postgres/hba.ts'
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
import {edit, run} from '../../report/step.ts'
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
  const hba = await findHba(host, database, message)
  const evidence = [`${sqlstate} ${message}`, ...lineOf(hba)]
  if (/no pg_hba\.conf entry|pg_hba\.conf rejects/.test(message))
    return (
      (await staleLines(host, target, database, message, hba)) ??
      notAdmitted(host, target, database, answer, hba)
    )
  const role = await findRole(host, database)
  if (role === 'missing') return roleMissing(host, target, database, evidence)
  if (role && !role.canLogIn) return mayNotLogIn(user, evidence)
  if (sqlstate === '28P01') {
    const asksScram = hba?.decided && isOf(hba.decided, message) ? hba.decided.method : null
    const exact = asksScram === null ? role : role && {...role, asksScram: asksScram === scram}
    return passwordRefused(host, target, database, exact, evidence)
  }
  // The server may speak another language; then the catalogue above has to do.
  if (/^role ".*" does not exist$/.test(message))
    return roleMissing(host, target, database, evidence)
  if (/not permitted to log in/.test(message)) return mayNotLogIn(user, evidence)
  if (/^Peer authentication failed/.test(message))
    return peerFailed(host, target, database, evidence)
  const method = /^(\w+) authentication failed for user/.exec(message)?.[1]
  if (method !== undefined)
    return (
      (await staleLines(host, target, database, message, hba)) ??
      byMethod(host, target, database, method, hba, evidence)
    )
  const log = await readLocalLog(host, target, database)
  return finding(
    found.refused(user, message),
    remedy('See what PostgreSQL logged about it', 'manual', log),
    {evidence},
  )
}

const scram = 'scram-sha-256'

function lineOf(hba: Hba | null): readonly string[] {
  if (!hba?.decided) return []
  const {file, line, text, map} = hba.decided
  return [`${file}:${line} ${text}${map === null ? '' : ` map=${map}`}`]
}

/**
 * The file is not what the server goes by: a line of it is not valid, or it was not read since.
 * Null where what the file says is what the server did.
 */
async function staleLines(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  message: string,
  hba: Hba | null,
): Promise<Refused | null> {
  if (hba === null) return null
  const {decided, errors, unread} = hba
  const isEntry = /pg_hba\.conf/.test(message)
  const agrees = isEntry
    ? decided === null || decided.method === 'reject'
    : decided !== null && isOf(decided, message)
  const server = await target.platform.findPostgres(host, database.port)
  const reload = run('systemctl', 'reload', server.unit)
  const [error] = errors
  if (error && (isEntry || !agrees)) {
    const cure = remedy('Correct the line, then reload PostgreSQL', 'manual', [
      edit(error.file),
      reload,
    ])
    const evidence = errors.map(each => `${each.file}:${each.line} ${each.error}`)
    return finding(found['hba-error'](error), cure, {evidence: [message, ...evidence]})
  }
  if (agrees || decided === null || !unread) return null
  const cure = remedy('Let PostgreSQL read pg_hba.conf again', 'disruptive', [reload])
  return finding(found['hba-not-read'](database, decided), cure, {
    evidence: [message, ...lineOf(hba)],
  })
}

/** 28000: the line asks by something else than a password. */
async function byMethod(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  said: string,
  hba: Hba | null,
  evidence: readonly string[],
): Promise<Refused> {
  const decided = hba?.decided ?? null
  const line =
    decided !== null && isOf(decided, `${said} authentication failed for user`) ? decided : null
  const server = await target.platform.findPostgres(host, database.port)
  const {user, name} = database
  const means = line
    ? target.platform.postgresHbaLine(server, line.file, withMethod(line, scram))
    : target.platform.postgresAdmission(server, `host ${name} ${user} samehost ${scram}`)
  const method = line?.method ?? said.toLowerCase()
  const cure = mend(`Write ${scram} there in place of ${method}`, means, {
    first: line ? [] : [psql('table pg_hba_file_rules')],
  })
  return finding(found['other-method'](user, method, line), cure, {evidence})
}

function withMethod({text, method}: HbaLine, other: string): string {
  return `${text.slice(0, text.length - method.length)}${other}`
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
  hba: Hba | null,
): Promise<Refused> {
  const {user, name} = database
  const [spellings, file] = await Promise.all([
    findOtherSpellings(host, database),
    findHbaFile(host, database),
  ])
  const evidence = [
    `${sqlstate} ${message}`,
    ...(file === null ? [] : [`hba_file=${file}`]),
    ...lineOf(hba),
  ]
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
    ? found['hba-rejects'](database, at, hba?.decided?.method === 'reject' ? hba.decided : null)
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
