import {firstFew} from '../../facts/files/tree.ts'
import {isLocal, literal} from '../../facts/postgres/postgres.ts'
import type {SequenceBehind} from '../../facts/postgres/sequences.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {remedy} from '../../remedies/remedy.ts'
import type {Remedy, Step} from '../../report/finding.ts'
import {byHand, run} from '../../report/step.ts'

/** Its next value is there: the next insert fails, not a later one. */
export function isTaken({next, taken}: SequenceBehind): boolean {
  return next === taken
}

/** What is said of them. */
export function sequencesBehind(behind: readonly SequenceBehind[]): string {
  const [one, ...others] = behind
  if (one === undefined || others.length > 0) {
    const named = behind.map(each => `${each.sequence} (next ${each.next}, rows to ${each.last})`)
    return `${behind.length} sequences lie behind their tables, so inserts fail: ${firstFew(named)}`
  }
  const {sequence, next, taken, table, column, last} = one
  const lies = `sequence ${sequence} lies behind its table: it gives ${next} next`
  const fails = isTaken(one) ? 'inserts fail' : `inserts fail once it reaches ${taken}`
  return `${lies}, and ${table}.${column} goes to ${last}, so ${fails}`
}

/** Sets each to the last value of its column: nothing but the sequence is changed. */
export function catchUp(database: DatabaseTarget, behind: readonly SequenceBehind[]): Remedy {
  const which = behind.length === 1 ? 'the' : 'each'
  const summary = `Set ${which} sequence to the last value in its table`
  const local = isLocal(database)
  const steps = behind.map(each => statement(database, setTo(each), local))
  if (!local) return remedy(summary, 'manual', steps)
  return {...remedy(summary, 'disruptive', steps), requires: ['database/cluster']}
}

/**
 * Never back: another session may have used the sequence meanwhile. The superuser runs it where the
 * service may make functions and views: so every name is qualified, every argument has its type, and
 * nothing that belongs to the service is read.
 */
function setTo({sequence, next, last, increment}: SequenceBehind): string {
  const further = increment > 0 ? 'greatest' : 'least'
  // Servers that share a table take turns: each stays with its own numbers.
  const own = BigInt(last) - ((BigInt(last) - BigInt(next)) % BigInt(increment))
  const name = `${literal(sequence)}::pg_catalog.regclass`
  const reached = `${further}('${own}'::pg_catalog.int8, pg_catalog.pg_sequence_last_value(${name}))`
  return `select pg_catalog.setval(${name}, ${reached})`
}

function statement({host, port, user, name}: DatabaseTarget, sql: string, local: boolean): Step {
  const at = port === 5432 ? [] : ['-p', `${port}`]
  const words = ['psql', '-X', ...at, '-d', name, '-c', sql]
  if (local) return run('runuser', '-u', 'postgres', '--', ...words)
  return byHand(...words.slice(0, 2), '-h', host, '-U', user, ...words.slice(2))
}
