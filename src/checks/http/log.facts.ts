import {frontFacts} from '../../facts/picture/fronts.ts'
import {dependencySettings, frontUnits} from '../../facts/picture/unit-settings.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** What a front is told, and may use: limits of the one or the other are what its log tells of. */
export async function logFacts({host, target}: Context): Promise<readonly Seen[]> {
  const [blocks, settings] = await Promise.all([
    frontFacts(host, target),
    dependencySettings(host, target, frontUnits),
  ])
  return [...blocks, ...settings]
}
