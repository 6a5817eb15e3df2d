import {identifier} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {CannotLook} from '../../host/host.ts'
import {psql} from '../../remedies/psql.ts'
import {remedy} from '../../remedies/remedy.ts'
import {finding, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './exists.explanation.ts'
import {existsFacts} from './exists.facts.ts'
import {type Code, found, missing, withoutLocale} from './exists.findings.ts'
import {databaseLogin} from './login.ts'

/** The database of the service, which is there and open. */
export interface OpenDatabase {
  readonly database: DatabaseTarget
  /** False where the role has no CONNECT privilege on it. */
  readonly mayConnect: boolean
}

/** Hands on null where the service uses no PostgreSQL. */
export const databaseExists: CheckOf<Code, OpenDatabase | null> = {
  id: 'database/exists',
  title: 'The database exists and is open',
  fix: 'creates the database while database/cluster is ok',
  explanation,
  findings: found,
  needs: [databaseLogin],
  facts: existsFacts,
  async run({host, target, resultOf}) {
    const login = await resultOf(databaseLogin)
    if (!login) return {findings: [ok('the service uses no PostgreSQL')], result: null}
    const {database, answer} = login
    const {name} = database
    const mayConnect = answer.kind === 'rows'
    if (mayConnect || answer.sqlstate === '42501') {
      return {findings: [ok(`database "${name}" exists`)], result: {database, mayConnect}}
    }
    const evidence = [`${answer.sqlstate} ${answer.message}`]
    if (answer.sqlstate === '3D000') return missing(host, target, database, evidence)
    if (answer.sqlstate === '55000') {
      const open = psql(`alter database ${identifier(name)} allow_connections true`)
      return finding(found.closed(name), remedy('Open the database', 'manual', [open]), {evidence})
    }
    // InitPostgres has no SQLSTATE of its own for it (postinit.c, CheckMyDatabase).
    const locale = /^The database was initialized with LC_\w+ "([\w.@-]+)"/.exec(
      answer.detail ?? '',
    )?.[1]
    if (locale !== undefined)
      return withoutLocale(host, target, database, locale, [...evidence, answer.detail ?? ''])
    throw new CannotLook(`PostgreSQL could not open database "${name}": ${answer.message}`)
  },
}
