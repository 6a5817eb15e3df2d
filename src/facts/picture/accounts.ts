import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Fact} from '../../report/fact.ts'
import {findGroup, findUser, homeOf} from '../files/identity.ts'
import {factOf} from './facts.ts'

/** Users with their numbers, groups and home; "absent" of one that is not there. */
export async function accountFacts(
  host: Host,
  users: readonly string[],
  groups: readonly string[],
): Promise<readonly Fact[]> {
  const found = [
    ...[...new Set(users)].map(name => userFacts(host, name)),
    ...[...new Set(groups)].map(name => groupFacts(host, name)),
  ]
  return (await Promise.all(found)).flat()
}

async function userFacts(host: Host, name: string): Promise<readonly Fact[]> {
  const asked = findUser(host, name)
  const identity = await ifTold(asked.then(user => ({user})))
  if (!identity) return []
  const {user} = identity
  const source = `getent passwd ${name}`
  if (!user) return [factOf(`user/${name}/uid`, source, 'absent')]
  const home = await ifTold(homeOf(host, name))
  const groups = [...user.groups].sort((a, b) => a - b).join(' ')
  return [
    factOf(`user/${name}/uid`, source, String(user.uid)),
    factOf(`user/${name}/gid`, source, String(user.gid)),
    factOf(`user/${name}/groups`, `id -G ${name}`, groups),
    ...(home === null ? [] : [factOf(`user/${name}/home`, source, home)]),
  ]
}

async function groupFacts(host: Host, name: string): Promise<readonly Fact[]> {
  const found = await ifTold(findGroup(host, name).then(gid => ({gid})))
  if (!found) return []
  const {gid} = found
  return [factOf(`group/${name}/gid`, `getent group ${name}`, gid === null ? 'absent' : `${gid}`)]
}
