import {findGroup, findUser} from '../../facts/files/identity.ts'
import type {Target} from '../../facts/target/target.ts'
import {splitWords} from '../../host/unit.ts'
import {mend} from '../../remedies/remedy.ts'
import {critical, ok, type Verdict} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from './unit.ts'

export const serviceUser: Check = {
  id: 'service/user',
  title: "The service's user and groups exist",
  explanation: {
    why: `systemd starts nothing for a user or a group that it cannot find: the unit fails before its program is
executed.`,
    asks: `The names in User=, Group= and SupplementaryGroups= are looked up with getent, as the system itself does, so that
users from any source count.`,
    findings: {
      'user-missing': {
        means: `The user of the unit does not exist. The start ends with 217/USER, and the journal says "Failed to determine
user credentials".`,
        remedy: 'Make the user (on NixOS declare it in users.users), and restart the service.',
      },
      'group-missing': {
        means: 'A group of the unit does not exist, and the start ends with 216/GROUP.',
        remedy: 'Make the group (on NixOS declare it in users.groups), and restart the service.',
      },
    },
    mistakenFor: `DynamicUser= makes its own user and needs none. A unit without User= runs as root, which is no fault of
this kind. A number needs no entry in the user database.`,
  },
  needs: [serviceUnit],
  async run({host, target}) {
    const {unit, user, group} = target
    if (unit.get('DynamicUser') === 'yes') return ok('systemd makes the user (DynamicUser=yes)')
    const supplementary = splitWords(unit.get('SupplementaryGroups'))
    const groups = [
      ...(group ? [{setting: 'Group', name: group}] : []),
      ...supplementary.map(name => ({setting: 'SupplementaryGroups', name})),
    ]
    const [found, ...known] = await Promise.all([
      user ? findUser(host, user) : null,
      ...groups.map(async each => ({...each, gid: await findGroup(host, each.name)})),
    ])
    const missing: Verdict[] = known
      .filter(({gid}) => gid === null)
      .map(({setting, name}) => missingGroup(target, setting, name))
    if (user && !found && !/^\d+$/.test(user)) missing.unshift(missingUser(target, user))
    if (missing.length > 0) return missing
    return ok(user ? `${user} has uid ${found?.uid ?? user}` : 'the service runs as root')
  },
}

function missingUser(target: Target, user: string): Verdict {
  return critical(
    'user-missing',
    `User=${user} of ${target.unit.name} does not exist`,
    mend('Declare the user', target.platform.user(target, user, target.group ?? user), {
      first: [hand(`getent passwd ${user}`)],
    }),
    {evidence: [`getent passwd ${user}: no such user`]},
  )
}

function missingGroup(target: Target, setting: string, group: string): Verdict {
  return critical(
    'group-missing',
    `${setting}=${group} of ${target.unit.name} does not exist`,
    mend('Declare the group', target.platform.group(target, group), {first: [hand(`getent group ${group}`)]}),
    {evidence: [`getent group ${group}: no such group`]},
  )
}
