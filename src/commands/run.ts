import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {runCodes} from '../cli/exit-codes.ts'
import {lookFlags} from '../cli/flags.ts'
import {withProgress} from '../cli/progress.ts'
import {runCommand} from '../cli/run-command.ts'
import {splitRun} from '../cli/run-words.ts'
import {openSession} from '../cli/session.ts'
import {defaultUnit} from '../report/step.ts'

export default class Run extends Command {
  static override summary =
    'Run a command as the unit would: its user, environment, secrets and sandbox.'
  static override description =
    `Needs root. On a terminal the command is interactive, in a pipe it is a filter.

A bare name is looked for in the bin/ of the package, in the bin/ of the virtual environment, and in the PATH of the unit. \`manage\` is manage.py, whatever it is called here.`
  static override usage = 'run [--unit NAME] [--config FILE] -- COMMAND [ARG ...]'
  static override examples = [
    {
      command: 'sudo prism-doctor run -- manage createsuperuser',
      description: 'answer its questions on the terminal',
    },
    {
      command: 'sudo prism-doctor run -- manage dumpdata auth > auth.json',
      description: 'keep what it prints',
    },
    {
      command: 'sudo prism-doctor run --unit shop.service -- manage migrate --plan',
      description: 'as another unit would',
    },
    {
      command: "sudo prism-doctor run -- sh -c 'env | sort'",
      description: "look at the unit's environment, secrets and all",
    },
  ]
  static readonly exitCodes = runCodes
  static override strict = false
  static override args = {
    command: Args.string({ignoreStdin: true, description: 'a program, and what it is given'}),
  }
  static override flags = {unit: lookFlags.unit, config: lookFlags.config}

  override async run(): Promise<{exitCode: number}> {
    const [own, words] = splitRun(this.argv)
    const {flags} = await this.parse(Run, [...own])
    const session = await withProgress(
      'looking for the unit',
      openSession({...flags, anyUnit: true}),
    )
    try {
      return {exitCode: await runCommand(session.host, session.settings.unit ?? defaultUnit, words)}
    } finally {
      session.close()
    }
  }
}
