import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import manifest from '../../package.json' with {type: 'json'}
import {checks} from '../checks/index.ts'
import {plainCodes} from '../cli/exit-codes.ts'
import {renderHelp, renderRootHelp} from '../cli/help.ts'
import {manualsOf} from '../cli/manual.ts'
import {writeAnswer} from '../cli/output.ts'
import {groupOf} from '../report/finding.ts'
import {didYouMean, nearest} from '../report/nearest.ts'
import {terminalOf} from '../report/terminal.ts'
import {UsageError} from '../report/usage-error.ts'

export default class Help extends Command {
  static override summary = 'Show help for prism-doctor, or for one of its commands.'
  static override usage = 'help [COMMAND]'
  static override examples = [
    {command: 'prism-doctor help run', description: 'the same as `prism-doctor run --help`'},
  ]
  static readonly exitCodes = plainCodes
  static override args = {command: Args.string({ignoreStdin: true, description: 'a command'})}

  override async run(): Promise<void> {
    const {args} = await this.parse(Help)
    const manuals = manualsOf(this.config.commands)
    const terminal = terminalOf(process.stdout)
    if (args.command === undefined)
      return writeAnswer(await renderRootHelp(manuals, manifest.description, terminal), undefined)
    // `prism-doctor database --help`: a group is what the default command takes.
    const isGroup = checks.some(({id}) => groupOf(id) === args.command)
    const name = isGroup ? 'diagnose' : args.command
    const manual = manuals.find(each => each.name === name)
    if (!manual) throw unknownCommand(name, this.config.commandIDs)
    await writeAnswer(await renderHelp(manual, terminal), undefined)
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
