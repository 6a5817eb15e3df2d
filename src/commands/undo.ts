import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {writeAnswer} from '../cli/output.ts'
import {describeRuns, putBack} from '../fix/undo.ts'
import {defaultDirectory} from '../host/local/run-journal.ts'
import {UsageError} from '../report/usage-error.ts'

export default class Undo extends Command {
  static override summary = 'List the journalled fixes, or put the safe steps of one back.'
  static override examples = [
    'sudo prism-doctor undo',
    'sudo prism-doctor undo 20261123T080000Z-4f1c',
  ]
  static override args = {
    run: Args.string({ignoreStdin: true, description: 'a run, as `prism-doctor undo` lists them'}),
  }

  override async run(): Promise<{status: 'ok' | 'warning'}> {
    const {args} = await this.parse(Undo)
    if (process.geteuid?.() !== 0)
      throw new UsageError('only root can read and undo what was fixed; use sudo prism-doctor undo')
    if (args.run === undefined) {
      await writeAnswer(describeRuns(defaultDirectory), undefined)
      return {status: 'ok'}
    }
    const {text, whole} = putBack(defaultDirectory, args.run)
    await deliver(text, args.run)
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
