import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Report} from '../../src/report/report.ts'
import {unexplainedIn} from '../explained.ts'
import {invalidities} from '../valid.ts'
import {run, stop} from './container.ts'
import type {Fault} from './fault.ts'
import {claim, readState} from './instances.ts'

const common = join(import.meta.dirname, 'inject.sh')

/**
 * Runs a script inside with the libraries before it; what it says is in the error when it fails.
 */
export async function runScript(
  instance: number,
  library: string,
  what: string,
  body: string,
): Promise<void> {
  const lines = [await readFile(common, 'utf8'), library, body].join('\n')
  // As an argument, so that a command which reads its input does not read the script.
  const {exitCode, stdout, stderr} = await run(instance, ['bash', '-c', `${lines}\n`], {
    timeout: 120,
  })
  if (exitCode !== 0)
    throw new Error(`${what} failed (${exitCode}): ${`${stdout}${stderr}`.trim().slice(-2000)}`)
}

/**
 * Breaks a healthy machine, and makes sure that it is broken; `library` is what the host adds to
 * inject.sh.
 */
export async function breakMachine(instance: number, library: string, fault: Fault): Promise<void> {
  await runScript(instance, library, 'the injection', fault.inject)
  await runScript(instance, library, 'the proof of the breakage', fault.broken)
}

/** Whether the injection starts the application anyway: a start before it would only take time. */
export const startsApplication = ({inject}: Fault): boolean =>
  /\b(?:restart_app|crash_app|crash_or_broken_app)\b/.test(inject)

/** How far a doctor's answer is from the truth. */
type Judgement = 'exact' | 'missed' | 'wrong' | 'false alarm'

/** What is wrong with an answer, and how it counts. */
class Misjudged extends Error {
  readonly judgement: Judgement
  constructor(judgement: Judgement, message: string) {
    super(message)
    this.judgement = judgement
  }
}

/**
 * Throws unless the report names every root cause and no other, ends with the worst exit code, and
 * has a message that holds each value that is wrong; `further` is what else is wrong with it.
 */
export function judge(
  report: Report,
  exitCode: number | null,
  faults: readonly Fault[],
  further: readonly string[] = [],
): void {
  const published = [...invalidities(report), ...unexplainedIn(report)]
  const problems = [...published.map(wrong => `not as published: ${wrong}`), ...further]
  const exit = Math.max(...faults.map(({expect}) => expect.exit))
  if (exitCode !== exit) problems.push(`exit code ${exitCode}, expected ${exit}`)
  const expected = new Set(faults.flatMap(({expect}) => expect.rootCauses))
  const said = new Set<string>(report.rootCauses)
  const missing = [...expected].filter(id => !said.has(id))
  const extra = [...said].filter(id => !expected.has(id))
  if (missing.length > 0 || extra.length > 0)
    problems.push(
      `root causes [${[...said].sort().join(' ')}], expected [${[...expected].sort().join(' ')}]`,
    )
  const messages = report.checks
    .filter(check => said.has(check.id))
    .flatMap(check =>
      check.findings.flatMap(({message, unexplained}) => [
        `${check.id}: ${message}`,
        ...(unexplained?.experiments ?? []).map(
          ({rulesOut, outcome}) => `ruled out: ${rulesOut} (${outcome})`,
        ),
      ]),
    )
  for (const {expect} of faults)
    if (expect.message && !messages.some(line => expect.message?.test(line)))
      problems.push(`no root cause says ${expect.message}`)
  if (problems.length === 0) return
  const others = report.checks
    .filter(check => check.status !== 'ok' && check.status !== 'skipped' && !said.has(check.id))
    .map(
      check =>
        `${check.status} ${check.id}: ${check.findings.map(finding => finding.message).join('; ')}`,
    )
  const judgement =
    expected.size === 0
      ? 'false alarm'
      : missing.length > 0 && extra.length === 0
        ? 'missed'
        : 'wrong'
  throw new Misjudged(judgement, [problems.join('; '), ...messages, ...others].join('\n       '))
}

export function parse(stdout: string, stderr: string): Report {
  try {
    return JSON.parse(stdout) as Report
  } catch {
    throw new Error(`no report: ${stdout.slice(0, 500)}${stderr.slice(0, 500)}`)
  }
}

/** Trials that are counted together. */
export interface Group {
  readonly title: string
  readonly trials: readonly Trial[]
}

/**
 * Tries every group, `parallel` trials at a time, and prints how often the doctor was right; true
 * when it always was.
 */
export async function tryGroups(groups: readonly Group[], parallel: number): Promise<boolean> {
  const trials = groups.flatMap(group => group.trials)
  const {failures, seconds} = await each(trials, parallel)
  process.stdout.write(`\n${score(groups, failures, seconds)}\n`)
  return closing(trials, failures)
}

/** How often the first line on the screen names the true cause. */
function score(groups: readonly Group[], failures: Failures, seconds: number): string {
  const count = (trials: readonly Trial[], wanted: Judgement): number =>
    trials.filter(({name}) => (failures.has(name) ? failures.get(name) : 'exact') === wanted).length
  const rows = groups
    .filter(({trials}) => trials.length > 0)
    .map(({title, trials}) => {
      const cells = (['exact', 'missed', 'wrong', 'false alarm'] as const).map(judgement =>
        count(trials, judgement),
      )
      const broken = trials.length - cells.reduce((sum, cell) => sum + cell, 0)
      return [title, trials.length, ...cells, broken]
        .map((cell, at) => (at === 0 ? String(cell).padEnd(18) : String(cell).padStart(13)))
        .join('')
    })
  const head = [
    '',
    'tried',
    'named exactly',
    'missed',
    'wrong cause',
    'false alarm',
    'not run',
  ].map((cell, at) => (at === 0 ? cell.padEnd(18) : cell.padStart(13)))
  return [head.join(''), ...rows, `${Math.round(seconds)} s`].join('\n')
}

export interface Trial {
  readonly name: string
  /** Throws what is wrong. */
  readonly attempt: (instance: number) => Promise<void>
}

/** Of what did not pass: how it counts, where a doctor's answer was judged. */
type Failures = ReadonlyMap<string, Judgement | null>

/** Tries each on an instance that it boots itself, and says what became of it. */
async function each(
  trials: readonly Trial[],
  parallel: number,
): Promise<{failures: Failures; seconds: number}> {
  const queue = [...trials]
  const failures = new Map<string, Judgement | null>()
  const started = Date.now()
  const work = async (instance: number): Promise<void> => {
    for (let trial = queue.shift(); trial; trial = queue.shift()) {
      const begun = Date.now()
      const problem = await trial.attempt(instance).then(
        () => null,
        (error: Error) => error,
      )
      const seconds = `${((Date.now() - begun) / 1000).toFixed(1)} s`.padStart(7)
      process.stdout.write(`${problem === null ? 'ok  ' : 'FAIL'} ${seconds}  ${trial.name}\n`)
      if (problem === null) continue
      failures.set(trial.name, problem instanceof Misjudged ? problem.judgement : null)
      process.stdout.write(`       ${problem.message}\n`)
    }
    await stop(instance)
  }
  const instances = await takeInstances(Math.min(parallel, trials.length))
  await Promise.all(instances.map(work))
  return {failures, seconds: (Date.now() - started) / 1000}
}

/** Tries each, and counts; true when all passed. */
export async function tryAll(trials: readonly Trial[], parallel: number): Promise<boolean> {
  return closing(trials, (await each(trials, parallel)).failures)
}

/** The line that CI counts. */
function closing(trials: readonly Trial[], failures: Failures): boolean {
  process.stdout.write(`${trials.length - failures.size} passed, ${failures.size} failed\n`)
  return failures.size === 0
}

/** Takes instances that no other run uses; 0 is left to who boots one by hand. */
async function takeInstances(count: number): Promise<number[]> {
  const taken: number[] = []
  for (let instance = 1; taken.length < count; instance++) {
    if (!readState(instance)?.kept && (await claim(instance))) taken.push(instance)
  }
  return taken
}
