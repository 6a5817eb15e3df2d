import {factOf, shownOwner} from '../../facts/picture/facts.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'
import {directoryFacts} from './directory.facts.ts'
import {stateDirectory} from './directory.ts'

/** Whose are the entries of what the service keeps: the owners that there are, not how many. */
export async function ownershipFacts(context: Context): Promise<readonly Seen[]> {
  const kept = await ifTold(context.resultOf(stateDirectory).then(({kept}) => kept()))
  const owners = (kept?.trees ?? []).map(tree => {
    const all = tree.truncated ? tree.kinds : tree.entries
    const owners = [...new Set(all.map(shownOwner))].sort().join(', ')
    return factOf(`owners below ${tree.top.path}`, tree.top.path, owners)
  })
  return [...(await directoryFacts(context)), ...owners]
}
