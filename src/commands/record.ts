import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import {assertAnswering} from '../cli/answering.ts'
import {plainCodes} from '../cli/exit-codes.ts'
import {deepFlag, fileName, lookFlags} from '../cli/flags.ts'
import {flagGroups} from '../cli/manual.ts'
import {assertWritable} from '../cli/output.ts'
import {withProgress} from '../cli/progress.ts'
import {openSession} from '../cli/session.ts'
import {createTape} from '../cli/tape.ts'
import {treeOnStderr} from '../cli/tree.ts'
import {diagnose, type Look} from '../engine/diagnose.ts'
import {registryOf} from '../engine/registry.ts'
import type {Report} from '../report/report.ts'

const {replay: _, ...recordFlags} = lookFlags

export default class Record extends Command {
  static override summary =
    'Record what a diagnosis asks this machine and what it answers, without secrets.'
  static override description =
    'Somebody else can diagnose the recording with `prism-doctor --replay FILE`. `prism-doctor --fix --record FILE` records a run that repairs.'
  static override usage =
    'record [--output FILE] [--unit NAME] [--deep] [--timeout SECONDS] [--config FILE]'
  static override examples = [
    {
      command: 'sudo prism-doctor record --output machine.json',
      description: 'record this machine',
    },
    {
      command: 'prism-doctor --replay machine.json',
      description: 'diagnose it anywhere else, without root',
    },
  ]
  static readonly exitCodes = plainCodes
  static override flags = {
    ...recordFlags,
    ...deepFlag,
    output: Flags.string({
      parse: fileName,
      description: 'write the recording to this file instead of standard output',
      helpValue: 'FILE',
      helpGroup: flagGroups.answer,
    }),
  }

  override async run(): Promise<void> {
    const {flags} = await this.parse(Record)
    await assertAnswering([flags.config, flags.output], flags.timeout)
    if (flags.output !== undefined) assertWritable(flags.output)
    const tape = createTape(flags.output)
    const session = await withProgress('looking for the unit', openSession(flags, tape.wrap))
    const checks = await registryOf(session.config.checks)
    const tree = await treeOnStderr({conceal: session.secrets.conceal, verbose: false})
    // Whoever replays it may compare it with another recording.
    const remember = async ({report, picture}: Look): Promise<Report> => {
      await picture
      return report
    }
    const keeps = session.config.history?.keep !== false
    await diagnose({
      ...session,
      checks,
      ...(keeps && {remember}),
      ...(tree && {watch: tree.watch}),
    })
    await tree?.done(null)
    session.close()
    await tape.write(session)
  }
}
