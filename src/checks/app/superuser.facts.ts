import {findSuperusers} from '../../facts/django/superusers.ts'
import {factOf} from '../../facts/picture/facts.ts'
import {knownDatabase} from '../../facts/target/target.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Whether somebody may administer the application. */
export async function superuserFacts({host, target}: Context): Promise<readonly Seen[]> {
  const database = knownDatabase(target)
  const found = database && (await ifTold(findSuperusers(host, target, database)))
  if (!found) return []
  const {tables, all, active, usable, staff} = found
  const value = `${all}, ${active} active, ${usable} with a password, ${staff} staff`
  return [factOf('application/superusers', tables.join(' '), value)]
}
