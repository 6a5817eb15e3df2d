import {renderText} from '../../src/report/reporters/text.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {run} from '../container/container.ts'
import {
  breakMachine,
  judge,
  parse,
  startsApplication,
  tryAll,
  tryGroups,
} from '../container/trials.ts'
import {touched} from '../container/untouched.ts'
import {type Deployment, deployments, variables} from './deployments.ts'
import type {Case} from './faults.ts'
import {boot, bootUnstarted} from './machine.ts'
import {script} from './paths.ts'

/** What a script for this deployment is written with. */
export async function library(deployment: Deployment): Promise<string> {
  return `${variables(deployment)}\n${await script('inject.sh')}`
}

/** A fresh machine on which the deployment is broken, in this way. */
export async function broken(instance: number, fault: Case): Promise<void> {
  await (startsApplication(fault) ? bootUnstarted : boot)(instance, fault.deployment)
  await breakMachine(instance, await library(fault.deployment), fault)
}

async function examine(instance: number, fault: Case, ask: boolean): Promise<void> {
  await broken(instance, fault)
  if (!ask) return
  const argv = ['prism-doctor', '--unit', fault.deployment.unit, '--json', '--timeout', '20']
  const {exitCode, stdout, stderr} = await run(instance, argv, {timeout: 60})
  const report = parse(stdout, stderr)
  const printed = await renderText(report, {
    verbose: true,
    privileged: true,
    terminal: plainTerminal,
  })
  const [foreign] = [...foreignWords(report), ...foreignWords(printed)]
  const further = foreign === undefined ? [] : [`speaks of another platform: ${foreign}`]
  if (fault.expect.exit === 0 && report.notLookedAt.length > 0)
    further.push(`did not look at ${report.notLookedAt.join(' ')}`)
  if (fault.expect.rootCauses.length === 0) {
    const {unit, directory, staticRoot} = fault.deployment
    const kept = directory === '/' ? [staticRoot] : [directory, staticRoot]
    further.push(...(await touched(instance, {flags: ['--unit', unit], directories: kept})))
  }
  judge(report, exitCode, [fault], further)
}

/** What only a host with NixOS should be told, in any text of the answer. */
function foreignWords(answer: unknown): readonly string[] {
  if (typeof answer === 'string') return answer.match(/.{0,30}(?:\bnix|sops|nixos).{0,30}/gi) ?? []
  if (Array.isArray(answer)) return answer.flatMap(foreignWords)
  if (typeof answer !== 'object' || answer === null) return []
  return Object.entries(answer).flatMap(([key, value]) =>
    key === 'nix' && value !== null ? [`nix: ${JSON.stringify(value)}`] : foreignWords(value),
  )
}

/**
 * Runs every case on a machine of its own, `parallel` at a time, and prints the score for each
 * deployment; true when it is full. Unless the doctor is to be asked, it is only shown that the
 * faults break what they should.
 */
export async function test(
  cases: readonly Case[],
  parallel: number,
  ask: boolean,
): Promise<boolean> {
  const trials = (chosen: readonly Case[]) =>
    chosen.map(fault => ({
      name: fault.name,
      attempt: (instance: number) => examine(instance, fault, ask),
    }))
  if (!ask) return tryAll(trials(cases), parallel)
  const groups = deployments.map(deployment => ({
    title: deployment.name,
    trials: trials(cases.filter(fault => fault.deployment === deployment)),
  }))
  return tryGroups(groups, parallel)
}
