import {lookup} from 'node:dns/promises'
import type {Connection, QueryAnswer} from '../host.ts'
import type {PostgresLimits} from './postgres-connect.ts'
import {openSession} from './postgres-session.ts'

/**
 * Runs as another user: one request as JSON on stdin, all answers as JSON on stdout. Its argv holds
 * no secret.
 */
async function main(): Promise<void> {
  let request = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) request += chunk
  const {connection, statements, limits} = JSON.parse(request) as {
    connection: Connection
    statements: readonly string[]
    limits: PostgresLimits
  }
  const session = openSession(connection, name => lookup(name, {all: true}), limits)
  const answers: QueryAnswer[] = []
  for (const sql of statements) answers.push(await session.query(sql))
  process.stdout.write(JSON.stringify(answers))
  session.close()
}

main().catch(error => {
  process.stderr.write(String(error))
  process.exitCode = 1
})
