import {runsBeforeStart} from '../facts/program/pre-start.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import type {Remedy} from '../report/finding.ts'
import {manageStep} from './collect.ts'
import {remedy} from './remedy.ts'
import {manage, restart} from './service.ts'

/** Migrates and restarts, since Django and the service read the models once, at start. */
export async function migrate(host: Host, target: Target): Promise<Remedy> {
  const requires = ['database/cluster', 'database/privileges'] as const
  if (await runsBeforeStart(host, target, 'migrate')) {
    const summary = 'Restart the service: it migrates before it starts'
    return {...remedy(summary, 'disruptive', [restart(target)]), requires}
  }
  const step = await manageStep(host, target, 'migrate')
  const steps = [step ?? manage(target, 'migrate', '--noinput'), restart(target)]
  return {...remedy('Migrate, then restart', step ? 'disruptive' : 'manual', steps), requires}
}
