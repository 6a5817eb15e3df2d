import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type AnswerOptions, write} from '../../src/cli/answer.ts'
import {audienceOnStderr} from '../../src/cli/audience.ts'
import type {Session} from '../../src/cli/session.ts'
import {consentBy} from '../../src/fix/consent.ts'
import {fix} from '../../src/fix/fix.ts'
import type {Hands} from '../../src/host/hands.ts'
import {startJournal} from '../../src/host/local/run-journal.ts'
import type {Report} from '../../src/report/report.ts'
import {styleFor} from '../../src/report/reporters/style.ts'
import {terminalOf} from '../../src/report/terminal.ts'

/** `--fix --yes --disruptive` with the demo's hands; the journal goes with the demo. */
export async function fixDemo(
  session: Session,
  hands: Hands,
  options: AnswerOptions,
  today: (report: Report) => Report,
): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-demo-'))
  const terminal = terminalOf(process.stderr)
  const screen = {
    terminal,
    style: await styleFor(terminal),
    conceal: session.secrets.conceal,
    write: (text: string) => void process.stderr.write(text),
  }
  const audience = audienceOnStderr({
    ...screen,
    acts: true,
    privileged: true,
    verbose: options.verbose,
  })
  try {
    const report = await fix({
      ...session,
      checks: options.checks,
      registry: options.checks,
      redact: session.secrets.redact,
      hands,
      dryRun: false,
      consent: consentBy({
        yes: true,
        disruptive: true,
        interactive: false,
        width: Math.min(100, terminal.width),
        ...screen,
      }),
      claim: () => false,
      audience: {...audience, verdict: report => audience.verdict(today(report))},
      journal: () =>
        startJournal(directory, {
          version: '0.0.0',
          host: session.hostname,
          unit: session.settings.unit ?? '',
          at: new Date().toISOString(),
          by: 'the demo',
        }),
    })
    return await write(session, today(report), options)
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}
