import type {RunJournal} from '../host/local/run-journal.ts'
import {guarded} from '../report/boundary.ts'
import type {CheckId} from '../report/finding.ts'
import type {Report} from '../report/report.ts'
import {unwritten} from './act.ts'
import {carryOut} from './carry-out.ts'
import {type Look, lookAtAll} from './look.ts'
import type {FixOptions} from './options.ts'
import {type PlannedRemedy, type PlannedStep, plan} from './plan.ts'
import {notCarriedOut, reported, type StepReport} from './step-report.ts'
import {type Prospect, survey} from './survey.ts'

/**
 * A diagnosis finds what an earlier fault hid; more rounds than this find only what does not stay
 * repaired.
 */
const maxRounds = 6

interface Repair {
  readonly options: FixOptions
  /** What names the tries that were offered: nothing is offered twice. */
  readonly offered: Set<string>
  readonly steps: StepReport[]
  /** Started with the first step that somebody wants. */
  journal: RunJournal | null
}

/**
 * Diagnoses, repairs what it may, and looks again until nothing new appears. The report is of the
 * machine as it is then.
 */
export async function fix(options: FixOptions): Promise<Report> {
  let look = await lookAtAll(options)
  const repair: Repair = {options, offered: new Set(), steps: [], journal: null}
  if (!options.dryRun && planOf(look, repair).length > 0 && options.claim())
    look = await lookAtAll(options)
  const before = {status: look.report.status, rootCauses: look.report.rootCauses}
  try {
    for (let round = 0; round < maxRounds && (await repairRound(repair, look)); round += 1)
      look = await lookAtAll(options)
  } finally {
    repair.journal?.close()
  }
  const {run = null} = repair.journal ?? {}
  const report = {...look.report, fix: {run, dryRun: options.dryRun, before, steps: repair.steps}}
  return guarded(report, look.host.secrets)
}

/** @returns whether something was tried, so that there may be more to do. */
async function repairRound(repair: Repair, look: Look): Promise<boolean> {
  const {options, offered, steps} = repair
  const planned = planOf(look, repair)
  if (planned.length === 0) return false
  const prospects = await survey(planned, look.host, options)
  await options.audience.verdict(look.report)
  await options.consent.show(prospects, look.host)
  const accepted = options.dryRun ? null : await options.consent.ask(prospects)
  if (accepted === null) {
    steps.push(...prospects.map(prospect => notCarriedOut(prospect, 'planned')))
    return false
  }
  // What was offered is not offered again, also when it was declined.
  for (const {remedies} of planned)
    for (const key of remedies.flatMap(({tries}) => tries)) offered.add(key)
  const why = prospects.some(prospect => isWanted(prospect, accepted)) ? startJournal(repair) : null
  if (why !== null) {
    steps.push(...prospects.map(prospect => reported(prospect, 'refused', why)))
    return false
  }
  const {journal} = repair
  if (!journal) {
    steps.push(...prospects.map(prospect => notCarriedOut(prospect, 'declined')))
    return false
  }
  const carried = await carryOut({options, prospects, accepted, look, journal, from: steps.length})
  steps.push(...carried.steps)
  return carried.acted
}

function planOf({report, outcomes}: Look, {options, offered}: Repair): readonly PlannedStep[] {
  const unit = report.target.unit ?? options.settings.unit ?? ''
  return plan(report.rootCauses as CheckId[], [...outcomes.values()], unit, offered)
}

function isWanted({refused, planned}: Prospect, accepted: ReadonlySet<PlannedRemedy>): boolean {
  return refused === null && planned.remedies.some(remedy => accepted.has(remedy))
}

/** @returns why it cannot be written, or null. */
function startJournal(repair: Repair): string | null {
  try {
    repair.journal ??= repair.options.journal()
    return null
  } catch (error) {
    return unwritten(error)
  }
}
