import {boundsOf} from '../facts/target/bounds.ts'
import {findTarget} from '../facts/target/find.ts'
import type {TargetSettings} from '../facts/target/target.ts'
import {type Hands, Refused, readable, type Survey} from '../host/hands.ts'
import type {Host} from '../host/host.ts'
import type {PlannedStep} from './plan.ts'

/** One step that is about to be asked for, and what it would alter. */
export interface Prospect {
  readonly planned: PlannedStep
  /** Null for a program. */
  readonly survey: Survey | null
  /** Why a guard will not let it happen. */
  readonly refused: string | null
}

/** What each planned step would alter within the bounds of the deployment; nothing is touched. */
export async function survey(
  planned: readonly PlannedStep[],
  host: Host,
  {hands, settings}: {readonly hands: Hands; readonly settings: TargetSettings},
): Promise<readonly Prospect[]> {
  const bounds = await boundsOf(host, await findTarget(host, settings))
  const prospects: Prospect[] = []
  for (const each of planned) prospects.push(await prospectOf(each, hands, bounds))
  return prospects
}

async function prospectOf(
  planned: PlannedStep,
  hands: Hands,
  bounds: readonly string[],
): Promise<Prospect> {
  const {change} = planned.step
  if (!change) return {planned, survey: null, refused: null}
  try {
    return {planned, survey: await hands.survey(change, bounds), refused: null}
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return {planned, survey: null, refused: readable(error.message)}
  }
}

/** A step is as disruptive as the most disruptive remedy that it belongs to. */
export function riskOf({remedies}: PlannedStep): 'safe' | 'disruptive' {
  return remedies.some(({risk}) => risk === 'disruptive') ? 'disruptive' : 'safe'
}
