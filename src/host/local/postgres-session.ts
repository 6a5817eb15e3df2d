import type {Socket} from 'node:net'
import type {QueryConfig} from 'pg'
import type {Connection, QueryAnswer} from '../host.ts'
import {provingSilence, within} from '../time-left.ts'
import {answerOf, type Opened, open, type PostgresLimits} from './postgres-connect.ts'
import type {Resolve} from './resolve.ts'

const defaults: PostgresLimits = {connect: 8000, query: 8000}

export interface PostgresSession {
  query(sql: string): Promise<QueryAnswer>
  /** Ends the connection, or the attempt to get one. */
  close(): void
}

/** One connection, opened at the first question and used for all, one after the other. */
export function openSession(
  connection: Connection,
  resolve: Resolve,
  limits: PostgresLimits = defaults,
): PostgresSession {
  const sockets = new Set<Socket>()
  const queue = createQueue()
  let opened: Promise<Opened> | undefined
  return {
    query(sql) {
      // The limit on a question counts from when it is sent, not from when it queues behind others.
      return queue.add(async () => {
        opened ??= open(connection, limits, {sockets, resolve})
        return ask(await opened, sql, within(limits.query, provingSilence))
      })
    },
    close() {
      for (const socket of sockets) {
        socket.unref()
        // Nobody waits for the answer any more, and the server's may never come.
        if (queue.length() > 0) socket.destroy()
      }
      opened
        ?.then(session => ('client' in session ? session.client.end() : undefined))
        .catch(() => undefined)
        .finally(() => {
          for (const socket of sockets) socket.destroy()
        })
    },
  }
}

async function ask(session: Opened, text: string, limit: number): Promise<QueryAnswer> {
  if (!('client' in session)) return session
  try {
    const question: QueryConfig & {query_timeout: number} = {text, query_timeout: limit}
    const {rows} = await session.client.query(question)
    return {kind: 'rows', rows: rows as Record<string, unknown>[]}
  } catch (error) {
    return answerOf(error)
  }
}

interface Queue {
  add<Answer>(task: () => Promise<Answer>): Promise<Answer>
  length(): number
}

/** Runs one task after the other. */
function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve()
  let pending = 0
  return {
    add(task) {
      const answer = last.then(task)
      pending += 1
      last = answer
        .catch(() => undefined)
        .finally(() => {
          pending -= 1
        })
      return answer
    },
    length: () => pending,
  }
}
