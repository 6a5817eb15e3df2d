import type {Connection, QueryAnswer} from '../host.ts'
import {openSession} from './postgres-session.ts'

/**
 * Runs as another user: one request as JSON on stdin, all answers as JSON on stdout. Its argv holds
 * no secret.
 */
async function main(): Promise<void> {
  let request = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) request += chunk
  const {connection, statements} = JSON.parse(request) as {
    connection: Connection
    statements: readonly string[]
  }
  const session = openSession(connection)
  const answers: QueryAnswer[] = []
  for (const sql of statements) answers.push(await session.query(sql))
  process.stdout.write(JSON.stringify(answers))
  session.close()
}

main().catch(error => {
  process.stderr.write(String(error))
  process.exitCode = 1
})
