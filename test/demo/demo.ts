import {parseArgs} from 'node:util'
import {checks} from '../../src/checks/index.ts'
import {answer} from '../../src/cli/answer.ts'
import type {Host} from '../../src/host/host.ts'
import {once} from '../../src/host/once.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import type {Report} from '../../src/report/report.ts'
import {formats} from '../../src/report/reporters/formats.ts'
import {fixture} from '../machine.ts'
import {deploy} from './deployment.ts'
import {defaultFault, faults} from './faults.ts'
import {fixDemo} from './fix.ts'
import {demoMachine} from './host.ts'

const usage = `npm run demo -- [--fault NAME] [--fix] [--verbose] [--format FORMAT]

A deployment in a temporary directory, broken and diagnosed, and with --fix repaired. --list names the ways to break it.
Exit code: 0 the diagnosis named what was broken, 1 it did not, 3 wrong usage or the demo could not be laid out.
`

const say = (line: string): void => void process.stderr.write(`${line}\n`)

function list(): void {
  const width = Math.max(...Object.keys(faults).map(name => name.length))
  for (const [name, {title}] of Object.entries(faults))
    process.stdout.write(`${name.padEnd(width)}  ${title}${name === defaultFault ? ' (the default)' : ''}\n`)
}

interface Options {
  readonly name: string
  readonly repair: boolean
  readonly verbose: boolean
  readonly format: (typeof formats)[number]
}

/** Lays out the deployment, breaks it, and diagnoses it as the command would. */
async function show({name, repair, verbose, format}: Options): Promise<boolean> {
  const fault = faults[name]
  if (!fault) throw new UsageError(`there is no fault ${JSON.stringify(name)}; --list names them`)
  const recording = fixture(fault.recording)
  say('Laying out a deployment: its files, a PostgreSQL and a web server …')
  const deployment = await deploy(recording, fixture('healthy'))
  const leave = (signal: NodeJS.Signals): void => {
    void deployment.remove().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
  }
  process.on('SIGINT', leave).on('SIGTERM', leave)
  try {
    await fault.break(deployment)
    // What is broken may keep the application from starting: that is the point.
    await deployment.web.start().catch(() => undefined)
    say(`Broken in ${deployment.root}: ${fault.title}.\nThe diagnosis (systemd is answered from a recording):\n`)
    const secrets = createSecrets()
    const machine = demoMachine(recording, fixture('healthy'), deployment, secrets)
    const again = (): Host => once(machine.host())
    const session = {
      host: again(),
      again,
      hostname: recording.host,
      settings: {unit: 'prism-django.service'},
      config: {},
      secrets,
      deadline: 30_000,
      spent: 0,
      close: machine.close,
    }
    const options = {checks, format, output: undefined, verbose}
    if (!repair) return isNamed(await answer(session, options), fault.rootCauses)
    const report = await fixDemo(session, machine.hands, options)
    return isNamed({rootCauses: report.fix?.before.rootCauses ?? []}, fault.rootCauses) && isRepaired(report)
  } finally {
    await deployment.remove()
    process.off('SIGINT', leave).off('SIGTERM', leave)
    say('\nThe servers are stopped and the directory is removed.')
  }
}

function isNamed(report: Pick<Report, 'rootCauses'>, expected: readonly string[]): boolean {
  const named = [...report.rootCauses].sort()
  if (JSON.stringify(named) === JSON.stringify([...expected].sort())) return true
  say(`\nThat is wrong: broken was ${expected.join(', ') || 'nothing'}, named was ${named.join(', ') || 'nothing'}.`)
  return false
}

function isRepaired({status}: Report): boolean {
  if (status === 'ok') return true
  say(`\nThat is not repaired: the deployment is ${status}.`)
  return false
}

class UsageError extends Error {}

async function main(): Promise<number> {
  const {values} = parseArgs({
    options: {
      fault: {type: 'string', default: defaultFault},
      fix: {type: 'boolean', default: false},
      list: {type: 'boolean', default: false},
      verbose: {type: 'boolean', default: false},
      format: {type: 'string', default: 'text'},
      help: {type: 'boolean', short: 'h', default: false},
    },
  })
  if (values.help) process.stdout.write(usage)
  else if (values.list) list()
  else {
    const format = formats.find(each => each === values.format)
    if (!format) throw new UsageError(`--format ${values.format} is none of ${formats.join(', ')}`)
    return (await show({name: values.fault, repair: values.fix, verbose: values.verbose, format})) ? 0 : 1
  }
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.exitCode = 3
  say(`demo: ${error instanceof Error ? error.message : error}`)
  if (process.env.DEBUG) throw error
}
