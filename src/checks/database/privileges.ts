import {firstFew} from '../../facts/files/state-tree.ts'
import {askDatabase, identifier} from '../../facts/postgres/postgres.ts'
import {databaseOf, type Target} from '../../facts/target/target.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {critical, ok, type Verdict, warning} from '../../report/finding.ts'
import {run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {databaseExists} from './exists.ts'

/** What an extension brought belongs to whoever created that, and is no table of the application. */
const question = `select current_schema() as schema, current_setting('search_path') as path,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as "mayCreate",
  (select pg_get_userbyid(datdba) from pg_database where datname = current_database()) as owner,
  (select coalesce(json_agg(t), '[]') from (
    select c.relname as name, c.relkind::text as kind, pg_get_userbyid(c.relowner) as owner, pg_has_role(c.relowner, 'USAGE') as own, usable
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral (select
      case when c.relkind = 'S' then has_sequence_privilege(c.oid, 'USAGE')
        else has_table_privilege(c.oid, 'SELECT') and has_table_privilege(c.oid, 'INSERT') end as usable) u
    where n.nspname = current_schema() and c.relkind in ('r', 'p', 'S')
      and not (pg_has_role(c.relowner, 'USAGE') and usable)
      and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
    order by usable, c.relkind = 'S', c.relname limit 200) t) as foreign`

interface Relation {
  readonly name: string
  readonly kind: string
  readonly owner: string
  /** Its owner is the service's role, or one that this is a member of. */
  readonly own: boolean
  readonly usable: boolean
}

interface Privileges {
  readonly schema: string | null
  readonly path: string
  readonly mayCreate: boolean
  readonly owner: string
  readonly foreign: readonly Relation[]
}

export const databasePrivileges: Check = {
  id: 'database/privileges',
  title: 'The role may create in its schema and owns its tables',
  fix: 'gives the database to its role while database/cluster is ok, and restarts the service',
  explanation: {
    why: `A role that may log in may still do nothing: since PostgreSQL 15 only the owner of a database may create in its schema
public, and a migration that somebody ran as postgres leaves tables that the service cannot use.`,
    asks: `One question over the service's own connection: the schema that search_path leads to, whether the role may create there,
who owns the database, and which tables and sequences of that schema it may not use, or belong to a role that it is not a member of.
Tables that an extension brought are passed over.`,
    findings: {
      connect: {
        means: 'The role may log in and has no CONNECT privilege on the database (SQLSTATE 42501).',
        remedy: 'Grant CONNECT, or let the role own the database (ensureDBOwnership).',
      },
      'no-schema': {
        means: 'search_path names no schema that is there, so that nothing can be made or found (SQLSTATE 3F000).',
        remedy: 'Make the schema, or reset search_path of the role or the database.',
      },
      'may-not-create': {
        means: `The role may not create in its schema: the next migration that makes a table ends with "permission denied for
schema public". Critical while the service does not run, since a migration may be what it stops at; otherwise a warning.`,
        remedy: 'Let the role own the database; on NixOS ensureDBOwnership does it.',
      },
      'foreign-tables': {
        means: `Tables or sequences belong to another role, or their owner's own privileges were revoked. Critical where the service
may not even read or write them, otherwise a warning: the next migration that changes one ends with "must be owner of table".`,
        remedy:
          'Give each to the role (ALTER TABLE … OWNER TO, or GRANT where it owns it); not REASSIGN OWNED BY postgres, which takes the system with it.',
      },
    },
    mistakenFor: `"relation does not exist" is no privilege but a migration or a search_path. A role that may read and write all its
tables and nothing else works until the next migration: that is worth a warning.`,
  },
  needs: [databaseExists],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    const {name, user} = database
    const rows = await askDatabase(host, target, database, question)
    if (rows === 'denied') {
      return critical(
        'connect',
        `role "${user}" has no CONNECT privilege on database "${name}"`,
        remedy('Let the role connect, then restart', 'manual', [
          psql(`grant connect on database ${identifier(name)} to ${identifier(user)}`),
          restart(target),
        ]),
        {evidence: ['42501'], because: []},
      )
    }
    const facts = rows[0] as unknown as Privileges
    if (facts.schema === null) {
      return critical(
        'no-schema',
        `search_path "${facts.path}" of role "${user}" leads to no schema of database "${name}"`,
        remedy('Make the schema, or reset search_path, then restart', 'manual', [
          psql('\\drds', name),
          psql('\\dn', name),
          restart(target),
        ]),
        {because: []},
      )
    }
    const found = [mayNotCreate(target, facts), foreignTables(facts)].filter(verdict => verdict !== null)
    if (found.length > 0) return found
    return ok(`role "${user}" may create in schema ${facts.schema} and owns what is in it`)

    function foreignTables({foreign, schema}: Privileges): Verdict | null {
      const [first] = foreign
      if (!first) return null
      const unusable = foreign.filter(({usable}) => !usable)
      const shown = unusable.length > 0 ? unusable : foreign
      const names = firstFew(shown.map(relation => `${relation.name} (${relation.owner})`))
      const steps = shown.slice(0, 5).map(relation => {
        const what = relation.kind === 'S' ? 'sequence' : 'table'
        const named = `${what} ${schema}.${identifier(relation.name)}`
        const gives = relation.own ? `grant all on ${named} to` : `alter ${named} owner to`
        return psql(`${gives} ${identifier(user)}`, name)
      })
      const cure = remedy(`Give them to role "${user}"`, 'manual', steps)
      const evidence = shown.slice(0, 20).map(relation => `${relation.name} belongs to ${relation.owner}`)
      if (unusable.length > 0)
        return critical('foreign-tables', `role "${user}" may not use ${names}`, cure, {evidence, because: []})
      return warning('foreign-tables', `role "${user}" may use and not change ${names}`, cure, {evidence})
    }
  },
}

function mayNotCreate(target: Target, {mayCreate, schema, owner}: Privileges): Verdict | null {
  const database = databaseOf(target)
  if (mayCreate || !database) return null
  const {user, name} = database
  const owns = `alter database ${identifier(name)} owner to ${identifier(user)}`
  const lasts = target.platform.role(user)
  const step = ['runuser', '-u', 'postgres', '--', 'psql', '-X', '-c', owns] as const
  // A database of postgres' own that bears the role's name was forgotten to be handed over; any other may be meant.
  const isForgotten = owner === 'postgres' && name === user
  const cure = isForgotten
    ? {
        ...kept(
          remedy(`Let role "${user}" own the database, then restart`, 'disruptive', [run(...step), restart(target)]),
          lasts,
        ),
        requires: ['database/cluster' as const],
      }
    : kept(remedy(`Let role "${user}" create in schema ${schema}`, 'manual', [psql(owns)]), lasts)
  const runs = target.unit.get('ActiveState') === 'active'
  const message = `role "${user}" may not create in schema ${schema}: database "${name}" belongs to ${owner}`
  const evidence = [`has_schema_privilege('${user}', '${schema}', 'CREATE') is false`]
  return runs
    ? warning('may-not-create', message, cure, {evidence})
    : critical('may-not-create', message, cure, {evidence, because: []})
}
