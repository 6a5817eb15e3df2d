import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import {assertAnswering} from '../cli/answering.ts'
import {deepFlag, lookFlags} from '../cli/flags.ts'
import {assertWritable} from '../cli/output.ts'
import {openSession} from '../cli/session.ts'
import {createTape} from '../cli/tape.ts'
import {diagnose} from '../engine/diagnose.ts'
import {registryOf} from '../engine/registry.ts'

const {replay: _, ...recordFlags} = lookFlags

export default class Record extends Command {
  static override summary =
    'Record what was asked of this machine and what it answered, secrets removed.'
  static override description =
    'It asks what a diagnosis asks; `prism-doctor --fix --record FILE` records a run that repairs.'
  static override examples = ['sudo prism-doctor record --output machine.json']
  static override flags = {
    ...recordFlags,
    ...deepFlag,
    output: Flags.string({
      description: 'write the recording to this file, atomically',
      helpValue: 'FILE',
    }),
  }

  override async run(): Promise<void> {
    const {flags} = await this.parse(Record)
    await assertAnswering([flags.config, flags.output], flags.timeout)
    if (flags.output !== undefined) assertWritable(flags.output)
    const tape = createTape(flags.output)
    const session = await openSession(flags, tape.wrap)
    const checks = await registryOf(session.config.checks)
    await diagnose({...session, checks})
    session.close()
    await tape.write(session)
  }
}
