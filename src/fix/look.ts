import type {Check} from '../checks/check.ts'
import {diagnose} from '../engine/diagnose.ts'
import type {Outcome} from '../engine/outcome.ts'
import type {Host} from '../host/host.ts'
import type {CheckId} from '../report/finding.ts'
import type {Report} from '../report/report.ts'
import type {LookView} from './audience.ts'
import type {FixOptions} from './options.ts'

/** A diagnosis, and what it asked. */
export interface Look {
  readonly report: Report
  readonly outcomes: ReadonlyMap<CheckId, Outcome>
  readonly host: Host
}

/** Diagnoses the whole machine as it is now, and shows that. */
export async function lookAtAll(options: FixOptions): Promise<Look> {
  const view = options.audience.look()
  try {
    const look = await lookAgain(options, options.checks, view)
    await view.done(look.report)
    return look
  } catch (error) {
    await view.done(null)
    throw error
  }
}

/** Diagnoses the machine as it is now. */
export async function lookAgain(
  options: FixOptions,
  checks: readonly Check[],
  view?: LookView,
): Promise<Look> {
  const {remember, ...others} = options
  const host = options.again()
  const pending = new Map<CheckId, Promise<Outcome>>()
  const report = await diagnose({
    ...others,
    host,
    checks,
    // A few checks, asked to see whether a step has helped, are not the whole machine.
    ...(remember && checks === options.checks && {remember}),
    watch(check, outcome) {
      pending.set(check.id, outcome)
      view?.watch(check, outcome)
    },
  })
  const outcomes = new Map<CheckId, Outcome>()
  for (const [id, outcome] of pending) outcomes.set(id, await outcome)
  return {report, outcomes, host}
}
