import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import {plainCodes} from '../cli/exit-codes.ts'
import {lookFlags} from '../cli/flags.ts'
import {readConfig} from '../cli/input.ts'
import {flagGroups} from '../cli/manual.ts'
import {writeAnswer} from '../cli/output.ts'
import {sinceWhen} from '../cli/since-when.ts'
import {unitName} from '../cli/unit-name.ts'
import {historyOf} from '../history/tell.ts'
import {defaultDirectory} from '../host/local/run-journal.ts'
import {renderHistory} from '../report/reporters/history.ts'
import {terminalOf} from '../report/terminal.ts'
import {UsageError} from '../report/usage-error.ts'

export default class History extends Command {
  static override summary = 'List when the status changed, and what else had changed then.'
  static override description =
    'Needs root. It looks at nothing: it tells what earlier runs have found, newest first, up to 90 days back.'
  static override usage = 'history [--since WHEN] [--unit NAME] [--json] [--config FILE]'
  static override examples = [
    {command: 'sudo prism-doctor history', description: 'all that is kept'},
    {
      command: 'sudo prism-doctor history --since 2h',
      description: 'the last two hours; also 90min, 3d, 1w, 2026-12-31, "2026-12-31 14:00"',
    },
  ]
  static readonly exitCodes = plainCodes
  static override flags = {
    unit: Flags.string({
      description: 'the unit of the deployment (default: the only one of which something is kept)',
      helpValue: 'NAME',
      helpGroup: flagGroups.look,
    }),
    since: Flags.custom<string>({parse: sinceWhen})({
      description: 'only what runs have found since then',
      helpValue: 'WHEN',
      helpGroup: flagGroups.look,
    }),
    json: Flags.boolean({description: 'list it as JSON', helpGroup: flagGroups.answer}),
    config: lookFlags.config,
  }

  override async run(): Promise<void> {
    const {flags} = await this.parse(History)
    if (process.geteuid?.() !== 0)
      throw new UsageError('only root can read what runs have found; use sudo prism-doctor history')
    const config = await readConfig(flags.config)
    const unit = flags.unit === undefined ? config.unit : unitName(flags.unit, () => '--unit')
    const history = historyOf(defaultDirectory, unit, flags.since)
    const text = flags.json
      ? `${JSON.stringify({schemaVersion: 1, ...history}, null, 2)}\n`
      : await renderHistory(history, new Date().toISOString(), terminalOf(process.stdout))
    await writeAnswer(text, undefined)
  }
}
