import {shownStated} from '../../facts/django/stated.ts'
import type {HbaError, HbaLine} from '../../facts/postgres/hba.ts'
import {identifier, placeOf} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, mend, or} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  type Finding,
  finding,
  findingsOf,
  type Remedy,
  type Step,
  symptom,
} from '../../report/finding.ts'
import {explanation} from './login.explanation.ts'

export const found = findingsOf(explanation, {
  'wrong-password': cause(
    'critical',
    (user: string, sources: string) => `role "${user}" has a different password than ${sources}`,
  ),
  padded: cause(
    'critical',
    (user: string, sources: string) =>
      `the password of role "${user}" in ${sources} has blanks or a line break around it, and without them it is right`,
  ),
  'stored-as-md5': cause('critical', (user: string) => {
    const stored = `the password of role "${user}" is stored as MD5`
    return `${stored}, and pg_hba.conf asks for scram-sha-256: even the right one is refused`
  }),
  rotated: cause(
    'critical',
    (user: string, sources: string) =>
      `role "${user}" still has the old password, as the running process does; ${sources} has a new one`,
  ),
  'no-password': cause(
    'critical',
    (user: string, place: string) =>
      `role "${user}" has no password, and PostgreSQL at ${place} asks for one`,
  ),
  expired: cause('critical', (user: string) => `the password of role "${user}" has expired`),
  'role-missing': cause(
    'critical',
    (user: string, but = '') => `PostgreSQL has no role "${user}"${but}`,
  ),
  'may-not-log-in': cause(
    'critical',
    (user: string) => `role "${user}" is not permitted to log in`,
  ),
  'password-refused': cause('critical', (user: string) => {
    const why = 'it is wrong or expired, or the role has none or does not exist'
    return `PostgreSQL refuses the password of role "${user}": ${why}`
  }),
  'no-password-sent': symptom(
    'critical',
    (place: string, lack: string) => `PostgreSQL at ${place} asks for a password, and ${lack}`,
  ),
  'no-hba-entry': cause('critical', ({user, name}: DatabaseTarget, at: string, other?: string) =>
    other === undefined
      ? `pg_hba.conf has no entry that admits role "${user}" to database "${name}" at ${at}`
      : `pg_hba.conf admits nobody to database "${name}"; there is one called "${other}"`,
  ),
  'hba-rejects': cause(
    'critical',
    ({user, name}: DatabaseTarget, at: string, line: HbaLine | null) =>
      `${shownLine(line)} rejects role "${user}" for database "${name}" at ${at}`,
  ),
  'hba-error': cause(
    'critical',
    ({file, line, error}: HbaError) =>
      `line ${line} of ${file} is not valid, so PostgreSQL goes by what it read before: ${error}`,
  ),
  'hba-not-read': cause('critical', ({user, name}: DatabaseTarget, {file, line, text}: HbaLine) => {
    const admits = `line ${line} of ${file} (${text}) is for role "${user}" and database "${name}"`
    return `${admits}, but PostgreSQL has not read the file since it was changed`
  }),
  'other-method': cause(
    'critical',
    (user: string, method: string, line: HbaLine | null) =>
      `${shownLine(line)} lets role "${user}" in by ${method} alone, which fails: its password here counts for nothing`,
  ),
  peer: cause('critical', (own: string, user: string) => {
    const taken = `over the socket PostgreSQL takes the user ${own} for role "${own}" (peer)`
    return `${taken}, but the service asks for role "${user}"`
  }),
  refused: cause(
    'critical',
    (user: string, said: string) => `PostgreSQL refuses role "${user}": ${said}`,
  ),
})

export type Code = CodeOf<typeof found>

function shownLine(line: HbaLine | null): string {
  return line === null ? 'pg_hba.conf' : `line ${line.line} of ${line.file} (${line.text})`
}

/** The server asks for a password and the service has none: the server's log never shows it. */
export function passwordMissing(
  target: Target,
  database: DatabaseTarget,
): Finding<'critical', Code> {
  const {
    passfile,
    stated: {password},
  } = database
  const lack =
    passfile && password.variable === null
      ? `libpq finds none in ${passfile.path}`
      : password.variable === null || target.environment.get(password.variable)
        ? `${shownStated(password, target.unit.name)} holds no password`
        : `${password.variable} is not set`
  const setSecret = (summary: string): Remedy =>
    mend(summary, restated(target, password), {after: [restart(target)], whole: true})
  const cure = database.host.startsWith('/')
    ? setSecret('Set the password in the secrets, or rely on peer authentication')
    : orOverSocket(target, database, setSecret, 'Set the password in the secrets')
  return finding(found['no-password-sent'](placeOf(database), lack), cure, {
    evidence: ['fe_sendauth: no password supplied'],
    because: ['secrets/keys', 'secrets/file'],
  })
}

/** psql's \password asks for it without an echo, and sends only the hash. */
export function setPassword(user: string): Step {
  return psql(`\\password ${identifier(user)}`)
}

/** A choice: the password, or the socket over which nobody asks for one. */
export function orOverSocket(
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
