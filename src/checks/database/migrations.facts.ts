import {appliedFacts, catalogOf} from '../../facts/picture/postgres-catalog.ts'
import {migrationFacts} from '../../facts/picture/python.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Which migrations the application comes with, which are applied, and what they have made. */
export async function migrationsFacts({host, target}: Context): Promise<readonly Seen[]> {
  // In one turn, so that one process asks both where it takes a process to ask.
  const [applied, made] = await Promise.all([
    appliedFacts(host, target),
    catalogOf(host, target, ['table', 'column', 'index', 'constraint', 'trigger', 'extension']),
  ])
  return [...migrationFacts(target), ...applied, ...made]
}
