import type {Check} from '../checks/check.ts'
import type {Outcome} from '../engine/outcome.ts'
import type {CheckId} from '../report/finding.ts'
import {lookAgain} from './look.ts'
import type {FixOptions} from './options.ts'
import type {Progress} from './progress.ts'

/**
 * Milliseconds that a check is given to become ok after a step: workers boot after systemd has said
 * "started".
 */
const settling = 15_000
const pause = 500

/**
 * Asks the checks again until they are ok or the time is over.
 * @param patient False where one look is enough: only what was started needs time.
 */
export async function verified(
  options: FixOptions,
  checks: readonly CheckId[],
  patient: boolean,
): Promise<Progress> {
  const sleep =
    options.sleep ?? (milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)))
  let waited = 0
  for (;;) {
    const bad = (await asked(options, checks)).find(outcome => outcome?.status !== 'ok')
    if (!bad) return {state: 'verified', reason: null}
    if (!patient || waited >= settling) return {state: 'ineffective', reason: messageOf(bad)}
    await sleep(pause)
    waited += pause
  }
}

export async function areOk(options: FixOptions, checks: readonly CheckId[]): Promise<boolean> {
  return (await asked(options, checks)).every(outcome => outcome?.status === 'ok')
}

async function asked(
  options: FixOptions,
  checks: readonly CheckId[],
): Promise<readonly (Outcome | undefined)[]> {
  const {outcomes} = await lookAgain(options, withNeeds(options.registry, checks))
  return checks.map(id => outcomes.get(id))
}

/** What explains them is not asked: here only their own state counts. */
function withNeeds(registry: readonly Check[], ids: readonly CheckId[]): readonly Check[] {
  const wanted = new Set<Check>()
  const add = (check: Check): void => {
    wanted.add(check)
    for (const need of check.needs ?? []) add(need)
  }
  for (const check of registry) if (ids.includes(check.id)) add(check)
  return [...wanted]
}

function messageOf({check, findings, status}: Outcome): string {
  return findings.find(finding => finding.status === status)?.message ?? `${check.id} is ${status}`
}
