import type {Check} from '../checks/check.ts'
import {type DiagnoseOptions, diagnose} from '../engine/diagnose.ts'
import type {Report} from '../report/report.ts'
import {deliver} from './deliver.ts'
import type {Delivery} from './deliveries.ts'
import type {Session} from './session.ts'
import {treeOnStderr} from './tree.ts'

export interface AnswerOptions extends Pick<DiagnoseOptions, 'remember'> {
  readonly checks: readonly Check[]
  /** Where the report goes. */
  readonly deliveries: readonly Delivery[]
  readonly verbose: boolean
  /** Whether the terminal that the answer goes to shows the plan of `--fix`, too. */
  readonly isPlanShown?: boolean
}

/** Diagnoses a machine, shows on stderr what is being looked at, and writes the report. */
export async function answer(session: Session, options: AnswerOptions): Promise<Report> {
  const {checks, verbose, remember} = options
  const tree = await treeOnStderr({conceal: session.secrets.conceal, verbose})
  const report = await diagnose({
    ...session,
    waivers: session.config.waiver,
    checks,
    ...(remember && {remember}),
    ...(tree && {watch: tree.watch}),
  })
  await tree?.done(report)
  return write(session, report, options)
}

/** Ends the session and writes the report wherever it is wanted. */
export async function write(
  session: Session,
  report: Report,
  {deliveries, verbose, isPlanShown}: Omit<AnswerOptions, 'checks'>,
): Promise<Report> {
  session.close()
  await deliver(report, deliveries, {
    verbose,
    privileged: session.host.uid === 0,
    isRecorded: session.isRecorded,
    isPlanShown,
  })
  return report
}
