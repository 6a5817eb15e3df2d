import {frontFacts} from '../../facts/picture/fronts.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** A front may serve the files itself. */
export function servedFacts({host, target}: Context): Promise<readonly Seen[]> {
  return frontFacts(host, target)
}
