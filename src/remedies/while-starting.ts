import {olderPackage} from '../facts/program/older-package.ts'
import {runsBeforeStart} from '../facts/program/pre-start.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import {isFirstStart} from '../host/unit.ts'
import {type Verdict, warning} from '../report/finding.ts'
import {awaitStart, restartDue} from './service.ts'

/**
 * What the start that is under way will mend itself, with that command of manage.py, is no more than a warning yet; nor is
 * what the restart will mend that is due, since the process still runs an older package.
 */
export async function whileStarting(
  host: Host,
  target: Target,
  command: 'migrate' | 'collectstatic',
  verdict: Verdict,
): Promise<Verdict> {
  const {unit} = target
  const isDue = !isFirstStart(unit) && (await olderPackage(host, target)) !== null
  if ((!isFirstStart(unit) && !isDue) || !(await runsBeforeStart(host, target, command))) return verdict
  if (isDue) {
    const message = `${verdict.message}; the restart of ${unit.name} that is due does that`
    return warning(verdict.code, message, restartDue(target), {
      evidence: verdict.evidence,
      because: ['service/package'],
    })
  }
  const message = `${verdict.message}; ${unit.name} is starting, which comes first`
  return warning(verdict.code, message, awaitStart(unit), {evidence: verdict.evidence, because: ['service/active']})
}
