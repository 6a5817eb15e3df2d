import {firstFew} from '../../facts/files/tree.ts'
import {identifier} from '../../facts/postgres/postgres.ts'
import type {Privileges, Relation} from '../../facts/postgres/privileges.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  milder,
  type Remedy,
  type Step,
  type Verdict,
} from '../../report/finding.ts'
import {run} from '../../report/step.ts'
import {explanation} from './privileges.explanation.ts'

/** The privileges of a role whose search_path leads somewhere. */
type InSchema = Privileges & {readonly schema: string}

export const found = findingsOf(explanation, {
  connect: cause(
    'critical',
    ({user, name}: DatabaseTarget) =>
      `role "${user}" has no CONNECT privilege on database "${name}"`,
  ),
  'no-schema': cause(
    'critical',
    ({user, name}: DatabaseTarget, path: string) =>
      `search_path "${path}" of role "${user}" names no schema that exists in database "${name}"`,
  ),
  'may-not-create': cause(
    'critical',
    ({user, name}: DatabaseTarget, {schema, owner}: InSchema) =>
      `role "${user}" may not create in schema ${schema}: database "${name}" belongs to ${owner}`,
  ),
  'foreign-tables': cause(
    'critical',
    ({user}: DatabaseTarget, names: string, usable: boolean) =>
      `role "${user}" may ${usable ? 'use but not change' : 'not use'} ${names}`,
  ),
})

export type Code = CodeOf<typeof found>

/** 42501 */
export function mayNotConnect(target: Target, database: DatabaseTarget): Verdict<Code> {
  const {name, user} = database
  const grant = psql(`grant connect on database ${identifier(name)} to ${identifier(user)}`)
  const cure = remedy('Let the role connect, then restart', 'manual', [grant, restart(target)])
  return finding(found.connect(database), cure, {evidence: ['42501']})
}

export function noSchema(
  target: Target,
  database: DatabaseTarget,
  {path}: Privileges,
): Verdict<Code> {
  const {name} = database
  const steps = [psql('\\drds', name), psql('\\dn', name), restart(target)]
  const cure = remedy('Create the schema, or reset search_path, then restart', 'manual', steps)
  return finding(found['no-schema'](database, path), cure)
}

/** Null where nothing is wrong. */
export function mayNotCreate(
  target: Target,
  database: DatabaseTarget,
  facts: InSchema,
): Verdict<Code> | null {
  if (facts.mayCreate) return null
  const said = found['may-not-create'](database, facts)
  const evidence = [
    `has_schema_privilege('${database.user}', '${facts.schema}', 'CREATE') is false`,
  ]
  const isRunning = target.unit.get('ActiveState') === 'active'
  return finding(isRunning ? milder(said) : said, letCreate(target, database, facts), {evidence})
}

function letCreate(
  target: Target,
  {name, user}: DatabaseTarget,
  {owner, schema}: InSchema,
): Remedy {
  const lasts = target.platform.role(user)
  const own = `alter database ${identifier(name)} owner to ${identifier(user)}`
  // Where a database of postgres' own has the role's name, somebody forgot to hand it over; any
  // other may be meant.
  if (owner !== 'postgres' || name !== user) {
    return kept(
      remedy(`Let role "${user}" create in schema ${schema}`, 'manual', [psql(own)]),
      lasts,
    )
  }
  const handOver = run('runuser', '-u', 'postgres', '--', 'psql', '-X', '-c', own)
  const cure = remedy(`Let role "${user}" own the database, then restart`, 'disruptive', [
    handOver,
    restart(target),
  ])
  return {...kept(cure, lasts), requires: ['database/cluster']}
}

/** Null where nothing is wrong. */
export function foreignTables(
  database: DatabaseTarget,
  {foreign, schema}: InSchema,
): Verdict<Code> | null {
  if (foreign.length === 0) return null
  const {user, name} = database
  const unusable = foreign.filter(({usable}) => !usable)
  const isUsable = unusable.length === 0
  const shown = isUsable ? foreign : unusable
  const give = (relation: Relation): Step => {
    const named = `${relation.kind === 'S' ? 'sequence' : 'table'} ${schema}.${identifier(relation.name)}`
    const gives = relation.own ? `grant all on ${named} to` : `alter ${named} owner to`
    return psql(`${gives} ${identifier(user)}`, name)
  }
  const cure = remedy(`Give them to role "${user}"`, 'manual', shown.slice(0, 5).map(give))
  const names = firstFew(shown.map(relation => `${relation.name} (${relation.owner})`))
  const evidence = shown
    .slice(0, 20)
    .map(relation => `${relation.name} belongs to ${relation.owner}`)
  const said = found['foreign-tables'](database, names, isUsable)
  return finding(isUsable ? milder(said) : said, cure, {evidence})
}
