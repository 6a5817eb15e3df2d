import {setupUnitName, type UnfinishedSetup} from '../facts/postgres/postgres-unit.ts'
import type {Target} from '../facts/target/target.ts'
import {remedy} from '../remedies/remedy.ts'
import {restart} from '../remedies/service.ts'
import {critical, type Verdict} from '../report/finding.ts'
import {hand, run} from '../report/step.ts'

/** What is missing is made by a unit that has not done it: to make it by hand would hide why. */
export function notSetUp(
  target: Target,
  code: string,
  missing: string,
  {state, reason}: UnfinishedSetup,
  evidence: readonly string[],
): Verdict {
  const look = hand(`journalctl -u ${setupUnitName} -n 50 --no-pager`)
  return critical(
    code,
    state === 'running'
      ? `${missing}, and ${setupUnitName}, which makes it, is still running`
      : `${missing}: ${setupUnitName}, which makes it, failed${reason ? `: ${reason}` : ''}`,
    state === 'running'
      ? remedy('Wait until it has finished, then restart the service', 'manual', [look, restart(target)])
      : remedy('Correct what its journal says, run it again, then restart the service', 'manual', [
          look,
          run('systemctl', 'restart', setupUnitName),
          restart(target),
        ]),
    // Where the service requires postgresql.target, it is not even started.
    {evidence, because: ['service/dependencies']},
  )
}
