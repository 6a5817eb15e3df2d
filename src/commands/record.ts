import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import {lookFlags} from '../cli/flags.ts'
import {assertWritable, writeAnswer} from '../cli/output.ts'
import {openSession} from '../cli/session.ts'
import {diagnose} from '../engine/diagnose.ts'
import {registryOf} from '../engine/registry.ts'
import {type Recorder, record} from '../host/record.ts'

const {replay: _, ...recordFlags} = lookFlags

export default class Record extends Command {
  static override summary = 'Record what was asked of this machine and what it answered, secrets removed.'
  static override examples = ['sudo prism-doctor record --output machine.json']
  static override flags = {
    ...recordFlags,
    output: Flags.string({description: 'write the recording to this file, atomically', helpValue: 'FILE'}),
  }

  override async run(): Promise<void> {
    const {flags} = await this.parse(Record)
    if (flags.output !== undefined) assertWritable(flags.output)
    const recorders: Recorder[] = []
    const session = await openSession(flags, host => {
      const recorder = record(host)
      recorders.push(recorder)
      return recorder.host
    })
    const checks = await registryOf(session.config.checks)
    await diagnose({...session, checks, redact: session.secrets.redact})
    session.close()
    for (const recorder of recorders) {
      await writeAnswer(`${JSON.stringify(recorder.recording(session.hostname), null, 1)}\n`, flags.output)
    }
  }
}
