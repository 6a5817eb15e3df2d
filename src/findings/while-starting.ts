import {type Verdict, warning} from '../check.ts'
import type {Host} from '../host/host.ts'
import {preStartWith} from '../probes/static-files.ts'
import {isFirstStart} from '../probes/systemd.ts'
import {awaitStart} from '../remedy.ts'
import type {Target} from '../target.ts'

/** What the start that is under way will mend itself, with that command of manage.py, is no more than a warning yet. */
export async function whileStarting(host: Host, target: Target, command: string, verdict: Verdict): Promise<Verdict> {
  const {unit} = target
  if (!isFirstStart(unit) || (await preStartWith(host, target, command)) === null) return verdict
  const message = `${verdict.message}; ${unit.name} is starting, which comes first`
  return warning(verdict.code, message, awaitStart(unit), {evidence: verdict.evidence, because: ['service/active']})
}
