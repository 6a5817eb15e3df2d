import type {Host, Statement} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {oncePerTarget} from '../once-per-target.ts'
import {askAsService} from '../postgres/postgres.ts'
import {databases, roles} from '../postgres/roles.ts'
import type {DatabaseTarget} from '../target/database.ts'
import {knownDatabase, type Target} from '../target/target.ts'
import {discreetFact, factOf} from './facts.ts'
import {isDiscreetRow} from './postgres-discretion.ts'

const known = [
  'extension',
  'attribute',
  'role',
  'setting',
  'schema',
  'table',
  'column',
  'index',
  'constraint',
  'trigger',
  'sequence',
] as const

type Kind = (typeof known)[number]

/**
 * Rows of one kind: with more than these the schema is not one that a person made, and of each table
 * one row tells of all of that kind.
 */
const most = 2000

/**
 * What the catalogs say of the service's database and of its role. They are read as they are:
 * functions that print a definition would wait for a lock. Partitions come and go by themselves.
 */
const question: Statement = {
  question: 'what the database is made of',
  sql: `with own as (select c.* from pg_class c where c.relnamespace = any(
      select oid from pg_namespace where nspname = any(current_schemas(false)))
    and not coalesce((to_jsonb(c) ->> 'relispartition')::boolean, false) and c.relpersistence <> 't'),
  tables as (select * from own where relkind in ('r', 'p', 'v', 'm', 'f')),
  facts as (
    select 'extension' as kind, extname::text as name, extversion as value from pg_extension
    union all select 'attribute', name, value from (${databases}) d where name like current_database() || '/%'
    union all select 'role', name, value from (${roles}) r where name like current_user || '/%'
    union all select 'setting', coalesce(r.rolname::text, 'all') || '/' || coalesce(d.datname::text, 'all') || '/' || split_part(c, '=', 1),
      substr(c, strpos(c, '=') + 1) from pg_db_role_setting s cross join unnest(s.setconfig) c
      left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
      where s.setrole in (0, (select oid from pg_roles where rolname = current_user))
        and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
    union all select 'schema', nspname::text, pg_get_userbyid(nspowner) || ' ' || coalesce(nspacl::text, '') from pg_namespace
      where nspname = any(current_schemas(false))
    union all select 'table', relname::text, relkind::text || ' ' || pg_get_userbyid(relowner) || ' ' || coalesce(relacl::text, '')
      || case when relrowsecurity then ' row security' else '' end || case when relpersistence = 'u' then ' unlogged' else '' end
      || coalesce(' ' || reloptions::text, '') from tables
    union all select 'column', t.relname || '/' || attname, format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
      || case when atthasdef then ' default' else '' end
      || coalesce((select ' collate ' || collname || coalesce(' ' || collversion, '') from pg_collation
        where oid = attcollation and collname <> 'default'), '') from tables t join pg_attribute on attrelid = t.oid where attnum > 0 and not attisdropped
    union all select 'index', t.relname || '/' || i.relname, (select string_agg(attname, ', ' order by attnum) from pg_attribute where attrelid = i.oid)
      || case when indisunique then ' unique' else '' end || case when indisvalid then '' else ' invalid' end
      || case when indpred is null then '' else ' partial' end || ' ' || (select amname from pg_am where oid = i.relam)
      from pg_index x join tables t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
    union all select 'constraint', t.relname || '/' || conname, contype::text || ' ' || coalesce((select string_agg(attname, ', ' order by attnum)
      from pg_attribute where attrelid = t.oid and attnum = any(conkey)), '') || coalesce(' to ' || (select relname from pg_class where oid = confrelid), '')
      || case when condeferrable then ' deferrable' else '' end || case when convalidated then '' else ' not valid' end
      from pg_constraint x join tables t on t.oid = x.conrelid where contype <> 'n'
    union all select 'trigger', t.relname || '/' || tgname, p.proname || ' ' || tgtype::text || ' ' || tgenabled::text from pg_trigger x
      join tables t on t.oid = x.tgrelid join pg_proc p on p.oid = x.tgfoid where not tgisinternal
    union all select 'sequence', relname::text, pg_get_userbyid(relowner) || ' ' || coalesce(relacl::text, '') from own where relkind = 'S'),
  counted as (select kind, name, value, count(*) over (partition by kind) as amount from facts)
  select kind, name, value, false as together from counted where amount <= ${most}
  union all select kind, case when strpos(name, '/') > 0 then split_part(name, '/', 1) else '' end,
    md5(string_agg(name || ' ' || coalesce(value, ''), chr(10) order by name)), true from counted
    where amount > ${most} group by 1, 2 order by 1, 2`,
}

/** What the catalogs say of some kinds; nothing where the service is not let in. */
export async function catalogOf(
  host: Host,
  target: Target,
  kinds: readonly Kind[],
): Promise<readonly Seen[]> {
  const database = knownDatabase(target)
  if (!database) return []
  const catalog = await readCatalog(host, target, database)
  return catalog ? kinds.flatMap(kind => catalog.get(kind) ?? []) : []
}

type Catalog = ReadonlyMap<Kind, readonly Seen[]>

/** Several checks take their part of it. */
const readCatalog = oncePerTarget(
  async (host, target, database: DatabaseTarget): Promise<Catalog | null> => {
    const answer = await ifTold(askAsService(host, target, database, question))
    if (answer?.kind !== 'rows') return null
    const source = `PostgreSQL, database ${database.name}`
    const rows = answer.rows.map(row => {
      const [kind, value] = [row.kind as Kind, String(row.value ?? '')]
      // An answer of before has no such column.
      const together = row.together === true
      const name = (together ? nameOfAll : nameOf)(kind, String(row.name))
      const discreet = together || isDiscreetRow(name, value)
      const fact = (discreet ? discreetFact : factOf)(name, source, value)
      return {kind, together, fact}
    })
    const byKind = Map.groupBy(rows, ({kind}) => kind)
    const isEach = (kind: Kind): boolean =>
      (byKind.get(kind) ?? []).every(({together}, at) => !together && at < most)
    const isWhole = ofTables.every(isEach)
    const all = known.map(kind => {
      const facts = (byKind.get(kind) ?? []).slice(0, most).map(({fact}) => fact)
      const prefix = ofTables.some(each => each === kind) ? 'database/table/' : `database/${kind}/`
      // Of other roles and databases the service's own does not tell.
      const isAll = kind === 'role' || kind === 'attribute' ? false : isWhole && isEach(kind)
      return [kind, [...(isAll ? [whole(prefix)] : []), ...facts]] as const
    })
    return new Map(all)
  },
)

/** What is told below the name of its table, which is gone with it. */
const ofTables = ['table', 'column', 'index', 'constraint', 'trigger'] as const

/** Of roles and databases postgres itself tells under the same names, whoever is let in. */
function nameOf(kind: Kind, name: string): string {
  const [table = '', part = ''] = [/^[^/]*/.exec(name)?.[0], name.slice(name.indexOf('/') + 1)]
  switch (kind) {
    case 'attribute':
      return `pg_database/${name}`
    case 'role':
      return `role/${name}`
    case 'column':
    case 'index':
    case 'constraint':
    case 'trigger':
      return `database/table/${table}/${kind} ${part}`
    default:
      return `database/${kind}/${name}`
  }
}

/** All of one kind that a table has, or the database. */
function nameOfAll(kind: Kind, table: string): string {
  return table === '' ? `database/all of ${kind}` : `database/table/${table}/all of ${kind}`
}

const appliedQuestion: Statement = {
  question: 'last migration of each application',
  sql: `select app, count(*)::int as count, max(extract(epoch from applied) * 1000)::float8 as at,
    (array_agg(name order by id desc))[1] as last from django_migrations group by app order by app`,
}

/** How far each application has been migrated, and when. */
export async function appliedFacts(host: Host, target: Target): Promise<readonly Seen[]> {
  const database = knownDatabase(target)
  if (!database) return []
  const answer = await ifTold(askAsService(host, target, database, appliedQuestion))
  if (answer?.kind !== 'rows') return []
  const facts = answer.rows.map(({app, count, at, last}) =>
    factOf(`migrated/${app}`, 'django_migrations', `${last} (${count})`, {
      ...(typeof at === 'number' && {at: Math.round(at)}),
    }),
  )
  return [whole('migrated/'), ...facts]
}
