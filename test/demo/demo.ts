import {parseArgs} from 'node:util'
import {checks} from '../../src/checks/index.ts'
import {answer} from '../../src/cli/answer.ts'
import type {Report} from '../../src/report/report.ts'
import {formats} from '../../src/report/reporters/index.ts'
import {breakDeployment} from './broken.ts'
import {defaultFault, faults} from './faults.ts'
import {fixDemo} from './fix.ts'

const usage = `npm run demo -- [--fault NAME] [--fix] [--verbose] [--format FORMAT]

A deployment in a temporary directory, broken and diagnosed, and with --fix repaired. --list names the ways to break it.
Exit code: 0 the diagnosis named what was broken, 1 it did not, 3 wrong usage or the demo could not be laid out.
`

const say = (line: string): void => void process.stderr.write(`${line}\n`)

function list(): void {
  const width = Math.max(...Object.keys(faults).map(name => name.length))
  for (const [name, {title}] of Object.entries(faults))
    process.stdout.write(
      `${name.padEnd(width)}  ${title}${name === defaultFault ? ' (the default)' : ''}\n`,
    )
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
  say('Laying out a deployment: its files, a PostgreSQL and a web server …')
  const {session, hands, root, remove} = await breakDeployment(fault, leaving => {
    const leave = (signal: NodeJS.Signals): void => {
      void leaving().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
    }
    process.on('SIGINT', leave).on('SIGTERM', leave)
  })
  try {
    say(
      `Broken in ${root}: ${fault.title}.\nThe diagnosis (systemd is answered from a recording):\n`,
    )
    const options = {checks, deliveries: [{format, file: null}], verbose}
    if (!repair) return isNamed(await answer(session, options), fault.rootCauses)
    const report = await fixDemo(session, hands, options)
    return (
      isNamed({rootCauses: report.fix?.before.rootCauses ?? []}, fault.rootCauses) &&
      isRepaired(report)
    )
  } finally {
    await remove()
    say('\nThe servers are stopped and the directory is removed.')
  }
}

function isNamed(report: Pick<Report, 'rootCauses'>, expected: readonly string[]): boolean {
  const named = [...report.rootCauses].sort()
  if (JSON.stringify(named) === JSON.stringify([...expected].sort())) return true
  say(
    `\nThat is wrong: broken was ${expected.join(', ') || 'nothing'}, named was ${named.join(', ') || 'nothing'}.`,
  )
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
    return (await show({name: values.fault, repair: values.fix, verbose: values.verbose, format}))
      ? 0
      : 1
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
