import {findForeign} from '../../facts/files/foreign.ts'
import {groupName} from '../../facts/files/identity.ts'
import {assertSeen, countOf, firstFew} from '../../facts/files/tree.ts'
import {nginxOpener} from '../../facts/unit/openers.ts'
import {ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUser} from '../service/user.ts'
import {stateDirectory} from './directory.ts'
import {explanation} from './ownership.explanation.ts'
import {ownershipFacts} from './ownership.facts.ts'
import {type Code, foreignOwner, found} from './ownership.findings.ts'

export const stateOwnership: CheckOf<Code> = {
  id: 'state/ownership',
  title: "Everything in the state directory belongs to the service's user and group",
  fix: "gives everything below to the service's user and group",
  explanation,
  findings: found,
  needs: [stateDirectory, serviceUser],
  facts: ownershipFacts,
  async run({host, target, resultOf}) {
    const {kept} = await resultOf(stateDirectory)
    const {opener, trees, hidden} = await kept()
    if (trees.length === 0) return ok('the service keeps nothing on this disk yet')
    const nginx = await nginxOpener(host)
    const owner = {opener, groups: [...opener.groups, ...(nginx?.groups ?? [])]}
    const judged = trees.map(async tree => {
      const foreign = await findForeign(host, target, owner, tree)
      return foreign && foreignOwner(host, target, owner, tree, foreign)
    })
    const bad = (await Promise.all(judged)).filter(verdict => verdict !== null)
    if (bad.length > 0) return bad
    const beside = await assertSeen(host, trees, hidden)
    const group = await groupName(host, opener.groups[0] ?? 0)
    const count = trees.reduce((sum, tree) => sum + countOf(tree) + 1, 0)
    const tops = firstFew(trees.map(({top}) => top.path))
    return ok(`all ${count} entries of ${tops} belong to ${opener.name}:${group}${beside}`)
  },
}
