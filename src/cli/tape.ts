import {lstatSync, unlinkSync} from 'node:fs'
import type {Host} from '../host/host.ts'
import {type Recorder, record} from '../host/record.ts'
import {formatRecording} from '../host/recording-file.ts'
import {visible} from '../report/escape.ts'
import {defaultUnit} from '../report/step.ts'
import {writeAnswer} from './output.ts'
import type {Session} from './session.ts'

/**
 * Records what a run asks: the machine as it was found, and as it was left where the run changed
 * something.
 */
export interface Tape {
  /** For openSession. */
  readonly wrap: (host: Host) => Host
  /**
   * Writes the machine as it was found. Where something was changed, it goes as it was left to a
   * second file beside, which states only what differs, and both are named on stderr.
   */
  write(session: Pick<Session, 'hostname' | 'settings'>): Promise<void>
}

/**
 * A run asks a first host for the unit. With --fix a second one is what it was found like, and from
 * the third on something was changed; the last one is what it was left like.
 */
export function createTape(file?: string): Tape {
  let hosts = 0
  let found: Recorder | null = null
  let left: Recorder | null = null
  return {
    wrap(host) {
      hosts += 1
      if (hosts > 2) {
        left = record(host)
        return left.host
      }
      found = found?.goOn(host) ?? record(host)
      return found.host
    },
    async write({hostname, settings}) {
      if (!found) return
      const unit = settings.unit ?? defaultUnit
      // Secrets that only the later answers mention are known before anything is written.
      left?.recording(hostname, unit)
      const recording = found.recording(hostname, unit)
      await writeAnswer(formatRecording(recording), file)
      if (file === undefined) return
      const second = leftFile(file)
      // What an earlier run left there extends another machine.
      if (lstatSync(second, {throwIfNoEntry: false})?.isFile()) unlinkSync(second)
      if (!left) return
      const base = {name: file.slice(file.lastIndexOf('/') + 1), recording}
      await writeAnswer(formatRecording(left.recording(hostname, unit), base), second)
      process.stderr.write(
        `prism-doctor: recorded as found in ${visible(file)}, as left in ${visible(second)}\n`,
      )
    },
  }
}

/** `machine.json` → `machine.after.json` */
function leftFile(file: string): string {
  return /\.json$/.test(file) ? file.replace(/\.json$/, '.after.json') : `${file}.after`
}
