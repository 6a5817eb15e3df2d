import {findFronts} from '../../facts/fronts/find.ts'
import {frontOpener} from '../../facts/fronts/opener.ts'
import {accountFacts} from '../../facts/picture/accounts.ts'
import {stateFact} from '../../facts/picture/dependencies.ts'
import {findFirewall} from '../../facts/picture/firewall.ts'
import {frontFacts} from '../../facts/picture/fronts.ts'
import {dependencySettings, frontUnits} from '../../facts/picture/unit-settings.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The fronts by block, their units and users, and the packet filter that visitors pass first. */
export async function proxyFacts({host, target}: Context): Promise<readonly Seen[]> {
  const fronts = (await ifTold(findFronts(host, target))) ?? []
  const units = fronts.map(({unit}) => unit)
  const openers = await Promise.all(fronts.map(front => ifTold(frontOpener(host, front))))
  const users = openers.flatMap(opener => (opener && opener.uid !== 0 ? [opener.name] : []))
  const [blocks, settings, accounts, firewall] = await Promise.all([
    frontFacts(host, target),
    dependencySettings(host, target, frontUnits),
    accountFacts(host, users, []),
    findFirewall(host),
  ])
  return [...blocks, ...units.map(stateFact), ...settings, ...accounts, ...firewall]
}
