import type {Check} from '../checks/check.ts'
import {diagnose} from '../engine/diagnose.ts'
import type {Report} from '../report/report.ts'
import {type Format, render} from '../report/reporters/index.ts'
import {plainTerminal, terminalOf} from '../report/terminal.ts'
import {writeAnswer} from './output.ts'
import type {Session} from './session.ts'
import {treeOnStderr} from './tree.ts'

export interface AnswerOptions {
  readonly checks: readonly Check[]
  readonly format: Format
  /** A file instead of stdout. */
  readonly output: string | undefined
  readonly verbose: boolean
  /** Whether the terminal that the answer goes to shows the plan of `--fix`, too. */
  readonly isPlanShown?: boolean
}

/** Diagnoses a machine, shows on stderr what is being looked at, and writes the report. */
export async function answer(session: Session, options: AnswerOptions): Promise<Report> {
  const {checks, verbose} = options
  const tree = await treeOnStderr({conceal: session.secrets.conceal, verbose})
  const report = await diagnose({
    ...session,
    waivers: session.config.waiver,
    checks,
    ...(tree && {watch: tree.watch}),
  })
  await tree?.done(report)
  return write(session, report, options)
}

/** Ends the session and writes the report where it is wanted. */
export async function write(
  session: Session,
  report: Report,
  {format, output, verbose, isPlanShown}: Omit<AnswerOptions, 'checks'>,
): Promise<Report> {
  session.close()
  const text = await render(report, format, {
    verbose,
    privileged: session.host.uid === 0,
    isRecorded: session.isRecorded,
    isPlanShown,
    terminal: output === undefined ? terminalOf(process.stdout) : plainTerminal,
  })
  await writeAnswer(text, output)
  return report
}
