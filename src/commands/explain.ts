import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {lookFlags} from '../cli/flags.ts'
import {writeAnswer} from '../cli/output.ts'
import {UsageError} from '../report/usage-error.ts'

export default class Explain extends Command {
  static override summary = 'Say why a check matters, how it is looked at, and what its findings mean.'
  static override args = {
    check: Args.string({ignoreStdin: true, description: 'a check, as `prism-doctor checks` lists them'}),
  }

  static override flags = {config: lookFlags.config}

  override async run(): Promise<void> {
    const {args, flags} = await this.parse(Explain)
    const [{registryOf}, {readConfig}, {configWaivers}, {findCheck}, {renderExplanation}, {terminalOf}] =
      await Promise.all([
        import('../engine/registry.ts'),
        import('../cli/input.ts'),
        import('../engine/waivers-check.ts'),
        import('../engine/names.ts'),
        import('../report/reporters/explanation.ts'),
        import('../report/terminal.ts'),
      ])
    if (args.check === undefined)
      throw new UsageError('explain needs the name of a check; `prism-doctor checks` lists them')
    const checks = await registryOf((await readConfig(flags.config)).checks)
    const text = await renderExplanation(findCheck(args.check, [...checks, configWaivers]), terminalOf(process.stdout))
    await writeAnswer(text, undefined)
  }
}
