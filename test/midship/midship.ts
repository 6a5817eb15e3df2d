import {spawn} from 'node:child_process'
import {parseArgs} from 'node:util'
import {build} from './build.ts'
import {casesOf} from './cases.ts'
import {boot, enter, keep, stop} from './container.ts'
import {checkHealth} from './health.ts'
import {drawPairs} from './pairs.ts'
import {repair, repairable} from './repair.ts'
import {inject, type Trial, test, tryAll} from './test.ts'
import {trust} from './trust.ts'

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
  cases              list them
`

const say = (line: string) => process.stderr.write(`${line}\n`)

/** Leaves a fresh machine running for whoever calls next. */
async function bootHealthy(instance: number): Promise<void> {
  await build(say)
  await boot(instance)
  await checkHealth(instance)
  await keep(instance)
}

/** Runs a command inside with this terminal, and ends as it ends. */
async function attach(instance: number, argv: readonly string[]): Promise<void> {
  const [file, ...rest] = enter(instance, argv)
  const child = spawn(file, rest, {stdio: 'inherit'})
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)))
  })
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

async function fixCases(args: string[]): Promise<void> {
  const {values, positionals} = parseArgs({
    args,
    allowPositionals: true,
    options: {parallel: {type: 'string', default: '2'}},
  })
  const known = new Map(trust.map(trial => [trial.name, trial]))
  // What takes minutes first, so that nothing is waited for at the end.
  const wanted = positionals.length > 0 ? positionals : [...known.keys(), ...repairable]
  const trials: readonly Trial[] = wanted.flatMap(
    name => known.get(name) ?? casesOf([name]).map(fault => ({name, attempt: instance => repair(instance, fault)})),
  )
  await build(say)
  if (!(await tryAll(trials, Number(values.parallel)))) process.exitCode = 1
}

function listCases(): void {
  for (const {name, title, expect} of casesOf([])) {
    process.stdout.write(`${name.padEnd(30)} ${expect.exit} ${expect.rootCauses.join(' ').padEnd(20)} ${title}\n`)
  }
}

async function main(args: string[]): Promise<void> {
  // What follows the command belongs to the command.
  const at = args.findIndex((arg, index) => !arg.startsWith('-') && !/^(-i|--instance)$/.test(args[index - 1] ?? ''))
  const own = at < 0 ? args : args.slice(0, at)
  const [command, ...rest] = at < 0 ? [] : args.slice(at)
  const {values} = parseArgs({
    args: own,
    options: {instance: {type: 'string', short: 'i', default: '0'}, help: {type: 'boolean', short: 'h'}},
  })
  if (values.help) return void process.stdout.write(usage)
  const instance = Number(values.instance)
  if (command === 'test') return testCases(rest)
  if (command === 'fix') return fixCases(rest)
  if (command === 'cases') return listCases()
  if (command === 'fault' && rest[0] !== undefined) {
    const faults = rest.flatMap(name => casesOf([name]))
    await bootHealthy(instance)
    for (const fault of faults) await inject(instance, fault)
    return
  }
  if (command === 'build') return build(say)
  if (command === 'boot' || command === 'reset') return bootHealthy(instance)
  if (command === 'stop') return stop(instance)
  if (command === 'shell') return attach(instance, ['bash', '-i'])
  if (command === 'exec' && rest[0] !== undefined) {
    return attach(instance, rest.length === 1 ? ['bash', '-c', rest[0]] : rest)
  }
  process.stderr.write(usage)
  process.exitCode = 3
}

await main(process.argv.slice(2)).catch(error => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
