import type {CheckId, Finding, Status} from '../report/finding.ts'
import {rank, worst} from '../report/report.ts'
import type {Outcome} from './outcome.ts'

/** What the owner knows and lives with, until a day: a check, or one finding of it. */
export interface Waiver {
  readonly check: string
  /** The code of one finding; every one of the check when absent. */
  readonly finding?: string | undefined
  /** How bad it may be: what gets worse than that is waived no more. */
  readonly status: 'warning' | 'critical'
  readonly reason: string
  /** The last day, as YYYY-MM-DD in UTC. */
  readonly until: string
}

/** The waiver as it stands in the report. */
export interface Waived {
  readonly reason: string
  readonly until: string
}

export interface Waivers {
  /** Checks of which everything that is wrong is waived, and what only these explain. */
  readonly waived: ReadonlyMap<CheckId, Waived>
  /** Findings that are waived, by check and code. */
  readonly findings: ReadonlyMap<string, Waived>
  /** How bad the rest is, where only some of a check's findings are waived. */
  readonly left: ReadonlyMap<CheckId, Status>
  /** What is said beside a finding whose waiver holds no more, by check and code. */
  readonly lifted: ReadonlyMap<string, string>
  /** Waivers of checks that were looked at and said nothing of the kind. */
  readonly unused: readonly Waiver[]
}

const nothingWaived: Waivers = {
  waived: new Map(),
  findings: new Map(),
  left: new Map(),
  lifted: new Map(),
  unused: [],
}

/**
 * Which outcomes a person has waived.
 * @param causedBy for each check that something explains, the failing checks that do.
 * @param now milliseconds since the epoch.
 */
export function judgeWaivers(
  outcomes: readonly Outcome[],
  roots: readonly CheckId[],
  causedBy: ReadonlyMap<CheckId, readonly CheckId[]>,
  waivers: readonly Waiver[],
  now: number,
): Waivers {
  if (waivers.length === 0) return nothingWaived
  const today = new Date(now).toISOString().slice(0, 10)
  const waived = new Map<CheckId, Waived>()
  const ofFindings = new Map<string, Waived>()
  const left = new Map<CheckId, Status>()
  const lifted = new Map<string, string>()
  const used = new Set<Waiver>()
  for (const {check, findings} of outcomes) {
    const bad = findings.filter(({status}) => status === 'warning' || status === 'critical')
    const covers = bad.map(finding => {
      const meant = waivers.filter(waiver => means(waiver, check.id, finding))
      for (const waiver of meant) used.add(waiver)
      const holding = meant.find(waiver => waiver.until >= today && rank(finding.status) <= rank(waiver.status))
      const [former] = meant
      if (!holding && former) lifted.set(keyOf(check.id, finding.code), whyLifted(former, today))
      if (holding) ofFindings.set(keyOf(check.id, finding.code), {reason: holding.reason, until: holding.until})
      return holding
    })
    const open = bad.filter((_, index) => covers[index] === undefined)
    const [first] = covers.filter(cover => cover !== undefined)
    if (first && open.length === 0) waived.set(check.id, {reason: first.reason, until: first.until})
    else if (first) left.set(check.id, worst(open.map(({status}) => status)))
  }
  // A consequence of nothing but what is waived is lived with as well.
  for (const [id, causes] of causedBy) {
    const own = causes.filter(cause => roots.includes(cause))
    const [first] = own
    const reason = first === undefined ? undefined : waived.get(first)
    if (reason && !waived.has(id) && own.every(cause => waived.has(cause))) waived.set(id, reason)
  }
  const judged = new Set<string>(
    outcomes.filter(({status}) => status !== 'unknown' && status !== 'skipped').map(({check}) => check.id),
  )
  return {
    waived,
    findings: ofFindings,
    left,
    lifted,
    unused: waivers.filter(waiver => judged.has(waiver.check) && !used.has(waiver)),
  }
}

export function keyOf(check: CheckId, code: string): string {
  return `${check} ${code}`
}

function means({check, finding}: Waiver, id: CheckId, {code}: Finding): boolean {
  return check === id && (finding === undefined || finding === code)
}

function whyLifted({until, status, reason}: Waiver, today: string): string {
  return until < today
    ? `was waived until ${until}: ${reason}`
    : `was waived as a ${status}, and is worse now: ${reason}`
}
