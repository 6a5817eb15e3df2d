import {catalogOf} from '../../facts/picture/postgres-catalog.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** What the role may do with what there is. */
export function privilegesFacts({host, target}: Context): Promise<readonly Seen[]> {
  return catalogOf(host, target, ['schema', 'table', 'sequence', 'role', 'setting'])
}
