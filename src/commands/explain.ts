import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {plainCodes} from '../cli/exit-codes.ts'
import {lookFlags} from '../cli/flags.ts'
import {readConfig} from '../cli/input.ts'
import {writeAnswer} from '../cli/output.ts'
import {findCheck} from '../engine/names.ts'
import {registryOf} from '../engine/registry.ts'
import {configWaivers} from '../engine/waivers-check.ts'
import {renderExplanation} from '../report/reporters/explanation.ts'
import {terminalOf} from '../report/terminal.ts'

export default class Explain extends Command {
  static override summary = 'Say why a check matters, what it asks, and what its findings mean.'
  static override description = 'It looks at nothing, and needs no root.'
  static override usage = 'explain CHECK [--config FILE]'
  static override examples = [
    {
      command: 'prism-doctor explain database/server',
      description: 'what it may find, and what to do about it',
    },
  ]
  static readonly exitCodes = plainCodes
  static override args = {
    check: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'a check, as `prism-doctor checks` lists them',
    }),
  }

  static override flags = {config: lookFlags.config}

  override async run(): Promise<void> {
    const {args, flags} = await this.parse(Explain)
    const checks = await registryOf((await readConfig(flags.config)).checks)
    const text = await renderExplanation(
      findCheck(args.check, [...checks, configWaivers]),
      terminalOf(process.stdout),
    )
    await writeAnswer(text, undefined)
  }
}
