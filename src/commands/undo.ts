import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {undoCodes} from '../cli/exit-codes.ts'
import {writeAnswer} from '../cli/output.ts'
import {whileShown} from '../cli/progress.ts'
import {describeRuns, putBack} from '../fix/undo.ts'
import {defaultDirectory} from '../host/local/run-journal.ts'
import {UsageError} from '../report/usage-error.ts'

export default class Undo extends Command {
  static override summary = 'List the runs of --fix, or take back the safe steps of one.'
  static override description =
    'Needs root. A file is put back only if it still is as the run left it. A restart, or a change of data, cannot be undone.'
  static override usage = 'undo [RUN]'
  static override examples = [
    {command: 'sudo prism-doctor undo', description: 'list the runs, newest first'},
    {
      command: 'sudo prism-doctor undo 20261123T080000Z-4f1c',
      description: 'take back what that run did',
    },
  ]
  static readonly exitCodes = undoCodes
  static override args = {
    run: Args.string({ignoreStdin: true, description: 'a run, as `prism-doctor undo` lists them'}),
  }

  override async run(): Promise<{status: 'ok' | 'warning'}> {
    const {args} = await this.parse(Undo)
    if (process.geteuid?.() !== 0)
      throw new UsageError('only root can read and undo what was fixed; use sudo prism-doctor undo')
    if (args.run === undefined) {
      const runs = whileShown('reading the journals', () => describeRuns(defaultDirectory))
      await writeAnswer(runs, undefined)
      return {status: 'ok'}
    }
    const {run} = args
    const {text, whole} = whileShown(`putting back ${run}`, () => putBack(defaultDirectory, run))
    await deliver(text, run)
    return {status: whole ? 'ok' : 'warning'}
  }
}

/** @throws UsageError where it cannot be delivered; it says what was done all the same. */
async function deliver(text: string, run: string): Promise<void> {
  try {
    await writeAnswer(text, undefined)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(
      `${error.message}; ${run} was put back all the same, as far as it could be`,
    )
  }
}
