import {keepsConnections} from '../../facts/django/django.ts'
import {findEntries} from '../../facts/journal/entries.ts'
import {saidLately} from '../../facts/journal/told.ts'
import {type Connections, type Health, limitsOf, type Timeout} from '../../facts/postgres/health.ts'
import {identifier, isLocal} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import type {Remedy} from '../../report/finding.ts'

/** Something that PostgreSQL did not let the service do within the last hour, and still would not. */
export interface Limited {
  /** "ended statements of the service" */
  readonly did: string
  /** Lines that say so: two loggers may tell of one. */
  readonly lines: readonly string[]
  /** "lock_timeout is 500 ms (of role "prism")" */
  readonly limit: string
  readonly cure: Remedy
  /** It comes again by itself, since the settings keep what the limit ends. */
  readonly recurs?: boolean
}

/** By PostgreSQL's own words (postgres.c, ProcessInterrupts): which setting says so. */
const timeouts: readonly {
  readonly name: string
  readonly words: RegExp
  readonly did: string
}[] = [
  {
    name: 'statement_timeout',
    words: /canceling statement due to statement timeout/,
    did: 'ended statements of the service',
  },
  {
    name: 'lock_timeout',
    words: /canceling statement due to lock timeout/,
    did: 'ended statements of the service that waited for a lock',
  },
  {
    name: 'idle_in_transaction_session_timeout',
    words: /terminating connection due to idle-in-transaction timeout/,
    did: 'ended connections of the service in the middle of a transaction',
  },
  {
    name: 'idle_session_timeout',
    words: /terminating connection due to idle-session timeout/,
    did: 'ended connections that the service had kept',
  },
  {
    name: 'transaction_timeout',
    words: /terminating connection due to transaction timeout/,
    did: 'ended transactions of the service',
  },
]

/** What PostgreSQL ended for a limit on time. */
export async function timedOut(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  health: Health,
): Promise<readonly Limited[]> {
  const found = timeouts.map(async ({name, words, did}): Promise<Limited | null> => {
    const set = settingOf(name, database, health)
    if (!set) return null
    const lines = await linesOf(host, target, database, words)
    if (lines.length === 0) return null
    const limit = `${name} is ${set.value} (${set.where})`
    const cure = changeTimeout(target, database, name, set.where)
    const recurs = name === 'idle_session_timeout' && keepsLonger(target, health)
    return {did, lines, limit, cure, recurs}
  })
  return (await Promise.all(found)).filter(each => each !== null)
}

/** CONN_MAX_AGE is longer than a session may be idle. */
function keepsLonger({django}: Target, {timeouts}: Health): boolean {
  const limit = timeouts?.find(({name}) => name === 'idle_session_timeout')?.value ?? 0
  const {default: used} = django.answer?.databases ?? {}
  return used !== undefined && keepsConnections(used, limit / 1000)
}

/**
 * What the service said of it within the last hour. libpq drops what the server says to a session
 * that is idle, so that the service only finds its connection gone: the server's own journal tells
 * why.
 */
async function linesOf(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  words: RegExp,
): Promise<readonly string[]> {
  const own = await saidLately(host, target.unit, words)
  if (own.length > 0) return own.map(({text}) => text)
  if (!words.source.startsWith('terminating') || !isLocal(database)) return []
  const lost = await saidLately(
    host,
    target.unit,
    /^django\S+: server closed the connection unexpectedly/,
  )
  if (lost.length === 0) return []
  const {unit} = await target.platform.findPostgres(host, database.port)
  const entries = (await findEntries(host, [{unit}], 200)) ?? []
  // Between two requests it may have been gone for long.
  const isWhy = entries.some(({text, at}) => words.test(text) && lost.some(line => line.at >= at))
  return isWhy ? lost.map(({text}) => text) : []
}

interface Setting {
  readonly value: string
  /** "of role prism" */
  readonly where: string
}

/** As a session of the service has it; null where there is no limit, or it is not known. */
function settingOf(name: string, database: DatabaseTarget, health: Health): Setting | null {
  if (name === 'statement_timeout') {
    // The limit of our own session hides what the server's files say.
    const told = new RegExp(`${name}=(\\w+)`).exec(database.options ?? '')?.[1]
    if (told !== undefined) return {value: inUnits(told), where: ownOptions}
    const {statementTimeout: value, statementTimeoutBy: by} = health
    return value
      ? {value: inUnits(value), where: by ? `of ${by}` : 'by ALTER ROLE or DATABASE'}
      : null
  }
  const known = health.timeouts?.find(each => each.name === name)
  return known ? {value: shown(known.value), where: whereOf(known)} : null
}

const ownOptions = 'by OPTIONS of DATABASES'

function whereOf({source}: Timeout): string {
  if (source === 'client') return ownOptions
  if (source === 'user') return 'of the role'
  if (source === 'database') return 'of the database'
  if (source === 'database user') return 'of the role in the database'
  return 'of the server'
}

/** "30s" as it is, and milliseconds where no unit stands. */
function inUnits(value: string): string {
  return /^\d+$/.test(value) ? shown(Number(value)) : value
}

function shown(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${milliseconds} ms`
}

function changeTimeout(
  target: Target,
  database: DatabaseTarget,
  name: string,
  where: string,
): Remedy {
  const summary = `See what took so long, or allow more by ${name}`
  const seen = psql(
    'select pid, state, wait_event_type, xact_start, query from pg_stat_activity where state is not null',
  )
  if (where === ownOptions) return mend(summary, settingMeans(target, 'DATABASES'), {first: [seen]})
  const {user, name: db} = database
  const ofRole = where === 'of every role' ? 'role all' : `role ${identifier(user)}`
  const object = /^of (?:the |every )?role\b/.test(where) ? ofRole : `database ${identifier(db)}`
  const inDatabase = / in (?:the )?database\b/.test(where) ? ` in database ${identifier(db)}` : ''
  const reset =
    where === 'of the server'
      ? psql(`show ${name}`, db)
      : psql(`alter ${object}${inDatabase} reset ${name}`)
  return remedy(summary, 'manual', [seen, reset, restart(target)])
}

/** Connections that PostgreSQL refused the service, where the limit is still there. */
export async function refusedConnections(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  health: Health,
): Promise<readonly Limited[]> {
  const said = await saidLately(
    host,
    target.unit,
    /FATAL: +(?:sorry, too many clients|remaining connection slots|too many connections for )/,
  )
  const limits = limitsOf(health, database)
  const byLimit = Map.groupBy(said, ({text}) => limitOf(text, limits))
  const all = [...byLimit].map(async ([limit, lines]): Promise<Limited | null> => {
    if (limit === null) return null
    return {
      did: 'refused the service connections',
      lines: lines.map(({text}) => text),
      limit: `${limit.what} may have ${limit.limit}, and has ${limit.used} now`,
      cure: await moreConnections(host, target, database, limit),
    }
  })
  return (await Promise.all(all)).filter(each => each !== null)
}

/** Null for one that was lifted. */
function limitOf(text: string, limits: readonly Connections[]): Connections | null {
  const named = /too many connections for (role|database) /.exec(text)?.[1] ?? 'the server'
  return limits.find(({what}) => what.startsWith(named)) ?? null
}

async function moreConnections(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  {what}: Connections,
): Promise<Remedy> {
  const {user, name} = database
  const see = psql(
    'select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc',
  )
  const summary = 'See who holds the connections, then use fewer or allow more'
  if (what !== 'the server') {
    const object = what.startsWith('role')
      ? `role ${identifier(user)}`
      : `database ${identifier(name)}`
    return remedy(summary, 'manual', [see, psql(`alter ${object} connection limit -1`)])
  }
  const cure = remedy(summary, 'manual', [see])
  if (!isLocal(database)) return cure
  const {platform} = target
  const server = await platform.findPostgres(host, database.port)
  return kept(cure, platform.postgresSetting(server, 'max_connections', 200))
}
