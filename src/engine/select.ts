import type {Check} from '../checks/check.ts'
import {layerOf as layerOfChecks} from '../checks/index.ts'
import {symptomsOf} from '../report/finding.ts'
import type {LayerOf} from './causes.ts'
import {matches} from './names.ts'
import {factsId} from './run.ts'

/**
 * The checks to run for what was named: these, what they need and what may explain them; all when
 * nothing is named.
 */
export function select(
  registry: readonly Check[],
  named: readonly string[],
  skipped: readonly string[],
  layerOf: LayerOf = layerOfChecks,
): readonly Check[] {
  const wanted = new Set<Check>()
  const add = (check: Check): void => {
    if (wanted.has(check)) return
    wanted.add(check)
    for (const need of check.needs ?? []) add(need)
    if (symptomsOf(check).length === 0) return
    for (const lower of registry.filter(({id}) => layerOf(id) < layerOf(check.id))) add(lower)
  }
  const roots =
    named.length === 0 ? registry : registry.filter(({id}) => named.some(name => matches(name, id)))
  for (const check of roots) add(check)
  // Where a fact is not known, this tells why.
  const facts = registry.find(({id}) => id === factsId)
  if (facts && roots.some(({id}) => !/^service\//.test(id))) add(facts)
  return registry.filter(
    check => wanted.has(check) && !skipped.some(name => matches(name, check.id)),
  )
}
