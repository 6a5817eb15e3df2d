import type {Check} from '../checks/check.ts'
import type {Fact} from '../report/fact.ts'
import type {CheckId} from '../report/finding.ts'
import type {Asked} from './run.ts'

/** A fact, and the checks that offer it. */
export interface PicturedFact extends Fact {
  readonly checks: readonly CheckId[]
}

/** What all checks know of the machine at one moment. */
export interface Picture {
  /** By name. */
  readonly facts: ReadonlyMap<string, PicturedFact>
  /** Beginnings of names of which every fact was seen. */
  readonly wholes: readonly string[]
  /** Why a check offered nothing, where it wanted to. */
  readonly unseen: ReadonlyMap<CheckId, unknown>
}

/**
 * Asks every check for its facts. Never rejects for what a check or the machine does.
 * @param late Rejects at the end of the run: what has not been seen by then is left out.
 */
export async function takePicture(
  checks: readonly Check[],
  {target, ...asked}: Asked,
  late: Promise<never>,
): Promise<Picture> {
  const facts = new Map<string, PicturedFact>()
  const wholes = new Set<string>()
  const unseen = new Map<CheckId, unknown>()
  const offered = await Promise.all(
    checks.map(async check => {
      if (!check.facts) return []
      const look = async () => (await check.facts?.({...asked, target: await target})) ?? []
      try {
        return await Promise.race([look(), late])
      } catch (error) {
        unseen.set(check.id, error)
        return []
      }
    }),
  )
  for (const [index, {id}] of checks.entries())
    for (const seen of offered[index] ?? []) {
      if ('whole' in seen) wholes.add(seen.whole)
      else {
        const {checks: others = []} = facts.get(seen.name) ?? {}
        facts.set(seen.name, {...seen, checks: [...new Set([...others, id])]})
      }
    }
  return {facts, wholes: [...wholes], unseen}
}
