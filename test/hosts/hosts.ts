import {parseArgs} from 'node:util'
import {command, list, say} from '../container/command.ts'
import {keep} from '../container/container.ts'
import {tryAll} from '../container/trials.ts'
import {build} from './build.ts'
import {casesOf} from './cases.ts'
import {changeTrials} from './changes.ts'
import {deploymentOf, deployments} from './deployments.ts'
import {boot} from './machine.ts'
import {broken, test} from './test.ts'

const usage = `hosts [--instance N] COMMAND

  build              build what is missing: midship's Debian, more packages, the deployments
  boot DEPLOYMENT    boot a fresh machine and wait until this one of its deployments is healthy:
                     ${deployments.map(({name}) => name).join(' ')}
  exec COMMAND …     run a command in it; a single argument is a line for bash
  shell              a shell in it
  fault NAME         boot a fresh machine and break it in this way
  stop               end it
  test [NAME …]      try the doctor on each case, or on these: a case, or a deployment for all of its own; --parallel N (2);
                     --prove: do not ask the doctor, only show that the faults break what they should
  changes [NAME …]   restart, visit and reboot each deployment, and try whether the doctor says that nothing changed,
                     or these; --parallel N (2)
  cases              list them
`

async function bootHealthy(instance: number, [name]: readonly string[]): Promise<void> {
  if (name === undefined) return void process.stderr.write(usage)
  const deployment = deploymentOf(name)
  await build(say)
  await boot(instance, deployment)
  await keep(instance)
}

async function breakFresh(instance: number, names: readonly string[]): Promise<void> {
  const [fault] = names.length === 1 ? casesOf(names) : []
  if (!fault) return void process.stderr.write(usage)
  await build(say)
  await broken(instance, fault)
  await keep(instance)
}

async function testCases(args: string[]): Promise<void> {
  const {values, positionals} = parseArgs({
    args,
    allowPositionals: true,
    options: {parallel: {type: 'string', default: '2'}, prove: {type: 'boolean', default: false}},
  })
  const cases = casesOf(positionals)
  await build(say)
  if (!(await test(cases, Number(values.parallel), !values.prove))) process.exitCode = 1
}

async function tryChanges(args: string[]): Promise<void> {
  const {values, positionals} = parseArgs({
    args,
    allowPositionals: true,
    options: {parallel: {type: 'string', default: '2'}},
  })
  const wanted = changeTrials.filter(
    ({name}) => positionals.length === 0 || positionals.includes(name),
  )
  if (positionals.length > wanted.length) throw new Error('there is no such trial of changes')
  await build(say)
  if (!(await tryAll(wanted, Number(values.parallel)))) process.exitCode = 1
}

await command(process.argv.slice(2), {
  usage,
  commands: {
    build: () => build(say),
    boot: bootHealthy,
    fault: breakFresh,
    test: (_, args) => testCases(args),
    changes: (_, args) => tryChanges(args),
    cases: () => list(casesOf([])),
  },
})
