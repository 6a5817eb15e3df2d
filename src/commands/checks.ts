import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import {plainCodes} from '../cli/exit-codes.ts'
import {lookFlags} from '../cli/flags.ts'
import {readConfig} from '../cli/input.ts'
import {flagGroups} from '../cli/manual.ts'
import {writeAnswer} from '../cli/output.ts'
import {registryOf} from '../engine/registry.ts'
import {beside} from '../report/reporters/layout.ts'
import {styleFor} from '../report/reporters/style.ts'
import {terminalOf} from '../report/terminal.ts'

export default class Checks extends Command {
  static override summary = 'List every check: the healthy state, its needs and its fix.'
  static override description =
    'Your own checks, which the configuration names, are listed too. `prism-doctor explain CHECK` says more of one.'
  static override usage = 'checks [--json] [--config FILE]'
  static override examples = [
    {command: 'prism-doctor checks', description: 'list them for a person'},
    {command: 'prism-doctor checks --json', description: 'list them for a program'},
  ]
  static readonly exitCodes = plainCodes
  static override flags = {
    json: Flags.boolean({description: 'list them as JSON', helpGroup: flagGroups.answer}),
    config: lookFlags.config,
  }

  override async run(): Promise<void> {
    const {flags} = await this.parse(Checks)
    const checks = await registryOf((await readConfig(flags.config)).checks)
    const rows = checks.map(({id, title, fix = null, needs = []}) => ({
      id,
      title,
      fix,
      needs: needs.map(need => need.id),
    }))
    if (flags.json) return writeAnswer(`${JSON.stringify(rows, null, 2)}\n`, undefined)
    const terminal = terminalOf(process.stdout)
    const style = await styleFor(terminal)
    const column = Math.max(...rows.map(({id}) => id.length)) + 2
    const width = Math.min(100, terminal.width)
    const lines = rows.flatMap(({id, title, fix, needs}, index) => {
      const newGroup = index > 0 && rows[index - 1]?.id.split('/')[0] !== id.split('/')[0]
      const needed =
        needs.length > 0 ? [{text: `needs ${needs.join(', ')}`, paint: style.faint}] : []
      const fixed = fix === null ? [] : [{text: `--fix ${fix}`, paint: style.faint}]
      return [
        ...(newGroup ? [''] : []),
        ...beside(
          {text: id, paint: style.strong},
          column,
          [{text: title}, ...needed, ...fixed],
          width,
        ),
      ]
    })
    await writeAnswer(`${lines.join('\n')}\n`, undefined)
  }
}
