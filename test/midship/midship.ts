import {parseArgs} from 'node:util'
import {command, list, say} from '../container/command.ts'
import {keep} from '../container/container.ts'
import {type Trial, tryAll} from '../container/trials.ts'
import {build as buildHosts} from '../hosts/build.ts'
import {build} from './build.ts'
import {casesOf} from './cases.ts'
import {changeTrials} from './changes.ts'
import {checkHealth} from './health.ts'
import {boot} from './machine.ts'
import {drawPairs} from './pairs.ts'
import {readerTrials} from './reader-trials.ts'
import {repair, repairable} from './repair.ts'
import {inject, test} from './test.ts'
import {trust} from './trust.ts'
import {unitTrials} from './unit-trials.ts'

const usage = `midship [--instance N] COMMAND

  build              build what is missing: Debian (a minute or two), then the deployment (seconds)
  boot               boot a fresh machine and wait until it is healthy
  reset              the same: whatever was changed in it is forgotten
  exec COMMAND …     run a command in it; a single argument is a line for bash
  shell              a shell in it
  fault NAME …       boot a fresh machine and break it, in each of these ways
  stop               end it
  test [NAME …]      try the doctor on each case and on --pairs N (30) of independent faults drawn by --seed N, or
                     on these cases; --parallel N (2);
                     --prove: do not ask the doctor, only show that the faults break what they should
  fix [NAME …]       let the doctor repair what it can, and try whether it can be trusted, or these; --parallel N (2)
  monitors [NAME …]  try the units that we ship, and the monitors that read what they write, or these;
                     --parallel N (2)
  changes [NAME …]   take a picture of the healthy machine, change it, and try whether the doctor tells what changed,
                     or these; --parallel N (2)
  cases              list them
`

/** Leaves a fresh machine running for whoever calls next. */
async function bootHealthy(instance: number): Promise<void> {
  await build(say)
  await boot(instance)
  await checkHealth(instance)
  await keep(instance)
}

async function breakFresh(instance: number, names: readonly string[]): Promise<void> {
  if (names.length === 0) return void process.stderr.write(usage)
  const faults = casesOf(names)
  await bootHealthy(instance)
  for (const fault of faults) await inject(instance, fault)
}

async function testCases(args: string[]): Promise<void> {
  const {values, positionals} = parseArgs({
    args,
    allowPositionals: true,
    options: {
      parallel: {type: 'string', default: '2'},
      seed: {type: 'string', default: '20261123'},
      pairs: {type: 'string', default: '30'},
      prove: {type: 'boolean', default: false},
    },
  })
  const pairs = positionals.length === 0 ? drawPairs(Number(values.seed), Number(values.pairs)) : []
  await build(say)
  if (pairs.length > 0) say(`${pairs.length} pairs drawn with --seed ${values.seed}`)
  const matrix = {cases: casesOf(positionals), pairs}
  if (!(await test(matrix, Number(values.parallel), !values.prove))) process.exitCode = 1
}

/** What is tried by `monitors`. */
const monitors: readonly Trial[] = [...readerTrials, ...unitTrials]

const parallel = {parallel: {type: 'string', default: '2'}} as const

async function tryMonitors(args: string[]): Promise<void> {
  const {values, positionals} = parseArgs({args, allowPositionals: true, options: parallel})
  const unknown = positionals.find(name => !monitors.some(trial => trial.name === name))
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}: ${monitors.map(({name}) => name).join(' ')}`)
  const wanted = monitors.filter(({name}) => positionals.length === 0 || positionals.includes(name))
  await build(say)
  await buildHosts(say)
  if (!(await tryAll(wanted, Number(values.parallel)))) process.exitCode = 1
}

async function tryChanges(args: string[]): Promise<void> {
  const {values, positionals} = parseArgs({args, allowPositionals: true, options: parallel})
  const wanted = changeTrials.filter(
    ({name}) => positionals.length === 0 || positionals.includes(name),
  )
  if (positionals.length > wanted.length) throw new Error('there is no such trial of changes')
  await build(say)
  if (!(await tryAll(wanted, Number(values.parallel)))) process.exitCode = 1
}

async function fixCases(args: string[]): Promise<void> {
  const {values, positionals} = parseArgs({args, allowPositionals: true, options: parallel})
  const known = new Map(trust.map(trial => [trial.name, trial]))
  // What takes minutes first, so that nothing is waited for at the end.
  const wanted = positionals.length > 0 ? positionals : [...known.keys(), ...repairable]
  const trials: readonly Trial[] = wanted.flatMap(
    name =>
      known.get(name) ??
      casesOf([name]).map(fault => ({name, attempt: instance => repair(instance, fault)})),
  )
  await build(say)
  if (!(await tryAll(trials, Number(values.parallel)))) process.exitCode = 1
}

const listCases = (): void => list(casesOf([]))

await command(process.argv.slice(2), {
  usage,
  commands: {
    build: () => build(say),
    boot: bootHealthy,
    reset: bootHealthy,
    fault: breakFresh,
    test: (_, args) => testCases(args),
    fix: (_, args) => fixCases(args),
    monitors: (_, args) => tryMonitors(args),
    changes: (_, args) => tryChanges(args),
    cases: listCases,
  },
})
