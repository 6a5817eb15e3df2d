import {olderPackage} from '../facts/program/older-package.ts'
import {runsBeforeStart} from '../facts/program/pre-start.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import {isFirstStart} from '../host/unit.ts'
import type {Verdict} from '../report/finding.ts'
import {awaitStart, restartDue} from './service.ts'

/**
 * Bad news that is only a warning yet where the start that is under way will mend it, by running
 * that command of manage.py. The same where a restart will, which is due since the process still
 * runs an older package.
 */
export async function whileStarting<C extends string>(
  host: Host,
  target: Target,
  command: 'migrate' | 'collectstatic',
  verdict: Verdict<C>,
): Promise<Verdict<C>> {
  if (verdict.status === 'ok') return verdict
  const {unit} = target
  const isStarting = isFirstStart(unit)
  const isDue = !isStarting && (await olderPackage(host, target)) !== null
  if (!isStarting && !isDue) return verdict
  if (!(await runsBeforeStart(host, target, command))) return verdict
  if (isDue) {
    const message = `${verdict.message}; the restart of ${unit.name} that is due runs ${command}`
    const remedy = restartDue(target)
    return {...verdict, status: 'warning', message, remedy, because: ['service/package']}
  }
  const message = `${verdict.message}; ${unit.name} is starting, and runs ${command} first`
  return {
    ...verdict,
    status: 'warning',
    message,
    remedy: awaitStart(unit),
    because: ['service/active'],
  }
}
