import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {checks} from '../checks/index.ts'
import {DoctorHelp} from '../cli/help.ts'
import {didYouMean, nearest} from '../report/nearest.ts'
import {UsageError} from '../report/usage-error.ts'

export default class Help extends Command {
  static override summary = 'Show help for prism-doctor or one of its commands.'
  static override args = {command: Args.string({ignoreStdin: true, description: 'a command'})}

  override async run(): Promise<void> {
    const {args} = await this.parse(Help)
    const {command} = args
    if (command !== undefined && !this.config.commandIDs.includes(command))
      throw unknownCommand(command, this.config.commandIDs)
    await new DoctorHelp(this.config, {all: false}).showHelp(command === undefined ? [] : [command])
  }
}

function unknownCommand(name: string, commands: readonly string[]): UsageError {
  const ids = checks.map(({id}) => id)
  if (ids.some(id => id === name))
    return new UsageError(`"${name}" is a check; run: prism-doctor explain ${name}`)
  const meant = nearest(name, commands)
  const suggested = meant.length > 0 ? meant : nearest(name, ids).map(id => `the check ${id}`)
  return new UsageError(
    `there is no command "${name}"; ${didYouMean(suggested)}\`prism-doctor help\` lists them`,
  )
}
