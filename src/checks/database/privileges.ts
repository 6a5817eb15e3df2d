import {askPrivileges} from '../../facts/postgres/privileges.ts'
import {ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {databaseExists} from './exists.ts'
import {explanation} from './privileges.explanation.ts'
import {privilegesFacts} from './privileges.facts.ts'
import {
  type Code,
  foreignTables,
  found,
  mayNotConnect,
  mayNotCreate,
  noSchema,
} from './privileges.findings.ts'

export const databasePrivileges: CheckOf<Code> = {
  id: 'database/privileges',
  title: 'The role may create in its schema and owns its tables',
  fix: 'gives the database to its role while database/cluster is ok, and restarts the service',
  explanation,
  findings: found,
  needs: [databaseExists],
  facts: privilegesFacts,
  async run({host, target, resultOf}) {
    const opened = await resultOf(databaseExists)
    if (!opened) return ok('the service uses no PostgreSQL')
    const {database, mayConnect} = opened
    if (!mayConnect) return mayNotConnect(target, database)
    const facts = await askPrivileges(host, target, database)
    const {schema} = facts
    if (schema === null) return noSchema(target, database, facts)
    const bad = [
      mayNotCreate(target, database, {...facts, schema}),
      foreignTables(database, {...facts, schema}),
    ].filter(verdict => verdict !== null)
    if (bad.length > 0) return bad
    return ok(`role "${database.user}" may create in schema ${schema} and owns what is in it`)
  },
}
