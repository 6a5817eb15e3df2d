import {userInfo} from 'node:os'
import {fileURLToPath} from 'node:url'
import {CannotLook, type Connection, type QueryAnswer} from '../host.ts'
import {provingSilence, within} from '../time-left.ts'
import {exec} from './exec.ts'
import type {PostgresLimits} from './postgres-connect.ts'
import {openSession, type PostgresSession} from './postgres-session.ts'
import type {Resolve} from './resolve.ts'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'cjs'
const childScript = fileURLToPath(new URL(`./postgres-child.${extension}`, import.meta.url))

export interface LocalPostgres {
  query(connection: Connection, sql: string): Promise<QueryAnswer>
  close(): void
}

export function createPostgres(resolve: Resolve, limits?: PostgresLimits): LocalPostgres {
  // What the operator's shell has set for psql says nothing about the service.
  for (const name of Object.keys(process.env)) if (/^PG[A-Z]/.test(name)) delete process.env[name]
  const sessions = new Map<string, PostgresSession>()
  const open = (connection: Connection): PostgresSession => {
    const {as} = connection
    if (as === null || as === ownName()) return openSession(connection, resolve, limits)
    return sessionAs(as, connection)
  }
  return {
    async query(connection, sql) {
      const key = JSON.stringify(connection)
      const session = sessions.get(key) ?? open(connection)
      sessions.set(key, session)
      return session.query(sql)
    },
    close() {
      for (const session of sessions.values()) session.close()
    },
  }
}

function ownName(): string | null {
  try {
    return userInfo().username
  } catch {
    // A user id without an entry in the user database has no name to compare.
    return null
  }
}

interface Waiting {
  readonly sql: string
  readonly settle: (answer: Promise<QueryAnswer>) => void
}

/**
 * Peer authentication and the access to a socket's directory depend on who asks: a child asks, as
 * that user. One child at a time takes all that waits, so that the doctor never holds more than one
 * of the server's connections.
 */
function sessionAs(user: string, connection: Connection): PostgresSession {
  const waiting: Waiting[] = []
  let running = false
  const runAll = async (): Promise<void> => {
    if (running) return
    running = true
    // What is asked in the same turn goes to the same child.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = waiting.splice(0)
      const answers = queryAs(user, connection, batch)
      for (const [index, {settle}] of batch.entries())
        settle(answers.then(all => answerAt(all, index, user)))
      await answers.catch(() => undefined)
    }
    running = false
  }
  return {
    query: sql =>
      new Promise(settle => {
        waiting.push({sql, settle})
        runAll()
      }),
    close: () => undefined,
  }
}

async function queryAs(
  user: string,
  connection: Connection,
  batch: readonly Waiting[],
): Promise<readonly QueryAnswer[]> {
  const statements = batch.map(({sql}) => sql)
  const limit = within(8000, {...provingSilence, share: 1 / 3})
  const limits = {connect: limit, query: limit}
  const input = JSON.stringify({connection: {...connection, as: null}, statements, limits})
  const argv = [process.execPath, childScript]
  // The child starts, waits, and must have the time to say that the server does not answer.
  const answer = await exec(argv, {user, input, timeout: 15_000, share: 2 / 3, least: 5000})
  try {
    return JSON.parse(answer.stdout) as QueryAnswer[]
  } catch {
    throw new CannotLook(
      `PostgreSQL could not be asked as ${user}: the child ended with ${answer.exitCode}`,
    )
  }
}

function answerAt(answers: readonly QueryAnswer[], index: number, user: string): QueryAnswer {
  const answer = answers[index]
  if (!answer)
    throw new CannotLook(
      `PostgreSQL could not be asked as ${user}: the child left a question unanswered`,
    )
  return answer
}
