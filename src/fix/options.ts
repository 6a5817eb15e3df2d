import type {Check} from '../checks/check.ts'
import type {DiagnoseOptions} from '../engine/diagnose.ts'
import type {Hands} from '../host/hands.ts'
import type {Host} from '../host/host.ts'
import type {RunJournal} from '../host/local/run-journal.ts'
import type {Audience} from './audience.ts'
import type {Consent} from './consent.ts'

export interface FixOptions extends Omit<DiagnoseOptions, 'host' | 'watch'> {
  /** The machine, asked anew. */
  readonly again: () => Host
  readonly registry: readonly Check[]
  /** Replaces every secret that was met. */
  readonly redact: (text: string) => string
  readonly hands: Hands
  readonly dryRun: boolean
  readonly consent: Consent
  readonly audience: Audience
  /**
   * There is something to do, and nobody else may do it meanwhile.
   * @returns whether another run may have been at work since this one looked.
   * @throws UsageError while another run is at work.
   */
  readonly claim: () => boolean
  /** Starts the journal; nothing is changed where it cannot. */
  readonly journal: () => RunJournal
  readonly sleep?: (milliseconds: number) => Promise<void>
}
