import type {RunJournal} from '../host/local/run-journal.ts'
import {act, type Doing} from './act.ts'
import type {StepsView} from './audience.ts'
import type {Look} from './look.ts'
import type {FixOptions} from './options.ts'
import type {PlannedRemedy, PlannedStep} from './plan.ts'
import {type Problem, type Progress, worstOf} from './progress.ts'
import {reported, type StepReport} from './step-report.ts'
import type {Prospect} from './survey.ts'
import {areOk, verified} from './verify.ts'

/** One plan that was consented to. */
export interface Round {
  readonly options: FixOptions
  readonly prospects: readonly Prospect[]
  readonly accepted: ReadonlySet<PlannedRemedy>
  readonly look: Look
  readonly journal: RunJournal
  /** Steps of earlier rounds: numbers in the journal go on. */
  readonly from: number
}

const declined: Progress = {state: 'declined', reason: null}

type Standing = Map<PlannedRemedy, Progress>

/**
 * What became of a step itself, whatever becomes of its remedies; `passed` is one that no remedy
 * wanted by then.
 */
type End = Problem | 'done' | 'passed'

/**
 * Carries out the steps in their order. A remedy is verified once the last step of all that share a
 * check with it is done; one that failed or was refused has none of its further steps carried out.
 * @returns `acted`: whether anything was tried, so that another look is worth it.
 */
export async function carryOut(
  round: Round,
): Promise<{steps: readonly StepReport[]; acted: boolean}> {
  const {options, prospects, accepted} = round
  const standing = firstStanding(round)
  const wanted = prospects.filter(({planned}) => planned.remedies.some(each => accepted.has(each)))
  const view = options.audience.steps(wanted.map(({planned}) => planned))
  try {
    const {ends, acted} = await stepByStep(round, standing, view)
    const steps = prospects.map((prospect, at) => endReport(prospect, ends[at], standing))
    return {steps, acted}
  } finally {
    await view.done()
  }
}

async function stepByStep(
  round: Round,
  standing: Standing,
  view: StepsView,
): Promise<{ends: readonly End[]; acted: boolean}> {
  const {options, prospects, journal, from} = round
  const doing: Doing = {options, journal, past: new Map()}
  const ends: End[] = []
  const done: PlannedStep[] = []
  let acted = false
  for (const [index, prospect] of prospects.entries()) {
    const {refused, planned} = prospect
    if (acted) await passUnneeded(options, prospect, standing, view)
    const active = planned.remedies.filter(remedy => isOpen(remedy, standing))
    let end: End = 'passed'
    if (active.length > 0 && refused !== null) end = {state: 'refused', reason: refused}
    else if (active.length > 0) {
      view.begin(planned)
      end = (await act(doing, prospect, from + index + 1)) ?? 'done'
      acted = true
    }
    ends.push(end)
    for (const remedy of active)
      standing.set(remedy, typeof end === 'object' ? end : {state: 'running'})
    if (end === 'done') done.push(planned)
    // Others may have waited for this step, whether or not it was done.
    await verifyEnded(round, {at: index, done}, standing, view)
    view.end(planned, end === 'done' ? (uselessness(planned.remedies, standing) ?? end) : end)
  }
  return {ends, acted}
}

function firstStanding({prospects, accepted, look}: Round): Standing {
  const remedies = prospects.flatMap(({planned}) => planned.remedies)
  return new Map(
    remedies.map(remedy => [remedy, accepted.has(remedy) ? required(remedy, look) : declined]),
  )
}

/** Waiting, unless it asks for a check to be ok that is not. */
function required({requires}: PlannedRemedy, {outcomes}: Look): Progress {
  const missing = requires.find(id => outcomes.get(id)?.status !== 'ok')
  if (missing === undefined) return {state: 'waiting'}
  const status = outcomes.get(missing)?.status ?? 'not looked at'
  return {state: 'refused', reason: `only when ${missing} is ok, and it is ${status}`}
}

function progressOf(remedy: PlannedRemedy, standing: Standing): Progress {
  return standing.get(remedy) ?? declined
}

/** Whether its steps are still to be carried out. */
function isOpen(remedy: PlannedRemedy, standing: Standing): boolean {
  return ['waiting', 'running'].includes(progressOf(remedy, standing).state)
}

/** Why a step that was done did not help. */
function uselessness(
  remedies: readonly PlannedRemedy[],
  standing: Standing,
): {readonly reason: string} | null {
  for (const remedy of remedies) {
    const progress = progressOf(remedy, standing)
    if (progress.state === 'ineffective') return {reason: progress.reason ?? 'it did not help'}
  }
  return null
}

/** Another step may have removed the cause of a remedy that is still waiting. */
async function passUnneeded(
  options: FixOptions,
  {planned}: Prospect,
  standing: Standing,
  view: StepsView,
): Promise<void> {
  for (const remedy of planned.remedies) {
    if (progressOf(remedy, standing).state !== 'waiting') continue
    view.ask(planned, remedy.checks)
    if (await areOk(options, remedy.checks))
      standing.set(remedy, {state: 'unneeded', reason: 'an earlier step removed its cause'})
  }
}

/**
 * Verifies what runs and shares no check with a remedy that still has steps to come.
 * @param done The steps that were done so far.
 */
async function verifyEnded(
  {options, prospects}: Round,
  {at, done}: {readonly at: number; readonly done: readonly PlannedStep[]},
  standing: Standing,
  view: StepsView,
): Promise<void> {
  const later = prospects
    .slice(at + 1)
    .flatMap(({planned}) => planned.remedies.filter(each => isOpen(each, standing)))
  // A check with two findings is ok only when both are repaired.
  const ended = [...standing.keys()].filter(
    remedy =>
      progressOf(remedy, standing).state === 'running' &&
      !later.some(other => sharesCheck(other, remedy)),
  )
  const planned = prospects[at]?.planned
  for (const remedy of ended) {
    if (planned) view.verify(planned, remedy.checks)
    const patient = done.some(each => started(each, remedy))
    standing.set(remedy, await verified(options, remedy.checks, patient))
  }
}

/** Whether it ran a program that the checks of the remedy may still wait for. */
function started({step, remedies}: PlannedStep, remedy: PlannedRemedy): boolean {
  return step.change === undefined && remedies.some(other => sharesCheck(other, remedy))
}

function sharesCheck(a: PlannedRemedy, b: PlannedRemedy): boolean {
  return a === b || a.checks.some(id => b.checks.includes(id))
}

/** What the report says of a step when the round is over. */
function endReport(prospect: Prospect, end: End | undefined, standing: Standing): StepReport {
  if (prospect.refused !== null) return reported(prospect, 'refused', prospect.refused)
  if (typeof end === 'object') return reported(prospect, end.state, end.reason)
  const {state, reason} = worstOf(
    prospect.planned.remedies.map(remedy => progressOf(remedy, standing)),
  )
  // It was not even tried.
  if (end === 'passed' && state === 'failed')
    return reported(prospect, 'refused', `an earlier step failed: ${reason}`)
  // It succeeded itself.
  if (end === 'done' && state === 'failed')
    return reported(prospect, 'ineffective', `another step failed: ${reason}`)
  if (end === 'done' && state === 'refused')
    return reported(prospect, 'ineffective', `another step was refused: ${reason}`)
  return reported(prospect, state, reason)
}
