import type {Check, Context} from '../checks/check.ts'
import {findTarget} from '../facts/target/find.ts'
import {reportedTarget, type Target, type TargetSettings} from '../facts/target/target.ts'
import {CannotLook, type Host, NotStated} from '../host/host.ts'
import {addPublicWords} from '../host/secrets.ts'
import {guarded} from '../report/boundary.ts'
import type {CheckId, Finding, Status, Verdict} from '../report/finding.ts'
import {type CheckReport, type Report, rank, reportedFinding, worst} from '../report/report.ts'
import {toolVersion} from '../report/version.ts'
import {rootCauses as causesOf} from './causes.ts'
import {matches} from './names.ts'
import type {Outcome} from './outcome.ts'
import {judgeWaivers, keyOf, type Waiver} from './waivers.ts'
import {configWaivers, unusedVerdict} from './waivers-check.ts'

export interface DiagnoseOptions {
  readonly host: Host
  readonly hostname: string
  readonly checks: readonly Check[]
  readonly settings: TargetSettings
  /** Milliseconds for the whole run. */
  readonly deadline: number
  /** Milliseconds of it that are over already. */
  readonly spent?: number
  /** Replaces every secret that was met. */
  readonly redact: (text: string) => string
  /** What the owner lives with; none when absent. */
  readonly waivers?: readonly Waiver[] | undefined
  /** Called as each check starts and ends, for whoever watches. */
  readonly watch?: (check: Check, outcome: Promise<Outcome>) => void
}

/** The check that owns what Django says of itself. */
const factsId: CheckId = 'app/settings'

/** The checks to run for what was named: these, what they need and what may explain them; all when nothing is named. */
export function select(
  registry: readonly Check[],
  named: readonly string[],
  skipped: readonly string[],
): readonly Check[] {
  const wanted = new Set<Check>()
  const add = (check: Check): void => {
    if (wanted.has(check)) return
    wanted.add(check)
    for (const need of check.needs ?? []) add(need)
    for (const pattern of check.explainedBy ?? []) {
      for (const explanation of registry.filter(({id}) => matches(pattern, id))) add(explanation)
    }
  }
  const roots = named.length === 0 ? registry : registry.filter(({id}) => named.some(name => matches(name, id)))
  for (const check of roots) add(check)
  // Where a fact is not known, this tells why.
  const facts = registry.find(({id}) => id === factsId)
  if (facts && roots.some(({id}) => !/^service\//.test(id))) add(facts)
  return registry.filter(check => wanted.has(check) && !skipped.some(name => matches(name, check.id)))
}

/** Runs the checks and makes the report. Never rejects for what a check or the machine does. */
export async function diagnose(options: DiagnoseOptions): Promise<Report> {
  const {host, checks, redact} = options
  const started = clock()
  for (const name of [options.hostname, ...checks.map(({id}) => id)]) addPublicWords(host.secrets, name)
  const startedAt = new Date(host.now()).toISOString()
  const late = lateAfter(options.deadline, options.spent ?? 0)
  // Everything below may sit on a machine that does not answer: the deadline bounds the discovery of the target too.
  const target = findTarget(host, options.settings)
  target.catch(() => undefined)
  const outcomes = runChecks(host, target, checks, late.promise)
  for (const check of checks) options.watch?.(check, outcomes.get(check) as Promise<Outcome>)
  const done = await Promise.all(checks.map(check => outcomes.get(check) as Promise<Outcome>))
  const found = await Promise.race([target, late.promise]).catch(() => null)
  late.cancel()
  const report = assemble({
    done,
    waivers: options.waivers ?? [],
    now: host.now(),
    host: options.hostname,
    startedAt,
    durationMs: clock() - started,
    platform: reportedPlatform(found),
    target: reportedTarget(found, options.settings),
  })
  return guarded(report, {learn: host.secrets.learn, redact})
}

/** Every check starts at once and awaits its needs: memoized promises stand where a scheduler would. */
function runChecks(
  host: Host,
  target: Promise<Target>,
  checks: readonly Check[],
  late: Promise<never>,
): ReadonlyMap<Check, Promise<Outcome>> {
  const outcomes = new Map<Check, Promise<Outcome>>()
  const outcomeOf = (check: Check): Promise<Outcome> => {
    const known = outcomes.get(check)
    if (known) return known
    const outcome = runOne(check)
    outcomes.set(check, outcome)
    return outcome
  }
  const runOne = async (check: Check): Promise<Outcome> => {
    const blocking = (await Promise.all(needsOf(check, checks).map(outcomeOf))).filter(blocks)
    if (blocking.length > 0) {
      return {
        check,
        status: 'skipped',
        findings: [],
        skippedBecause: blocking.map(need => need.check.id),
        durationMs: 0,
      }
    }
    const start = clock()
    const findings = await findingsOf(check, host, target, late)
    if (findings instanceof NotStated) return withoutFacts(check, findings, clock() - start)
    const status = worst(findings.map(finding => finding.status))
    return {check, status, findings, skippedBecause: [], durationMs: clock() - start}
  }
  /** A fact that nobody stated: where Django fails to state it, that is the reason, and nothing was looked at in vain. */
  const withoutFacts = async (check: Check, {message, privilege}: NotStated, durationMs: number): Promise<Outcome> => {
    const facts = checks.find(({id}) => id === factsId)
    const owner = facts && facts !== check ? await outcomeOf(facts) : null
    if (owner?.status === 'critical')
      return {check, status: 'skipped', findings: [], skippedBecause: [factsId], durationMs}
    return {
      check,
      status: 'unknown',
      findings: [unknown(privilege ? 'privilege' : 'not-stated', message, [])],
      skippedBecause: [],
      durationMs,
    }
  }
  for (const check of checks) outcomeOf(check)
  return outcomes
}

/** What must pass before: of a need that was left out, what that needs. */
function needsOf({needs = []}: Check, selected: readonly Check[]): readonly Check[] {
  return [...new Set(needs.flatMap(need => (selected.includes(need) ? [need] : needsOf(need, selected))))]
}

/** While a need is critical, unknown, or for such a reason skipped, what needs it cannot be judged. */
function blocks({status, skippedBecause}: Outcome): boolean {
  return status === 'critical' || status === 'unknown' || (status === 'skipped' && skippedBecause.length > 0)
}

async function findingsOf(
  check: Check,
  host: Host,
  target: Promise<Target>,
  late: Promise<never>,
): Promise<readonly Finding[] | NotStated> {
  const look = async (): Promise<readonly Verdict[]> => {
    const context: Context = {host, target: await target}
    const verdict = await check.run(context)
    return Array.isArray(verdict) ? verdict : [verdict as Verdict]
  }
  try {
    const verdicts = await Promise.race([look(), late])
    return verdicts.length > 0
      ? verdicts
      : [unknown('nothing', 'the check looked and said nothing: a bug in the check', [])]
  } catch (error) {
    if (error instanceof NotStated) return error
    if (error instanceof CannotLook) return [unknown(error.privilege ? 'privilege' : 'not-looked', error.message, [])]
    // A bug in one check must not take the other answers with it.
    const evidence = error instanceof Error && process.env.DEBUG ? [error.stack ?? error.message] : []
    return [
      unknown('crashed', `this check failed: ${error instanceof Error ? error.message : String(error)}`, evidence),
    ]
  }
}

function unknown(code: string, message: string, evidence: readonly string[]): Finding<'unknown'> {
  return {code, status: 'unknown', message, since: null, evidence, remedy: null}
}

function lateAfter(milliseconds: number, spent: number): {promise: Promise<never>; cancel: () => void} {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<never>((_, reject) => {
    const cutOff = new CannotLook(`cut off by the run's deadline of ${milliseconds / 1000} s (--timeout)`)
    timer = setTimeout(() => reject(cutOff), Math.max(0, milliseconds - spent))
  })
  promise.catch(() => undefined)
  return {promise, cancel: () => clearTimeout(timer)}
}

interface Assembly {
  readonly done: readonly Outcome[]
  readonly waivers: readonly Waiver[]
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly host: string
  readonly startedAt: string
  readonly durationMs: number
  readonly platform: Report['platform']
  readonly target: Report['target']
}

function assemble({done: looked, waivers, now, target, platform, ...run}: Assembly): Report {
  const {roots, causedBy} = causesOf(looked)
  const {waived, findings: ofFindings, left, lifted, unused} = judgeWaivers(looked, roots, causedBy, waivers, now)
  const judged = looked.map(outcome => ({...outcome, status: left.get(outcome.check.id) ?? outcome.status}))
  const done = waivers.length === 0 ? looked : [...judged, waiversOutcome(unused)]
  const counting = done.filter(({check}) => !waived.has(check.id))
  const checks = done.map((outcome): CheckReport => {
    const {check, status, findings, skippedBecause, durationMs} = outcome
    return {
      id: check.id,
      group: check.id.slice(0, check.id.indexOf('/')),
      title: check.title,
      status,
      durationMs: milliseconds(durationMs),
      causedBy: [...(causedBy.get(check.id) ?? [])],
      skippedBecause: [...skippedBecause],
      waived: waived.get(check.id) ?? null,
      findings: [...findings]
        .map(finding => ({
          ...reportedFinding(withLifted(finding, lifted.get(keyOf(check.id, finding.code)))),
          waived: ofFindings.get(keyOf(check.id, finding.code)) ?? null,
        }))
        .sort((a, b) => Number(a.waived !== null) - Number(b.waived !== null) || rank(b.status) - rank(a.status)),
      metrics: findings.flatMap(finding => [...(finding.metrics ?? [])]),
    }
  })
  const idsOf = (status: Status): CheckId[] =>
    counting.filter(outcome => outcome.status === status).map(({check}) => check.id)
  return {
    schemaVersion: 1,
    tool: {name: 'prism-doctor', version: toolVersion},
    platform,
    ...run,
    durationMs: milliseconds(run.durationMs),
    error: null,
    target,
    status: worst(counting.map(({status}) => status).filter(status => status !== 'skipped')),
    counts: {
      ok: idsOf('ok').length,
      warning: idsOf('warning').length,
      critical: idsOf('critical').length,
      unknown: idsOf('unknown').length,
      skipped: idsOf('skipped').length,
    },
    rootCauses: [...roots.filter(id => !waived.has(id)), ...(unused.length > 0 ? [configWaivers.id] : [])],
    notLookedAt: idsOf('unknown'),
    checks,
  }
}

/** The waivers are judged by what all other checks said. */
function waiversOutcome(unused: readonly Waiver[]): Outcome {
  const finding = unusedVerdict(unused)
  return {check: configWaivers, status: finding.status, findings: [finding], skippedBecause: [], durationMs: 0}
}

function withLifted(finding: Finding, note: string | undefined): Finding {
  return note === undefined ? finding : {...finding, evidence: [...finding.evidence, note]}
}

/** Milliseconds of a clock that only goes forward. The global `performance` loads all of node:perf_hooks for as much. */
function clock(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function milliseconds(duration: number): number {
  return Math.round(duration * 10) / 10
}

function reportedPlatform(target: Target | null): Report['platform'] {
  const {id = null, version = null} = target?.platform ?? {}
  return id === null ? null : {id, version}
}

/** The report of a run that never started. */
export function failedReport(message: string, hostname: string): Report {
  const none = reportedTarget(null, {unit: null})
  const failed = assemble({
    done: [],
    waivers: [],
    now: Date.now(),
    host: hostname,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    platform: null,
    target: none,
  })
  return {...failed, status: 'unknown', error: {message}}
}
