import {identifier} from '../facts/postgres/postgres.ts'
import type {Step} from '../report/finding.ts'
import {byHand} from '../report/step.ts'

/** A statement, or one of psql's own commands, for a human to run as the superuser. */
export function psql(statement: string, database?: string): Step {
  const to = database === undefined ? [] : ['-d', database]
  return byHand('sudo', '-u', 'postgres', 'psql', ...to, '-c', statement)
}

/** @param change "login", "connection limit -1" */
export function alterRole(user: string, change: string): Step {
  return psql(`alter role ${identifier(user)} ${change}`)
}
