import {Command} from '@oclif/core/command'
import {lookFlags} from '../cli/flags.ts'
import {runCommand} from '../cli/run-command.ts'
import {openSession} from '../cli/session.ts'
import {defaultUnit} from '../report/step.ts'

export default class Run extends Command {
  static override summary =
    'Run a command as the unit would: its user, environment, secrets, directory and sandbox.'
  static override description =
    `Needs root. On a terminal the command is interactive, in a pipe it is a filter.

Exit code: the command's, 127 there is no such command, 3 it could not be run as the unit.

A bare name is looked for in the package's bin/, the virtual environment's bin/ and the PATH of the unit; "manage" is manage.py, whatever it is called here.`
  static override usage = 'run [--unit NAME] [--config FILE] -- COMMAND [ARG...]'
  static override examples = [
    'sudo prism-doctor run -- manage createsuperuser',
    'sudo prism-doctor run -- manage dumpdata auth > auth.json',
    'sudo prism-doctor run --unit shop.service -- manage migrate --plan',
    "sudo prism-doctor run -- sh -c 'env | sort'",
  ]
  static override strict = false
  static override flags = {unit: lookFlags.unit, config: lookFlags.config}

  override async run(): Promise<{exitCode: number}> {
    const [own, words] = split(this.argv)
    const {flags} = await this.parse(Run, [...own])
    const session = await openSession({...flags, anyUnit: true})
    try {
      return {exitCode: await runCommand(session.host, session.settings.unit ?? defaultUnit, words)}
    } finally {
      session.close()
    }
  }
}

/**
 * Our own flags, and the command with everything that is its own: what follows `--`, or the first
 * word.
 */
function split(argv: readonly string[]): readonly [readonly string[], readonly string[]] {
  const start = argv.findIndex(
    (word, at) => !word.startsWith('-') && !/^--(?:unit|config)$/.test(argv[at - 1] ?? ''),
  )
  const dashes = argv.indexOf('--')
  if (dashes >= 0 && (start < 0 || dashes < start))
    return [argv.slice(0, dashes), argv.slice(dashes + 1)]
  return start < 0 ? [argv, []] : [argv.slice(0, start), argv.slice(start)]
}
