import {askPrivileges} from '../../facts/postgres/privileges.ts'
import type {Target} from '../../facts/target/target.ts'
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

/**
 * What the application's migrations make, with the tables and sequences that go with a table; all
 * where nobody tells. Other programs may keep tables of their own in the same schema.
 */
function ownTables({django}: Target): (relation: string) => boolean {
  const tables = django.answer?.migrations?.tables ?? null
  if (tables === null) return () => true
  const own = [...tables, 'django_migrations']
  return relation => own.some(table => relation === table || relation.startsWith(`${table}_`))
}

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
    const asked = await askPrivileges(host, target, database)
    const isOurs = ownTables(target)
    const facts = {...asked, foreign: asked.foreign.filter(({name}) => isOurs(name))}
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
