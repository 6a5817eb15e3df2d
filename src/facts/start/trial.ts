import type {Host, UnitSetting} from '../../host/host.ts'
import {askDjango} from '../django/ask.ts'
import type {DjangoAnswer, ExceptionLink} from '../django/django.ts'
import type {Target} from '../target/target.ts'

/** How a dry start went: as the unit starts, but for what was left out or added. */
export type Trial =
  | {readonly works: true}
  | {
      readonly works: false
      /** What was raised, its first cause first; empty where nothing was. */
      readonly chain: readonly ExceptionLink[]
      /** The step at which systemd failed: "203/EXEC"; null where the program was reached. */
      readonly step: string | null
      /** What was printed or said besides. */
      readonly evidence: readonly string[]
    }

export type FailedTrial = Extract<Trial, {readonly works: false}>

/** What one start differs in from the unit's own. */
export interface Difference {
  readonly without?: readonly string[]
  readonly with?: readonly UnitSetting[]
}

/** Starts dry; null where that could not be told. */
export type TryStart = (difference: Difference) => Promise<Trial | null>

export interface TrialOptions {
  readonly programs: readonly string[]
  readonly checks: boolean
  /** A module that is imported alone, in a fraction of the time; null for the whole start. */
  readonly module: string | null
  /** Milliseconds that are left for one more; 0 for none. */
  readonly left: () => number
}

/** Dry starts of a deployment. What cannot be asked any more is a question with no answer. */
export function trialsOf(host: Host, target: Target, options: TrialOptions): TryStart {
  const {programs, checks, module, left} = options
  return async difference => {
    const asking = {
      ...difference,
      depth: 'trial',
      programs,
      checks,
      module,
      timeout: left(),
    } as const
    const {answer, unasked} = await askDjango(host, target.unit, target.server, asking)
    if (unasked?.kind === 'setup') {
      const [step = null, ...evidence] = unasked.evidence
      return {works: false, chain: [], step, evidence}
    }
    if (unasked?.kind === 'died')
      return {works: false, chain: [], step: null, evidence: [unasked.why, ...unasked.evidence]}
    if (answer === null) return null
    const chain = whyNot(answer)
    return chain ? {works: false, chain, step: null, evidence: []} : {works: true}
  }
}

/**
 * A call that kills tells nothing. Refused, it is an exception with a file and a line. Null where no
 * calls are filtered, or it says nothing then either.
 */
export async function refusedInWords(
  settings: readonly UnitSetting[],
  tryStart: TryStart,
): Promise<FailedTrial | null> {
  if (!settings.some(({name}) => name === 'SystemCallFilter')) return null
  const refused = await tryStart({with: [{name: 'SystemCallErrorNumber', value: 'EPERM'}]})
  return refused && !refused.works && refused.chain.length > 0 ? refused : null
}

/** Null where it started. What only our reading of gunicorn's configuration lacks does not count. */
function whyNot({failures, missing}: DjangoAnswer): readonly ExceptionLink[] | null {
  const failed = failures.find(({stage, chain}) => stage !== 'server' || chain.some(({own}) => own))
  return failed?.chain ?? missing[0]?.chain ?? null
}
