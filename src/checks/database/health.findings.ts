import type {Connections, Health} from '../../facts/postgres/health.ts'
import type {LockWait} from '../../facts/postgres/lock-wait.ts'
import {identifier} from '../../facts/postgres/postgres.ts'
import type {SequenceBehind} from '../../facts/postgres/sequences.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Postgres} from '../../platform/platform.ts'
import {provideExtensions} from '../../remedies/extensions.ts'
import {endHolder, sessionHolds} from '../../remedies/lock-wait.ts'
import {psql} from '../../remedies/psql.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart, start} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  milder,
  type Said,
  type Step,
  type Verdict,
} from '../../report/finding.ts'
import {rank} from '../../report/report.ts'
import {byHand} from '../../report/step.ts'
import {explanation} from './health.explanation.ts'
import type {Limited} from './health.limits.ts'
import {catchUp, isTaken, sequencesBehind} from './health.sequences.ts'

function saidLately({did, lines, limit}: Limited): string {
  return `PostgreSQL ${did} within the last hour (logged ${lines.length === 1 ? 'once' : `${lines.length} times`}): ${limit}`
}

export const found = findingsOf(explanation, {
  recovery: cause(
    'critical',
    (name: string) =>
      `the server of database "${name}" is in recovery (a standby): it takes no writes`,
  ),
  'read-only': cause(
    'critical',
    (by: string) => `transactions are read-only: default_transaction_read_only is on for ${by}`,
  ),
  'statement-timeout': cause(
    'critical',
    (milliseconds: number) =>
      `statement_timeout ends every statement of the service after ${milliseconds} ms`,
  ),
  blocked: cause(
    'critical',
    (wait: LockWait) =>
      `the service has waited ${wait.seconds} s for a lock that ${sessionHolds(wait)}`,
  ),
  'few-connections': cause(
    'warning',
    ({used, limit, what}: Connections) =>
      `${used} of the ${limit} connections of ${what} are in use`,
  ),
  'connections-refused': cause('warning', saidLately),
  'timed-out': cause('critical', saidLately),
  'collation-of-columns': cause(
    'warning',
    (name: string, collations: string) =>
      `columns of database "${name}" are sorted by ${collations}, which the system has in another version now`,
  ),
  collation: cause(
    'warning',
    (name: string, recorded: string, actual: string) =>
      `database "${name}" was made with collation version ${recorded}, but the system has ${actual}`,
  ),
  'sequence-behind': cause('critical', (behind: readonly SequenceBehind[]) =>
    sequencesBehind(behind),
  ),
  encoding: cause('critical', (name: string, encoding: string) => {
    const why =
      encoding === 'SQL_ASCII'
        ? 'PostgreSQL stores whatever bytes come, and knows no characters'
        : 'what it lacks of the characters that Django writes is refused'
    return `database "${name}" is encoded as ${encoding} instead of UTF8: ${why}`
  }),
  'extension-gone': cause(
    'critical',
    (name: string, extensions: string) =>
      `database "${name}" uses ${extensions}, of which this PostgreSQL has no files any more`,
  ),
})

export type Code = CodeOf<typeof found>

/** What was asked beside the health, where that gave reason to. */
export interface Asked {
  readonly behind: readonly SequenceBehind[]
  /** The service was refused a character that the encoding lacks, or the files of an extension. */
  readonly refused: {readonly character: boolean; readonly file: boolean}
  readonly server: Postgres
  /** What PostgreSQL ended or refused within the last hour. */
  readonly timedOut: readonly Limited[]
  readonly refusedConnections: readonly Limited[]
}

/** Everything that is wrong, worst first. */
export function judge(
  target: Target,
  database: DatabaseTarget,
  health: Health,
  connections: Connections,
  {behind, refused, server, timedOut, refusedConnections}: Asked,
): readonly Verdict<Code>[] {
  const {name} = database
  const verdicts: readonly (Verdict<Code> | null)[] = [
    health.recovery ? inRecovery(name) : null,
    health.readOnly && !health.recovery ? readOnly(target, database, health) : null,
    hurried(name, health),
    health.blocked && finding(found.blocked(health.blocked), endHolder(health.blocked)),
    late(database, behind),
    encoded(target, database, health, refused.character),
    extensionGone(target, database, health, refused.file, server),
    ...refusedConnections.map(each => limited(found['connections-refused'](each), each)),
    areFew(connections) && refusedConnections.length === 0
      ? finding(found['few-connections'](connections), seeWhoHoldsThem)
      : null,
    ...timedOut.map(each => limited(found['timed-out'](each), each)),
    collation(name, health),
    collationOfColumns(name, health),
  ]
  const said = verdicts.filter(verdict => verdict !== null)
  return [...said].sort((a, b) => rank(b.status) - rank(a.status))
}

function inRecovery(name: string): Verdict<Code> {
  const cure = remedy('Point the service to the primary, or promote this server', 'manual', [
    psql('select * from pg_stat_wal_receiver'),
  ])
  return finding(found.recovery(name), cure)
}

function readOnly(
  target: Target,
  {user, name}: DatabaseTarget,
  {readOnlyBy}: Health,
): Verdict<Code> {
  const by = readOnlyBy?.trim() || 'the server'
  const where = by.startsWith('role') ? `role ${identifier(user)}` : `database ${identifier(name)}`
  const owner = readOnlyBy === null ? 'system' : where
  const reset = psql(`alter ${owner} reset default_transaction_read_only`)
  const cure = remedy('Let the service write again, then restart it', 'manual', [
    reset,
    restart(target),
  ])
  return finding(found['read-only'](by), cure, {
    evidence: ['25006 cannot execute … in a read-only transaction'],
  })
}

/** Milliseconds below which Django cannot work: migrate alone reads the whole catalogue. */
const tooShort = 100

function hurried(name: string, {statementTimeout}: Health): Verdict<Code> | null {
  const milliseconds = Number(/^(\d+)(?:ms)?$/.exec(statementTimeout ?? '')?.[1] ?? 0)
  if (milliseconds === 0 || milliseconds >= tooShort) return null
  const cure = remedy(
    'Set it to what was meant, for the role or the database, then restart',
    'manual',
    [psql('\\drds', name)],
  )
  return finding(found['statement-timeout'](milliseconds), cure, {
    evidence: ['57014 canceling statement due to statement timeout'],
  })
}

/** A large server that is nearly full has many left. */
function areFew({used, limit}: Connections): boolean {
  return used > mostInUse(limit)
}

/** How many connections may be in use: all but a tenth, or all but twenty where that is more. */
export function mostInUse(limit: number): number {
  return Math.max(Math.ceil(limit * 0.9) - 1, limit - 20)
}

const seeWhoHoldsThem = remedy('See who holds the connections', 'manual', [
  psql(
    'select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc',
  ),
])

function collation(name: string, {recorded, actual}: Health): Verdict<Code> | null {
  if (recorded === null || actual === null || recorded === actual) return null
  const cure = remedy('Rebuild the indexes, then record the new version', 'manual', [
    psql(`reindex database ${identifier(name)}`, name),
    psql(`alter database ${identifier(name)} refresh collation version`, name),
  ])
  return finding(found.collation(name, recorded, actual), cure)
}

/** The names come from pg_collation by quote_ident. */
function collationOfColumns(name: string, {otherCollations = null}: Health): Verdict<Code> | null {
  if (otherCollations === null) return null
  const cure = remedy('Rebuild the indexes, then record the new versions', 'manual', [
    psql(`reindex database ${identifier(name)}`, name),
    ...otherCollations
      .split(', ')
      .map(each => psql(`alter collation ${each} refresh version`, name)),
  ])
  return finding(found['collation-of-columns'](name, otherCollations), cure)
}

function limited(said: Said<Code>, {cure, lines, recurs = false}: Limited): Verdict<Code> {
  return finding(recurs ? said : milder(said), cure, {evidence: lines.slice(-3)})
}

function late(database: DatabaseTarget, behind: readonly SequenceBehind[]): Verdict<Code> | null {
  if (behind.length === 0) return null
  const said = found['sequence-behind'](behind)
  const evidence = behind
    .slice(0, 20)
    .map(each => `${each.sequence}: next=${each.next} taken=${each.taken} last=${each.last}`)
  // Until the next value is taken, nothing fails.
  const now = behind.some(isTaken) ? said : milder(said)
  return finding(now, catchUp(database, behind), {evidence})
}

/** A character that is not in the encoding fails when somebody writes it, and not before. */
function encoded(
  target: Target,
  {name, user}: DatabaseTarget,
  {encoding = 'UTF8'}: Health,
  refused: boolean,
): Verdict<Code> | null {
  if (encoding === 'UTF8') return null
  const said = found.encoding(name, encoding)
  const fresh = `${name}_utf8`
  const dump = `/var/lib/postgresql/${name}.dump`
  const asPostgres = (...words: readonly string[]): Step =>
    byHand('sudo', '-u', 'postgres', ...words)
  const cure = remedy(
    'Dump it, restore it into a database that is encoded as UTF8, and let that take its name',
    'manual',
    [
      byHand('sudo', 'systemctl', 'stop', target.unit.name),
      asPostgres('pg_dump', '-Fc', '-f', dump, name),
      asPostgres('createdb', '-T', 'template0', '-E', 'UTF8', '-O', user, fresh),
      asPostgres('pg_restore', '-d', fresh, dump),
      psql(`alter database ${identifier(name)} rename to ${identifier(`${name}_before`)}`),
      psql(`alter database ${identifier(fresh)} rename to ${identifier(name)}`),
      start(target),
    ],
  )
  return finding(refused ? said : milder(said), cure)
}

/** What of them is used fails: "could not access file". */
function extensionGone(
  target: Target,
  database: DatabaseTarget,
  {lostExtensions = null}: Health,
  refused: boolean,
  server: Postgres,
): Verdict<Code> | null {
  if (lostExtensions === null) return null
  const said = found['extension-gone'](database.name, lostExtensions)
  const cure = provideExtensions(target, database, server, lostExtensions.split(', '))
  return finding(refused ? said : milder(said), cure)
}
