import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import {lookFlags} from '../cli/flags.ts'
import {readConfig} from '../cli/input.ts'
import {writeAnswer} from '../cli/output.ts'
import {registryOf} from '../engine/registry.ts'
import {beside} from '../report/reporters/layout.ts'
import {styleFor} from '../report/reporters/style.ts'
import {terminalOf} from '../report/terminal.ts'

export default class Checks extends Command {
  static override summary =
    'List every check: its name, the healthy state, what it needs, and what its fix would do.'
  static override examples = ['prism-doctor checks', 'prism-doctor checks --json']
  static override flags = {json: Flags.boolean({description: 'as JSON'}), config: lookFlags.config}

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
