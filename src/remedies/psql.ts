import {identifier} from '../facts/postgres/postgres.ts'
import type {Step} from '../report/finding.ts'
import {hand} from '../report/step.ts'

/** A statement, or one of psql's own commands, for a human to run as the superuser. */
export function psql(statement: string, database?: string): Step {
  return hand(`sudo -u postgres psql ${database === undefined ? '' : `-d ${quoted(database)} `}-c ${quoted(statement)}`)
}

/** @param change "login", "connection limit -1" */
export function alterRole(user: string, change: string): Step {
  return psql(`alter role ${identifier(user)} ${change}`)
}

/** As a shell must be given it. */
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`
  return `'${text.replaceAll("'", `'\\''`)}'`
}
