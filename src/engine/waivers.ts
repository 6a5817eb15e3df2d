import type {CheckId, Finding, Status} from '../report/finding.ts'
import {rank, worst} from '../report/report.ts'
import type {Causes} from './causes.ts'
import type {Outcome} from './outcome.ts'

/** What the owner knows and lives with, until a day: a check, or one finding of it. */
export interface Waiver {
  readonly check: string
  /** The code of one finding; every one of the check when absent. */
  readonly finding?: string | undefined
  /** How bad it may be: what gets worse than that counts again. */
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
  /** What is said beside a finding whose waiver has expired or been exceeded, by check and code. */
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
 * @param now milliseconds since the epoch.
 */
export function judgeWaivers(
  outcomes: readonly Outcome[],
  causes: Causes,
  waivers: readonly Waiver[],
  now: number,
): Waivers {
  if (waivers.length === 0) return nothingWaived
  const today = new Date(now).toISOString().slice(0, 10)
  const judged = outcomes.flatMap(outcome => judgeFindings(outcome, waivers, today))
  const ofChecks = Map.groupBy(judged, ({id}) => id)
  const waived = new Map<CheckId, Waived>()
  const left = new Map<CheckId, Status>()
  for (const [id, findings] of ofChecks) {
    const open = findings.filter(({holding}) => !holding)
    const first = findings.find(({holding}) => holding)?.holding
    if (first && open.length === 0) waived.set(id, waivedBy(first))
    else if (first) left.set(id, worst(open.map(({finding}) => finding.status)))
  }
  waiveConsequences(waived, causes)
  return {
    waived,
    left,
    findings: new Map(
      judged.flatMap(({key, holding}) => (holding ? [[key, waivedBy(holding)] as const] : [])),
    ),
    lifted: new Map(
      judged.flatMap(({key, lifted}) => (lifted ? [[key, whyLifted(lifted, today)] as const] : [])),
    ),
    unused: unusedOf(waivers, outcomes, judged),
  }
}

/** Bad news, and what the waivers say of it. */
interface Judged {
  readonly id: CheckId
  readonly key: string
  readonly finding: Finding
  /** Every waiver that names it. */
  readonly meant: readonly Waiver[]
  /** The one by which it does not count. */
  readonly holding: Waiver | undefined
  /** The one that has expired or been exceeded, where no other holds. */
  readonly lifted: Waiver | undefined
}

function judgeFindings(
  {check, findings}: Outcome,
  waivers: readonly Waiver[],
  today: string,
): readonly Judged[] {
  const bad = findings.filter(({status}) => status === 'warning' || status === 'critical')
  return bad.map(finding => {
    const meant = waivers.filter(waiver => means(waiver, check.id, finding))
    const holding = meant.find(
      ({until, status}) => until >= today && rank(finding.status) <= rank(status),
    )
    return {
      id: check.id,
      key: keyOf(check.id, finding.code),
      finding,
      meant,
      holding,
      lifted: holding ? undefined : meant[0],
    }
  })
}

/** A consequence of nothing but what is waived is lived with as well. */
function waiveConsequences(waived: Map<CheckId, Waived>, {roots, causedBy}: Causes): void {
  for (const [id, causes] of causedBy) {
    const own = causes.filter(cause => roots.includes(cause))
    const reason = own[0] && waived.get(own[0])
    if (reason && !waived.has(id) && own.every(cause => waived.has(cause))) waived.set(id, reason)
  }
}

/** Waivers of checks that were looked at, and that no bad news of theirs matches. */
function unusedOf(
  waivers: readonly Waiver[],
  outcomes: readonly Outcome[],
  judged: readonly Judged[],
): readonly Waiver[] {
  const looked = outcomes.filter(({status}) => status !== 'unknown' && status !== 'skipped')
  const ids: readonly string[] = looked.map(({check}) => check.id)
  const used = new Set(judged.flatMap(({meant}) => meant))
  return waivers.filter(waiver => ids.includes(waiver.check) && !used.has(waiver))
}

function waivedBy({reason, until}: Waiver): Waived {
  return {reason, until}
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
