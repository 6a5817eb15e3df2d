import {accountFacts} from '../../facts/picture/accounts.ts'
import {splitWords} from '../../host/unit.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The users and groups of the service, and of the front whose processes read its files. */
export async function userFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {unit, user, group} = target
  if (unit.get('DynamicUser') === 'yes') return []
  const groups = [group, ...splitWords(unit.get('SupplementaryGroups'))]
  const isNamed = (name: string | null): name is string => name !== null && !/^\d*$/.test(name)
  return accountFacts(host, [user].filter(isNamed), groups.filter(isNamed))
}
