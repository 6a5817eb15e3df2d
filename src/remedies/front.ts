import type {Front} from '../facts/fronts/front.ts'
import {type Place, shownPlace} from '../facts/fronts/nginx-syntax.ts'
import type {Target} from '../facts/target/target.ts'
import type {FrontSetting} from '../platform/platform.ts'
import type {Remedy, Step} from '../report/finding.ts'
import {mend} from './remedy.ts'

/** What to correct in the configuration of a front. */
export interface Correction {
  /** A verb phrase: "Correct proxy_pass". */
  readonly summary: string
  /** Where; null where that is not known. */
  readonly at: Place | null
  /** What to look at first. */
  readonly first?: readonly Step[]
  /** The setting that is wrong, where a platform may have an option for it. */
  readonly setting?: FrontSetting
}

/** Corrects the configuration of a front, then lets the front test it and read it again. */
export function correct(
  {platform}: Target,
  front: Front,
  {summary, at, first = [], setting}: Correction,
): Remedy {
  const where = at === null || platform.writesFronts ? '' : ` in ${shownPlace(at)}`
  return mend(`${summary}${where}`, platform.front(front, setting), {first})
}
