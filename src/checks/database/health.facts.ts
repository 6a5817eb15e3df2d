import {catalogOf} from '../../facts/picture/postgres-catalog.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** What the database, its role and its extensions are, and what is set for them. */
export function healthFacts({host, target}: Context): Promise<readonly Seen[]> {
  return catalogOf(host, target, ['attribute', 'role', 'setting', 'extension'])
}
