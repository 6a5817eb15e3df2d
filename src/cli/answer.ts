import type {Check} from '../checks/check.ts'
import {diagnose} from '../engine/diagnose.ts'
import type {Report} from '../report/report.ts'
import {isDrawable, terminalOf} from '../report/terminal.ts'
import {deliver} from './deliver.ts'
import type {Delivery} from './deliveries.ts'
import type {Session} from './session.ts'

export interface AnswerOptions {
  readonly checks: readonly Check[]
  /** Where the report goes. */
  readonly deliveries: readonly Delivery[]
  readonly verbose: boolean
}

/** Diagnoses a machine, shows on stderr what is being looked at, and writes the report. */
export async function answer(session: Session, options: AnswerOptions): Promise<Report> {
  const {checks, deliveries} = options
  const machineReads = deliveries.some(({file, format}) => file === null && format !== 'text')
  // A tree is for someone who watches; without a terminal on both streams there may be nobody.
  const tree =
    !machineReads && isDrawable(terminalOf(process.stderr)) && process.stdout.isTTY
      ? (await import('./tree.ts')).plant(session.secrets.conceal, process.stderr.rows)
      : null
  const report = await diagnose({
    ...session,
    waivers: session.config.waiver,
    checks,
    ...(tree && {watch: tree.watch}),
  })
  await tree?.done()
  return write(session, report, options)
}

/** Ends the session and writes the report wherever it is wanted. */
export async function write(
  session: Session,
  report: Report,
  {deliveries, verbose}: Omit<AnswerOptions, 'checks'>,
): Promise<Report> {
  session.close()
  await deliver(report, deliveries, {verbose, privileged: session.host.uid === 0})
  return report
}
