import {format} from 'node:util'
import {Help} from '@oclif/core/help'
import {terminalOf} from '../report/terminal.ts'
import {writeAnswer} from './output.ts'

type Options = ConstructorParameters<typeof Help>[1]

/** oclif's help, which knows neither NO_COLOR nor a command that need not be named. */
export class DoctorHelp extends Help {
  constructor(config: ConstructorParameters<typeof Help>[0], options?: Options) {
    super(config, {...options, stripAnsi: terminalOf(process.stdout).colours === 0})
  }

  readonly #lines: string[] = []

  /** What oclif would print line by line is one answer, and whether it arrives matters. */
  override async showHelp(argv: string[]): Promise<void> {
    await super.showHelp(argv)
    await writeAnswer(this.#lines.map(line => `${line}\n`).join(''), undefined)
  }

  protected override log(...args: readonly string[]): void {
    this.#lines.push(format(...args))
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
