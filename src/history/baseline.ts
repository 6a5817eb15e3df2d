import type {Report} from '../report/report.ts'
import type {Baseline} from './kept.ts'
import type {Kept} from './store.ts'

/** Milliseconds for which a machine that was healthy is better to compare with than any other. */
const fresh = 7 * 86_400_000

/**
 * What a machine that is not well is compared with: how it was when it was last healthy. Where that
 * was long ago or never was, since there is always some warning: how it was when what is wrong now
 * was not.
 * @param now milliseconds since the epoch.
 */
export function baselineFor(
  {baselines}: Pick<Kept, 'baselines'>,
  {status, rootCauses}: Pick<Report, 'status' | 'rootCauses'>,
  now: number,
): Baseline | null {
  const {ok, warning} = baselines
  if (ok && now - Date.parse(ok.seen) < fresh) return ok
  const [worst] = rootCauses
  const mayWarn =
    status === 'critical' &&
    warning !== null &&
    !warning.event.rootCauses.some(({check}) => check === worst)
  return mayWarn ? warning : ok
}
