import {join} from 'node:path'
import type {Report} from '../../src/report.ts'
import {unexplainedIn} from '../explained.ts'
import {invalidities} from '../valid.ts'
import {boot, bootUnstarted, run, stop} from './container.ts'
import type {Fault} from './fault.ts'
import {checkHealth} from './health.ts'
import {claim, readState} from './instances.ts'
import type {Pair} from './pairs.ts'
import {here} from './paths.ts'
import {text} from './store.ts'

const library = () => text(join(here, 'inject.sh'))

/** Runs a script inside with the library before it; what it says is in the error when it fails. */
async function script(instance: number, what: string, body: string): Promise<void> {
  // As an argument, so that a command which reads its input does not read the script.
  const {exitCode, stdout, stderr} = await run(instance, ['bash', '-c', `${await library()}\n${body}\n`], {
    timeout: 120,
  })
  if (exitCode !== 0) throw new Error(`${what} failed (${exitCode}): ${`${stdout}${stderr}`.trim().slice(-2000)}`)
}

/** Breaks a healthy machine, and makes sure that it is broken. */
export async function inject(instance: number, fault: Fault): Promise<void> {
  await script(instance, 'the injection', fault.inject)
  await script(instance, 'the proof of the breakage', fault.broken)
}

/** How far a doctor's answer is from the truth. */
export type Judgement = 'exact' | 'missed' | 'wrong' | 'false alarm'

/** What is wrong with an answer, and how it counts. */
class Misjudged extends Error {
  readonly judgement: Judgement
  constructor(judgement: Judgement, message: string) {
    super(message)
    this.judgement = judgement
  }
}

/**
 * Whether the injection starts the application anyway: a start before it would only take time, the half of a trial. The
 * machine was seen healthy when it was built.
 */
const startsApplication = ({inject}: Fault): boolean => /\b(?:restart_app|crash_app|crash_or_broken_app)\b/.test(inject)

/** A fresh machine on which the fault can be injected. */
export async function bootFor(instance: number, fault: Fault | undefined): Promise<void> {
  if (fault && startsApplication(fault)) return bootUnstarted(instance)
  await boot(instance)
  await checkHealth(instance)
}

/** A machine that is broken; throws the reason if the doctor, when asked, says what is not expected. */
async function examine(instance: number, faults: readonly Fault[], ask: boolean): Promise<void> {
  await bootFor(instance, faults[0])
  for (const fault of faults) await inject(instance, fault)
  if (!ask) return
  const {exitCode, stdout, stderr} = await run(instance, ['prism-doctor', '--json', '--timeout', '20'], {timeout: 60})
  judge(parse(stdout, stderr), exitCode, faults)
}

/** Every root cause and no other, the worst exit code, and a message that holds each value that is wrong. */
function judge(report: Report, exitCode: number | null, faults: readonly Fault[]): void {
  const problems = [...invalidities(report), ...unexplainedIn(report)].map(wrong => `not as published: ${wrong}`)
  const exit = Math.max(...faults.map(({expect}) => expect.exit))
  if (exitCode !== exit) problems.push(`exit code ${exitCode}, expected ${exit}`)
  const expected = new Set(faults.flatMap(({expect}) => expect.rootCauses))
  const said = new Set<string>(report.rootCauses)
  const missing = [...expected].filter(id => !said.has(id))
  const extra = [...said].filter(id => !expected.has(id))
  if (missing.length > 0 || extra.length > 0)
    problems.push(`root causes [${[...said].sort().join(' ')}], expected [${[...expected].sort().join(' ')}]`)
  const messages = report.checks
    .filter(check => said.has(check.id))
    .flatMap(check => check.findings.map(finding => `${check.id}: ${finding.message}`))
  for (const {expect} of faults)
    if (expect.message && !messages.some(line => expect.message?.test(line)))
      problems.push(`no root cause says ${expect.message}`)
  if (problems.length === 0) return
  const others = report.checks
    .filter(check => check.status !== 'ok' && check.status !== 'skipped' && !said.has(check.id))
    .map(check => `${check.status} ${check.id}: ${check.findings.map(finding => finding.message).join('; ')}`)
  const judgement = expected.size === 0 ? 'false alarm' : missing.length > 0 && extra.length === 0 ? 'missed' : 'wrong'
  throw new Misjudged(judgement, [problems.join('; '), ...messages, ...others].join('\n       '))
}

export function parse(stdout: string, stderr: string): Report {
  try {
    return JSON.parse(stdout) as Report
  } catch {
    throw new Error(`no report: ${stdout.slice(0, 500)}${stderr.slice(0, 500)}`)
  }
}

/** What is to be tried: cases alone and pairs of them. */
export interface Matrix {
  readonly cases: readonly Fault[]
  readonly pairs: readonly Pair[]
}

/**
 * Runs every case and pair on a machine of its own, `parallel` at a time, and prints the score; true when it is full.
 * Unless the doctor is to be asked, it is only shown that the faults break what they should.
 */
export async function test({cases, pairs}: Matrix, parallel: number, ask: boolean): Promise<boolean> {
  const trials: readonly Trial[] = [
    ...cases.map(fault => ({name: fault.name, attempt: (instance: number) => examine(instance, [fault], ask)})),
    ...pairs.map(({name, faults}) => ({name, attempt: (instance: number) => examine(instance, faults, ask)})),
  ]
  const {failures, seconds} = await each(trials, parallel)
  if (ask) process.stdout.write(`\n${score(cases, pairs, failures, seconds)}\n`)
  return closing(trials, failures)
}

/** How often the first line on the screen names the true cause. */
function score(cases: readonly Fault[], pairs: readonly Pair[], failures: Failures, seconds: number): string {
  const isFault = ({expect}: Fault): boolean => expect.rootCauses.length > 0
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ['faults', cases.filter(isFault).map(({name}) => name)],
    ['healthy variants', cases.filter(fault => !isFault(fault)).map(({name}) => name)],
    ['pairs of faults', pairs.map(({name}) => name)],
  ]
  const count = (names: readonly string[], wanted: Judgement): number =>
    names.filter(name => (failures.has(name) ? failures.get(name) : 'exact') === wanted).length
  const rows = groups
    .filter(([, names]) => names.length > 0)
    .map(([title, names]) => {
      const cells = (['exact', 'missed', 'wrong', 'false alarm'] as const).map(judgement => count(names, judgement))
      const broken = names.length - cells.reduce((sum, cell) => sum + cell, 0)
      return [title, names.length, ...cells, broken]
        .map((cell, at) => (at === 0 ? String(cell).padEnd(18) : String(cell).padStart(13)))
        .join('')
    })
  const head = ['', 'tried', 'named exactly', 'missed', 'wrong cause', 'false alarm', 'not run'].map((cell, at) =>
    at === 0 ? cell.padEnd(18) : cell.padStart(13),
  )
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
async function each(trials: readonly Trial[], parallel: number): Promise<{failures: Failures; seconds: number}> {
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
