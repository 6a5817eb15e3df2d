import type {Check} from '../checks/check.ts'
import type {Fact} from '../report/fact.ts'
import {type CheckId, groupOf} from '../report/finding.ts'
import type {Running} from './run.ts'

/** A fact, and the checks that offer it. */
export interface PicturedFact extends Fact {
  readonly checks: readonly CheckId[]
}

/** What all checks know of the machine at one moment. */
export interface Picture {
  /** By name. */
  readonly facts: ReadonlyMap<string, PicturedFact>
  /** Beginnings of names of which every fact was seen, of those that these checks offer. */
  readonly wholes: ReadonlyMap<string, readonly CheckId[]>
  /** Why a check offered nothing, where it wanted to. */
  readonly unseen: ReadonlyMap<CheckId, unknown>
}

/**
 * Asks every check for its facts, each as soon as it has answered: what it asked is known then, and
 * others are still at work. Never rejects for what a check or the machine does.
 * @param late Rejects at the end of the run: what has not been seen by then is left out.
 */
export async function takePicture(
  {outcomes, asked: {target, ...asked}}: Running,
  late: Promise<never>,
): Promise<Picture> {
  const facts = new Map<string, PicturedFact>()
  const wholes = new Map<string, readonly CheckId[]>()
  const unseen = new Map<CheckId, unknown>()
  // They have one connection, on which no question of theirs is to wait behind ours.
  const asService = [...outcomes].flatMap(([check, outcome]) =>
    asksAsService(check) ? [outcome] : [],
  )
  const offered = await Promise.all(
    [...outcomes].map(async ([check, outcome]) => {
      const look = async () => {
        await Promise.all(asksAsService(check) ? asService : [outcome])
        return (await check.facts?.({...asked, target: await target})) ?? []
      }
      try {
        return {id: check.id, seen: check.facts ? await Promise.race([look(), late]) : []}
      } catch (error) {
        unseen.set(check.id, error)
        return {id: check.id, seen: []}
      }
    }),
  )
  for (const {id, seen} of offered)
    for (const each of seen) {
      if ('whole' in each) wholes.set(each.whole, [...(wholes.get(each.whole) ?? []), id])
      else {
        const {checks: others = []} = facts.get(each.name) ?? {}
        facts.set(each.name, {...each, checks: [...new Set([...others, id])]})
      }
    }
  return {facts, wholes, unseen}
}

function asksAsService({id}: Check): boolean {
  // As postgres, and so in a process of its own.
  return groupOf(id) === 'database' && id !== 'database/cluster'
}
