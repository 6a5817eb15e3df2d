import type {Check} from '../checks/check.ts'
import {type DiagnoseOptions, diagnose, select} from '../engine/diagnose.ts'
import type {Outcome} from '../engine/outcome.ts'
import {boundsOf} from '../facts/target/bounds.ts'
import {findTarget} from '../facts/target/find.ts'
import {type Hands, Refused, readable, type Survey} from '../host/hands.ts'
import type {Host} from '../host/host.ts'
import type {RunJournal} from '../host/local/run-journal.ts'
import {guarded} from '../report/boundary.ts'
import type {CheckId} from '../report/finding.ts'
import type {FixReport, Report} from '../report/report.ts'
import {type PlannedRemedy, type PlannedStep, plan} from './plan.ts'

/** A diagnosis finds what an earlier fault hid; more rounds than this find only what does not stay repaired. */
const maxRounds = 6

/** Milliseconds that a check is given to become ok after a step: workers boot after systemd has said "started". */
const settling = 15_000
const pause = 500

/** One step that is about to be asked for, and what it would alter. */
export interface Prospect {
  readonly planned: PlannedStep
  /** Null for a program. */
  readonly survey: Survey | null
  /** Why a guard will not let it happen. */
  readonly refused: string | null
}

/** Who decides: a person at a terminal, or flags. */
export interface Consent {
  /** Shows the plan. */
  show(prospects: readonly Prospect[], host: Host): Promise<void>
  /** Which of the remedies may be carried out. Null: nobody can be asked, and nothing happens. */
  ask(prospects: readonly Prospect[]): Promise<ReadonlySet<PlannedRemedy> | null>
  /** Says what is being done. */
  tell(line: string): void
}

export interface FixOptions extends Omit<DiagnoseOptions, 'host' | 'watch'> {
  /** The machine, asked anew. */
  readonly again: () => Host
  readonly registry: readonly Check[]
  readonly hands: Hands
  readonly dryRun: boolean
  readonly consent: Consent
  /** Starts the journal; nothing is changed where it cannot. */
  readonly journal: () => RunJournal
  readonly sleep?: (milliseconds: number) => Promise<void>
}

type StepReport = FixReport['steps'][number]
type Outcomes = ReadonlyMap<CheckId, Outcome>

interface Look {
  readonly report: Report
  readonly outcomes: Outcomes
  readonly host: Host
}

/** Diagnoses, repairs what it may, and looks again until nothing new appears. The report is of the machine as it is then. */
export async function fix(options: FixOptions): Promise<Report> {
  const {settings, consent, dryRun} = options
  let look = await lookAgain(options)
  const before = {status: look.report.status, rootCauses: look.report.rootCauses}
  const done = new Set<string>()
  const steps: StepReport[] = []
  let journal: RunJournal | null = null
  try {
    for (let round = 0; round < maxRounds; round += 1) {
      const unit = look.report.target.unit ?? settings.unit ?? ''
      const planned = plan(look.report.rootCauses as CheckId[], [...look.outcomes.values()], unit, done)
      if (planned.length === 0) break
      const prospects = await survey(planned, options, look.host)
      await consent.show(prospects, look.host)
      const accepted = dryRun ? null : await consent.ask(prospects)
      if (accepted === null) {
        steps.push(...prospects.map(asPlanned))
        break
      }
      // What was offered is not offered again, also when it was declined.
      for (const key of planned.flatMap(({remedies}) => remedies.flatMap(({tries}) => tries))) done.add(key)
      const wanted = prospects.some(
        ({refused, planned}) => refused === null && planned.remedies.some(r => accepted.has(r)),
      )
      if (wanted && journal === null) {
        try {
          journal = options.journal()
        } catch (error) {
          const reason = unwritten(error)
          steps.push(...prospects.map(prospect => ({...asPlanned(prospect), outcome: 'refused' as const, reason})))
          break
        }
      }
      const carried = journal ? await carryOut({options, prospects, accepted, look, journal, from: steps.length}) : null
      steps.push(...(carried?.steps ?? prospects.map(prospect => undone(prospect, accepted))))
      if (!carried?.acted) break
      look = await lookAgain(options)
    }
  } finally {
    journal?.close()
  }
  const report = {...look.report, fix: {run: journal?.run ?? null, dryRun, before, steps}}
  return guarded(report, {learn: look.host.secrets.learn, redact: options.redact})
}

async function lookAgain(options: FixOptions, checks = options.checks): Promise<Look> {
  const host = options.again()
  const pending = new Map<CheckId, Promise<Outcome>>()
  const report = await diagnose({...options, host, checks, watch: (check, outcome) => pending.set(check.id, outcome)})
  const outcomes = new Map<CheckId, Outcome>()
  for (const [id, outcome] of pending) outcomes.set(id, await outcome)
  return {report, outcomes, host}
}

async function survey(planned: readonly PlannedStep[], options: FixOptions, host: Host): Promise<readonly Prospect[]> {
  const bounds = await boundsOf(host, await findTarget(host, options.settings))
  return planned.map(each => {
    const {change} = each.step
    if (!change) return {planned: each, survey: null, refused: null}
    try {
      return {planned: each, survey: options.hands.survey(change, bounds), refused: null}
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return {planned: each, survey: null, refused: readable(error.message)}
    }
  })
}

function reported({planned}: Prospect, outcome: StepReport['outcome'], reason: string | null = null): StepReport {
  const {step, remedies} = planned
  return {check: remedies[0]?.checks[0] ?? '', shell: step.shell, risk: riskOf(planned), outcome, reason}
}

function unwritten(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return `the journal of this run cannot be written (${code ?? message}), so nothing was changed`
}

/** A step is as disruptive as the most disruptive remedy that it belongs to. */
export function riskOf({remedies}: PlannedStep): 'safe' | 'disruptive' {
  return remedies.some(({risk}) => risk === 'disruptive') ? 'disruptive' : 'safe'
}

function asPlanned(prospect: Prospect): StepReport {
  return prospect.refused === null ? reported(prospect, 'planned') : reported(prospect, 'refused', prospect.refused)
}

function undone(prospect: Prospect, accepted: ReadonlySet<PlannedRemedy>): StepReport {
  if (prospect.refused !== null) return reported(prospect, 'refused', prospect.refused)
  return reported(prospect, prospect.planned.remedies.some(remedy => accepted.has(remedy)) ? 'refused' : 'declined')
}

interface Round {
  readonly options: FixOptions
  readonly prospects: readonly Prospect[]
  readonly accepted: ReadonlySet<PlannedRemedy>
  readonly look: Look
  readonly journal: RunJournal
  /** Steps of earlier rounds: numbers in the journal go on. */
  readonly from: number
}

/** How a remedy stands while its steps are carried out. */
interface Progress {
  state: 'waiting' | 'running' | 'verified' | 'ineffective' | 'failed' | 'refused' | 'declined' | 'unneeded'
  reason: string | null
}

async function carryOut(round: Round): Promise<{steps: readonly StepReport[]; acted: boolean}> {
  const {options, prospects, accepted, look, from} = round
  const progress = new Map<PlannedRemedy, Progress>()
  for (const {planned} of prospects)
    for (const remedy of planned.remedies) progress.set(remedy, firstState(remedy, accepted, look))
  const stateOf = (remedy: PlannedRemedy): Progress => progress.get(remedy) ?? {state: 'declined', reason: null}
  const ran: (Progress | null)[] = []
  const done = new Set<number>()
  let acted = false
  for (const [index, prospect] of prospects.entries()) {
    const {planned, refused} = prospect
    const remedies = planned.remedies.filter(remedy => ['waiting', 'running'].includes(stateOf(remedy).state))
    for (const remedy of remedies) {
      // Another step may have removed its cause.
      if (acted && stateOf(remedy).state === 'waiting' && (await isOk(options, remedy.checks)))
        progress.set(remedy, {state: 'unneeded', reason: 'an earlier step removed its cause'})
    }
    const active = remedies.filter(remedy => stateOf(remedy).state !== 'unneeded')
    if (active.length === 0) {
      ran.push(null)
      continue
    }
    const problem =
      refused === null ? await act(round, prospect, from + index + 1) : {state: 'refused' as const, reason: refused}
    if (refused === null) acted = true
    ran.push(problem)
    for (const remedy of active) progress.set(remedy, problem ?? {state: 'running', reason: null})
    if (problem) continue
    done.add(index)
    const later = prospects.slice(index + 1).flatMap(({planned}) => planned.remedies.filter(r => accepted.has(r)))
    // A check with two findings is ok only when both are repaired.
    const ended = [...progress].filter(
      ([remedy, {state}]) => state === 'running' && !later.some(other => sharesCheck(other, remedy)),
    )
    for (const [remedy] of ended)
      progress.set(remedy, await verified(options, remedy, planned.step.change === undefined))
  }
  const steps = prospects.map((prospect, index) => {
    if (prospect.refused !== null) return asPlanned(prospect)
    const problem = ran[index]
    if (problem) return reported(prospect, problem.state as StepReport['outcome'], problem.reason)
    const {state, reason} = worstOf(prospect.planned.remedies.map(stateOf))
    // It succeeded itself.
    if ((state === 'failed' || state === 'refused') && done.has(index))
      return reported(
        prospect,
        'ineffective',
        `another step ${state === 'failed' ? 'failed' : 'was refused'}: ${reason}`,
      )
    return reported(prospect, state, reason)
  })
  return {steps, acted}
}

function firstState(remedy: PlannedRemedy, accepted: ReadonlySet<PlannedRemedy>, {outcomes}: Look): Progress {
  if (!accepted.has(remedy)) return {state: 'declined', reason: null}
  const missing = remedy.requires.find(id => outcomes.get(id)?.status !== 'ok')
  if (missing === undefined) return {state: 'waiting', reason: null}
  const status = outcomes.get(missing)?.status ?? 'not looked at'
  return {state: 'refused', reason: `only when ${missing} is ok, and it is ${status}`}
}

/** Null when the step was done, else what became of it. */
async function act(
  {options, journal, look}: Round,
  {planned, survey}: Prospect,
  number: number,
): Promise<Progress | null> {
  const {step, remedies} = planned
  const check = remedies[0]?.checks[0] ?? ('' as CheckId)
  const shell = look.host.secrets.conceal(step.shell)
  options.consent.tell(step.shell)
  try {
    if (!survey && !step.argv) return {state: 'refused', reason: 'it is to be done by hand'}
    try {
      if (survey) journal.change({step: number, check, shell, survey})
      else journal.program(number, check, shell)
    } catch (error) {
      return {state: 'refused', reason: unwritten(error)}
    }
    if (survey) {
      const {left} = options.hands.alter(survey)
      const problems = [...left, ...survey.refused]
      const [first] = problems
      if (!first || survey.entries.length > left.length) return null
      return {state: 'refused', reason: readable(`${first.path}: ${first.why}`)}
    }
    const {exitCode, stdout, stderr} = await options.hands.run(step.argv ?? [])
    if (exitCode === 0) return null
    const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? ''
    const ended = exitCode === null ? 'was killed' : `exit code ${exitCode}`
    return {state: 'failed', reason: said === '' ? ended : `${ended}: ${said}`}
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    return {state: 'failed', reason: code ?? message}
  }
}

function sharesCheck(a: PlannedRemedy, b: PlannedRemedy): boolean {
  return a === b || a.checks.some(id => b.checks.includes(id))
}

/** Asks the checks again until they are ok or the time is over; only what was started needs time. */
async function verified(options: FixOptions, {checks}: PlannedRemedy, patient: boolean): Promise<Progress> {
  const sleep = options.sleep ?? (milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)))
  let waited = 0
  for (;;) {
    const {outcomes} = await lookAgain(options, select(options.registry, checks, []))
    const bad = checks.map(id => outcomes.get(id)).find(outcome => outcome?.status !== 'ok')
    if (!bad) return {state: 'verified', reason: null}
    if (!patient || waited >= settling) {
      const message =
        bad.findings.find(({status}) => status === bad.status)?.message ?? `${bad.check.id} is ${bad.status}`
      return {state: 'ineffective', reason: message}
    }
    await sleep(pause)
    waited += pause
  }
}

async function isOk(options: FixOptions, checks: readonly CheckId[]): Promise<boolean> {
  const {outcomes} = await lookAgain(options, select(options.registry, checks, []))
  return checks.every(id => outcomes.get(id)?.status === 'ok')
}

const severity = ['unneeded', 'declined', 'verified', 'refused', 'ineffective', 'failed'] as const

/** What is said of a step that several remedies share. */
function worstOf(states: readonly Progress[]): {state: StepReport['outcome']; reason: string | null} {
  const ranked = states.map(({state, reason}) => ({
    state: state === 'waiting' || state === 'running' ? ('refused' as const) : state,
    reason: state === 'waiting' || state === 'running' ? 'an earlier step of it did not succeed' : reason,
  }))
  return ranked.reduce((worst, next) => (severity.indexOf(next.state) > severity.indexOf(worst.state) ? next : worst))
}
