import {Help} from '@oclif/core/help'
import {terminalOf} from '../report/terminal.ts'

type Options = ConstructorParameters<typeof Help>[1]

/** oclif's help, which knows neither NO_COLOR nor a command that need not be named. */
export class DoctorHelp extends Help {
  constructor(config: ConstructorParameters<typeof Help>[0], options?: Options) {
    super(config, {...options, stripAnsi: terminalOf(process.stdout).colours === 0})
  }

  override formatRoot(): string {
    return super
      .formatRoot()
      .replace(
        'prism-doctor [COMMAND]',
        'prism-doctor [CHECK|GROUP...] [FLAGS]\n  $ prism-doctor COMMAND',
      )
  }
}
