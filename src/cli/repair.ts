import {hostname, userInfo} from 'node:os'
import type {Check} from '../checks/check.ts'
import type {Audience} from '../fix/audience.ts'
import {type Consent, type ConsentOptions, consentBy} from '../fix/consent.ts'
import {fix} from '../fix/fix.ts'
import {withUnitCommands} from '../fix/unit-commands.ts'
import {createAsUnit} from '../host/local/as-unit.ts'
import {localHands} from '../host/local/hands.ts'
import type {RunHeader} from '../host/local/journal-lines.ts'
import {defaultDirectory, startJournal} from '../host/local/run-journal.ts'
import type {Report} from '../report/report.ts'
import {wasCarriedOut} from '../report/reporters/fix.ts'
import {styleFor} from '../report/reporters/style.ts'
import {type Terminal, terminalOf} from '../report/terminal.ts'
import {UsageError} from '../report/usage-error.ts'
import {toolVersion} from '../report/version.ts'
import {type AnswerOptions, write} from './answer.ts'
import {audienceOnStderr} from './audience.ts'
import {runLock} from './run-lock.ts'
import type {Session} from './session.ts'

export interface RepairOptions extends AnswerOptions {
  /** Every check: what a named one needs is asked again, too. */
  readonly registry: readonly Check[]
  readonly dryRun: boolean
  readonly yes: boolean
  readonly disruptive: boolean
}

/**
 * `--fix` on this machine: one at a time, journalled, shown on stderr; the answer is the report.
 * @throws UsageError without root, and while another run is at work.
 */
export async function repair(session: Session, options: RepairOptions): Promise<Report> {
  const {dryRun, yes, disruptive, remember} = options
  if (session.host.uid !== 0 && !dryRun)
    throw new UsageError(
      'only root can put things right; use sudo prism-doctor --fix, or --dry-run for the plan',
    )
  const interactive = process.stdin.isTTY === true && process.stderr.isTTY === true
  const acts = !dryRun && (yes || interactive)
  const screen = onStderr(acts)
  const lock = runLock(defaultDirectory, acts)
  try {
    const report = await fix({
      ...session,
      waivers: session.config.waiver,
      checks: options.checks,
      ...(remember && {remember}),
      registry: options.registry,
      redact: session.secrets.redact,
      hands: withUnitCommands(localHands(), session.host, createAsUnit()),
      dryRun,
      consent: await consentOn(screen, session, {yes, disruptive, interactive}),
      audience: await audienceOn(screen, session, options.verbose),
      claim: lock.claim,
      journal() {
        const why = lock.unwritable()
        if (why) throw why
        return startJournal(defaultDirectory, headerOf(session))
      },
    })
    await deliver(session, report, {...options, isPlanShown: isOnTerminal(options)})
    screen.flush()
    return report
  } finally {
    lock.release()
  }
}

/**
 * Writes the report.
 * @throws UsageError where it cannot be delivered; it says what was done all the same.
 */
async function deliver(session: Session, report: Report, options: AnswerOptions): Promise<void> {
  try {
    await write(session, report, options)
  } catch (error) {
    if (!(error instanceof UsageError) || !report.fix?.run) throw error
    const done = report.fix.steps.filter(wasCarriedOut).length
    throw new UsageError(
      `${error.message}; --fix carried out ${done} of ${report.fix.steps.length} steps: sudo prism-doctor undo ${report.fix.run}`,
    )
  }
}

/** Where a run is shown to whoever watches. */
interface Screen {
  readonly terminal: Terminal
  readonly write: (text: string) => void
  readonly acts: boolean
  /** Writes what had to wait for the answer. */
  flush(): void
}

/** Of a run that changes nothing, the answer is the verdict: the plan comes after it. */
function onStderr(acts: boolean): Screen {
  const waiting: string[] = []
  return {
    terminal: terminalOf(process.stderr),
    write: text => void (acts ? process.stderr.write(text) : waiting.push(text)),
    acts,
    flush() {
      if (waiting.length > 0) process.stderr.write(`\n${waiting.join('').trimEnd()}\n`)
    },
  }
}

/** Whether the answer and what stderr shows stand one below the other. */
function isOnTerminal({deliveries}: AnswerOptions): boolean {
  const isText = deliveries.some(({file, format}) => file === null && format === 'text')
  return isText && process.stdout.isTTY && process.stderr.isTTY
}

async function consentOn(
  {terminal, write}: Screen,
  {secrets}: Session,
  answers: Pick<ConsentOptions, 'yes' | 'disruptive' | 'interactive'>,
): Promise<Consent> {
  return consentBy({
    ...answers,
    style: await styleFor(terminal),
    width: Math.min(100, terminal.width),
    conceal: secrets.conceal,
    write,
  })
}

async function audienceOn(
  {terminal, write, acts}: Screen,
  {secrets, host}: Session,
  verbose: boolean,
): Promise<Audience> {
  return audienceOnStderr({
    terminal,
    write,
    acts,
    style: await styleFor(terminal),
    conceal: secrets.conceal,
    privileged: host.uid === 0,
    verbose,
  })
}

function headerOf({settings}: Session): Omit<RunHeader, 'run'> {
  return {
    version: toolVersion,
    host: hostname(),
    unit: settings.unit ?? '',
    at: new Date().toISOString(),
    by: process.env.SUDO_USER ?? userName(),
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.geteuid?.()}`
  }
}
