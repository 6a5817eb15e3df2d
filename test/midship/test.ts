import {join} from 'node:path'
import {run} from '../container/container.ts'
import type {Fault} from '../container/fault.ts'
import {
  breakMachine,
  judge,
  parse,
  startsApplication,
  tryAll,
  tryGroups,
} from '../container/trials.ts'
import {touched} from '../container/untouched.ts'
import {checkHealth} from './health.ts'
import {boot, bootUnstarted} from './machine.ts'
import type {Pair} from './pairs.ts'
import {here} from './paths.ts'
import {text} from './store.ts'

/** Breaks a healthy machine, and makes sure that it is broken. */
export async function inject(instance: number, fault: Fault): Promise<void> {
  await breakMachine(instance, await text(join(here, 'inject.sh')), fault)
}

/** A fresh machine on which the fault can be injected; it was seen healthy when it was built. */
export async function bootFor(instance: number, fault: Fault | undefined): Promise<void> {
  if (fault && startsApplication(fault)) return bootUnstarted(instance)
  await boot(instance)
  await checkHealth(instance)
}

/**
 * A machine that is broken; throws the reason if the doctor, when asked, says what is not expected.
 */
async function examine(instance: number, faults: readonly Fault[], ask: boolean): Promise<void> {
  await bootFor(instance, faults[0])
  for (const fault of faults) await inject(instance, fault)
  if (!ask) return
  const {exitCode, stdout, stderr} = await run(
    instance,
    ['prism-doctor', '--json', '--timeout', '20'],
    {timeout: 60},
  )
  const isHealthy = faults.every(({expect}) => expect.rootCauses.length === 0)
  const further = isHealthy ? await touched(instance, {flags: [], directories: kept}) : []
  judge(parse(stdout, stderr), exitCode, faults, further)
}

/** The state, the secrets, and what is deployed. */
const kept = ['/var/lib/prism-django', '/run/secrets.d', '/nix/var']

/** What is to be tried: cases alone and pairs of them. */
export interface Matrix {
  readonly cases: readonly Fault[]
  readonly pairs: readonly Pair[]
}

/**
 * Runs every case and pair on a machine of its own, `parallel` at a time, and prints the score;
 * true when it is full. Unless the doctor is to be asked, it is only shown that the faults break
 * what they should.
 */
export async function test(
  {cases, pairs}: Matrix,
  parallel: number,
  ask: boolean,
): Promise<boolean> {
  const trial = (name: string, faults: readonly Fault[]) => ({
    name,
    attempt: (instance: number) => examine(instance, faults, ask),
  })
  const alone = (isWanted: (fault: Fault) => boolean) =>
    cases.filter(isWanted).map(fault => trial(fault.name, [fault]))
  if (!ask)
    return tryAll(
      [...alone(() => true), ...pairs.map(({name, faults}) => trial(name, faults))],
      parallel,
    )
  const isFault = ({expect}: Fault): boolean => expect.rootCauses.length > 0
  const groups = [
    {title: 'faults', trials: alone(isFault)},
    {title: 'healthy variants', trials: alone(fault => !isFault(fault))},
    {title: 'pairs of faults', trials: pairs.map(({name, faults}) => trial(name, faults))},
  ]
  return tryGroups(groups, parallel)
}
