import {CannotLook, type Host, type Statement} from '../../host/host.ts'
import type {DatabaseTarget} from '../target/database.ts'
import type {Target} from '../target/target.ts'
import {identifier, rowsAsService} from './postgres.ts'

/** A sequence whose next values are already in the column that takes them. */
export interface SequenceBehind {
  readonly schema: string
  readonly sequence: string
  readonly table: string
  readonly column: string
  /** What the sequence gives next, and the first such value that is taken; bigints as text. */
  readonly next: string
  readonly taken: string
  /** The value of the column that lies furthest ahead. */
  readonly last: string
  readonly increment: number
}

/** How many of its next values are looked at, and how many sequences. */
const ahead = 100
const most = 1000

/**
 * The columns that take their values from a sequence, serial (the default is nextval() and nothing
 * else) or identity, where a second row of the same value is an error: a unique index on the column
 * alone, which also finds the values without reading the table. Left out: what cycles on purpose
 * (only its next value would count, and that may be freed in time), partitions (their parent
 * answers), what the role may not read or write, and what somebody holds so that a reader would
 * wait: pg_get_expr() would do so as well, and comes after that (offset 0 keeps the order).
 *
 * query_to_xml reads one sequence and its table in the snapshot of the statement, which is older
 * than the sequence's own value: a row that is inserted meanwhile is never seen ahead of it.
 */
const question: Statement = {
  question: 'sequences behind their tables',
  sql: `with held as (select relation from pg_locks where mode = 'AccessExclusiveLock' and pid <> pg_backend_pid() and relation is not null),
  defaults as (
    select ad.adrelid, ad.adnum, ad.adbin, d.refobjid from pg_attrdef ad
      join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = ad.oid and d.refclassid = 'pg_class'::regclass and d.refobjsubid = 0
      where ad.adrelid not in (select relation from held) offset 0),
  used as (
    select adrelid as "table", adnum as attnum, refobjid as seq from defaults
      where pg_get_expr(adbin, adrelid) ~ '^nextval\\(''.*''::regclass\\)$'
    union
    select d.refobjid, d.refobjsubid, d.objid from pg_depend d
      where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'i' and d.refobjsubid > 0),
  chosen as (
    select n.nspname as schema, c.relname as "table", a.attname as "column", sn.nspname as "seqSchema", sc.relname as sequence, s.seqincrement as increment
    from used u
      join pg_class c on c.oid = u."table" join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum
      join pg_sequence s on s.seqrelid = u.seq
      join pg_class sc on sc.oid = u.seq join pg_namespace sn on sn.oid = sc.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
      and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not a.attisdropped
      and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
      and not s.seqcycle and abs(s.seqincrement) <= 10000
      and exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indnkeyatts = 1
        and i.indkey[0] = u.attnum and i.indpred is null)
      and has_schema_privilege(n.oid, 'USAGE') and has_schema_privilege(sn.oid, 'USAGE')
      and has_column_privilege(c.oid, u.attnum::int2, 'SELECT') and has_table_privilege(c.oid, 'INSERT')
      and case when has_sequence_privilege(sc.oid, 'USAGE') then has_sequence_privilege(sc.oid, 'SELECT') else false end
      and not exists (select from held h where h.relation in (c.oid, sc.oid))
    order by coalesce(array_position(current_schemas(false), n.nspname), 1000), c.relname limit ${most})
  select schema, "table", "column", "seqSchema", sequence, increment::int as increment,
    substring(answer from '<next>(-?\\d+)</next>') as next, substring(answer from '<taken>(-?\\d+)</taken>') as taken,
    substring(answer from '<last>(-?\\d+)</last>') as last
  from chosen cross join lateral (select query_to_xml(format(
    case when increment > 0
      then 'select next, taken, (select max(%1$I) from %2$I.%3$I) as last from (select case when is_called then last_value + %6$s else last_value end as next from %4$I.%5$I where abs(last_value / 2) < 4000000000000000000) n cross join lateral (select min(%1$I) as taken from %2$I.%3$I where %1$I >= next and %1$I < next + %7$s and (%1$I - next) %% %6$s = 0) t where taken is not null'
      else 'select next, taken, (select min(%1$I) from %2$I.%3$I) as last from (select case when is_called then last_value + %6$s else last_value end as next from %4$I.%5$I where abs(last_value / 2) < 4000000000000000000) n cross join lateral (select max(%1$I) as taken from %2$I.%3$I where %1$I <= next and %1$I > next + %7$s and (%1$I - next) %% %6$s = 0) t where taken is not null'
    end, "column", schema, "table", "seqSchema", sequence, increment, increment * ${ahead}), false, true, '')::text as answer) found
  where answer <> ''`,
}

/**
 * Of those that the service's role uses; each is looked up in an index.
 * @throws CannotLook where the database does not answer it this time.
 */
export async function findSequencesBehind(
  host: Host,
  target: Target,
  database: DatabaseTarget,
): Promise<readonly SequenceBehind[]> {
  const rows = await rowsAsService(host, target, database, question)
  return rows.map(({seqSchema, ...row}) => {
    const {next, taken, last, increment} = row
    // They go into statements of the superuser's, and whoever answers may be the service itself.
    const areNumbers = [next, taken, last].every(each => /^-?\d{1,19}$/.test(String(each)))
    if (!areNumbers || !Number.isSafeInteger(increment) || increment === 0)
      throw new CannotLook(`database "${database.name}" tells of a sequence in no numbers`)
    return {
      ...(row as unknown as SequenceBehind),
      sequence: `${identifier(String(seqSchema))}.${identifier(String(row.sequence))}`,
    }
  })
}
