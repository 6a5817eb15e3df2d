import {parseArgs} from 'node:util'
import {checks} from '../../src/checks/index.ts'
import {type AnswerOptions, write} from '../../src/cli/answer.ts'
import type {Session} from '../../src/cli/session.ts'
import {treeOnStderr} from '../../src/cli/tree.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import type {Report} from '../../src/report/report.ts'
import {formats} from '../../src/report/reporters/index.ts'
import {breakDeployment} from './broken.ts'
import {defaultFault, faults} from './faults.ts'
import {fixDemo} from './fix.ts'

const usage = `npm run demo -- [--fault NAME] [--changed] [--fix] [--verbose] [--format FORMAT]

Makes a Django deployment in a temporary directory, breaks it, lets prism-doctor find out why, and
with --fix repair it. With --changed it is looked at before it is broken, too, so that the verdict has what changed
since. --list names the ways to break it. Nothing else of this machine is changed.
Exit code: 0 the diagnosis named what was broken, 1 it did not, 3 wrong usage or the demo could not be laid out.
`

const say = (line: string): void => void process.stderr.write(`${line}\n`)

function list(): void {
  const width = Math.max(...Object.keys(faults).map(name => name.length))
  for (const [name, {title}] of Object.entries(faults))
    process.stdout.write(
      `${name.padEnd(width)}  ${title}${name === defaultFault ? ' (default)' : ''}\n`,
    )
  say('\nChoose one: npm run demo -- --fault NAME')
}

interface Options {
  readonly changed: boolean
  readonly name: string
  readonly repair: boolean
  readonly verbose: boolean
  readonly format: (typeof formats)[number]
}

/** Lays out the deployment, breaks it, and diagnoses it as the command would. */
async function show({name, changed, repair, verbose, format}: Options): Promise<boolean> {
  const fault = faults[name]
  if (!fault) throw new UsageError(`there is no fault ${JSON.stringify(name)}; --list names them`)
  if (repair && fault.notFixedHere)
    throw new UsageError(
      `--fix cannot mend ${name} in the demo: ${fault.notFixedHere}; choose another`,
    )
  say('Making a deployment in a temporary directory, with a PostgreSQL of its own …')
  const onceLaidOut = (leaving: () => Promise<void>): void => {
    const leave = (signal: NodeJS.Signals): void => {
      void leaving().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
    }
    process.on('SIGINT', leave).on('SIGTERM', leave)
  }
  const broken = await breakDeployment(fault, onceLaidOut, changed)
  const {session, hands, root, today, remember, remove} = broken
  try {
    say(`Broken: ${fault.title}.

Real: PostgreSQL, web servers in the place of Django and nginx, and the files,
  which lie below ${root}
Recorded: what systemd, the journal and Django say, on a test machine, midship.
The commands that follow are for midship. Do not type them here.

$ sudo prism-doctor${repair ? ' --fix' : ''}
`)
    const options = {
      checks,
      deliveries: [{format, file: null}],
      verbose,
      ...(remember && {remember}),
    }
    if (!repair) return isNamed(await diagnoseDemo(session, options, today), fault.rootCauses)
    const report = await fixDemo(session, hands, options, today)
    return (
      isNamed({rootCauses: report.fix?.before.rootCauses ?? []}, fault.rootCauses) &&
      isRepaired(report)
    )
  } finally {
    await remove()
    say('\nThe servers are stopped and the directory is removed.')
  }
}

/** What the command does, at the time of whoever watches. */
async function diagnoseDemo(
  session: Session,
  options: AnswerOptions,
  today: (report: Report) => Report,
): Promise<Report> {
  const {verbose, remember} = options
  const tree = await treeOnStderr({conceal: session.secrets.conceal, verbose})
  const watched = {...(tree && {watch: tree.watch}), ...(remember && {remember})}
  const report = await diagnose({...session, checks, ...watched})
  await tree?.done(report)
  return write(session, today(report), options)
}

function isNamed(report: Pick<Report, 'rootCauses'>, expected: readonly string[]): boolean {
  const named = [...report.rootCauses].sort()
  if (JSON.stringify(named) === JSON.stringify([...expected].sort())) return true
  say(
    `\nThe diagnosis is wrong: it should name ${expected.join(', ') || 'nothing'}, and names ${named.join(', ') || 'nothing'}.`,
  )
  return false
}

function isRepaired({status}: Report): boolean {
  if (status === 'ok') return true
  say(`\nIt is not repaired: the status is still ${status}.`)
  return false
}

class UsageError extends Error {}

async function main(): Promise<number> {
  const {values} = parseArgs({
    options: {
      fault: {type: 'string', default: defaultFault},
      changed: {type: 'boolean', default: false},
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
    const {fault: name, changed, fix: repair, verbose} = values
    return (await show({name, changed, repair, verbose, format})) ? 0 : 1
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
