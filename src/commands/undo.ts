import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {UsageError} from '../report/usage-error.ts'

export default class Undo extends Command {
  static override summary = 'List the journalled fixes, or put the safe steps of one back.'
  static override args = {
    run: Args.string({ignoreStdin: true, description: 'a run, as `prism-doctor undo` lists them'}),
  }

  override async run(): Promise<{status: 'ok' | 'warning'}> {
    const {args} = await this.parse(Undo)
    const [{defaultDirectory}, {describeRuns, putBack}, {writeAnswer}] = await Promise.all([
      import('../host/local/run-journal.ts'),
      import('../fix/undo.ts'),
      import('../cli/output.ts'),
    ])
    if (process.geteuid?.() !== 0)
      throw new UsageError('only root can read and undo what was fixed; use sudo prism-doctor undo')
    if (args.run === undefined) {
      await writeAnswer(describeRuns(defaultDirectory), undefined)
      return {status: 'ok'}
    }
    const {text, whole} = putBack(defaultDirectory, args.run)
    await writeAnswer(text, undefined)
    return {status: whole ? 'ok' : 'warning'}
  }
}
