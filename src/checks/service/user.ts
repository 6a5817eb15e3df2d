import {findGroup, findUser} from '../../facts/files/identity.ts'
import type {Target} from '../../facts/target/target.ts'
import {splitWords} from '../../host/unit.ts'
import {mend} from '../../remedies/remedy.ts'
import {type CodeOf, cause, finding, findingsOf, ok, type Verdict} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from './unit.ts'
import {explanation} from './user.explanation.ts'
import {userFacts} from './user.facts.ts'

const found = findingsOf(explanation, {
  'user-missing': cause(
    'critical',
    (unit: string, user: string) => `User=${user} of ${unit} does not exist`,
  ),
  'group-missing': cause(
    'critical',
    (unit: string, setting: string, group: string) =>
      `${setting}=${group} of ${unit} does not exist`,
  ),
})

type Code = CodeOf<typeof found>

export const serviceUser: CheckOf<Code> = {
  id: 'service/user',
  title: "The service's user and groups exist",
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: userFacts,
  async run({host, target}) {
    const {unit, user, group} = target
    if (unit.get('DynamicUser') === 'yes') return ok('systemd makes the user (DynamicUser=yes)')
    const supplementary = splitWords(unit.get('SupplementaryGroups'))
    const groups = [
      ...(group ? [{setting: 'Group', name: group}] : []),
      ...supplementary.map(name => ({setting: 'SupplementaryGroups', name})),
    ]
    const [account, ...known] = await Promise.all([
      user ? findUser(host, user) : null,
      ...groups.map(async each => ({...each, gid: await findGroup(host, each.name)})),
    ])
    const missing = known
      .filter(({gid}) => gid === null)
      .map(({setting, name}) => missingGroup(target, setting, name))
    if (user && !account && !/^\d+$/.test(user)) missing.unshift(missingUser(target, user))
    if (missing.length > 0) return missing
    return ok(user ? `${user} has uid ${account?.uid ?? user}` : 'the service runs as root')
  },
}

function missingUser(target: Target, user: string): Verdict<Code> {
  const look = byHand('getent', 'passwd', user)
  const means = target.platform.user(target, user, target.group ?? user)
  return finding(
    found['user-missing'](target.unit.name, user),
    mend('Declare the user', means, {first: [look]}),
    {
      evidence: [`getent passwd ${user}: no such user`],
    },
  )
}

function missingGroup(target: Target, setting: string, group: string): Verdict<Code> {
  const look = byHand('getent', 'group', group)
  const cure = mend('Declare the group', target.platform.group(target, group), {first: [look]})
  return finding(found['group-missing'](target.unit.name, setting, group), cure, {
    evidence: [`getent group ${group}: no such group`],
  })
}
