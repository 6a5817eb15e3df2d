import type {Check} from '../checks/check.ts'
import {layerOf} from '../checks/index.ts'
import {askAhead} from '../facts/picture/ahead.ts'
import {findTarget} from '../facts/target/find.ts'
import {reportedTarget, type Target, type TargetSettings} from '../facts/target/target.ts'
import {asFarAsRecorded} from '../host/as-recorded.ts'
import {clock} from '../host/clock.ts'
import {CannotLook, type Host, NotRecorded} from '../host/host.ts'
import {addPublicWords} from '../host/secrets.ts'
import {endTime, startTime} from '../host/time-left.ts'
import type {Unit} from '../host/unit.ts'
import {guarded} from '../report/boundary.ts'
import type {Report} from '../report/report.ts'
import {assemble} from './assemble.ts'
import type {LayerOf} from './causes.ts'
import type {Outcome} from './outcome.ts'
import {type Picture, takePicture} from './picture.ts'
import {runChecks} from './run.ts'
import type {Waiver} from './waivers.ts'

export interface DiagnoseOptions {
  readonly host: Host
  readonly hostname: string
  readonly checks: readonly Check[]
  /** Where each check stands; as src/checks/index.ts has them when absent. */
  readonly layerOf?: LayerOf
  readonly settings: TargetSettings
  /** Milliseconds for the whole run. */
  readonly deadline: number
  /** What the owner lives with; none when absent. */
  readonly waivers?: readonly Waiver[] | undefined
  /** Called as each check starts and ends, for whoever watches. */
  readonly watch?: (check: Check, outcome: Promise<Outcome>) => void
  /** Adds to the report what is remembered of this machine; see {@link Look}. */
  readonly remember?: (look: Look) => Promise<Report>
}

/** A diagnosis that is over, before its report leaves. */
export interface Look {
  readonly report: Report
  readonly checks: readonly Check[]
  readonly host: Host
  /** Null where the deadline came before it was found. */
  readonly target: Target | null
  /** What every check knows, as far as the deadline allows. */
  readonly picture: Promise<Picture>
}

/** Runs the checks and makes the report. Never rejects for what a check or the machine does. */
export async function diagnose(options: DiagnoseOptions): Promise<Report> {
  const {host, checks} = options
  const started = clock()
  for (const name of [options.hostname, ...checks.map(({id}) => id)])
    addPublicWords(host.secrets, name)
  const startedAt = new Date(host.now()).toISOString()
  const late = lateAfter(options.deadline)
  const ahead = options.remember && ((unit: Unit) => askAhead(host, unit))
  // Everything below may sit on a machine that does not answer: the deadline bounds the discovery
  // of the target too.
  const target = findTarget(host, options.settings, ahead).catch((error: unknown) => {
    if (!(error instanceof NotRecorded)) throw error
    // An older recording: what it does not hold of the deployment is not known.
    return findTarget(asFarAsRecorded(host, ignore), options.settings)
  })
  target.catch(() => undefined)
  const running = runChecks(host, target, checks, late.promise)
  const picture = options.remember && takePicture(running, late.promise)
  for (const [check, outcome] of running.outcomes) options.watch?.(check, outcome)
  const outcomes = await Promise.all(running.outcomes.values())
  const found = await Promise.race([target, late.promise]).catch(() => null)
  const report = assemble({
    outcomes,
    waivers: options.waivers ?? [],
    layerOf: options.layerOf ?? layerOf,
    now: host.now(),
    host: options.hostname,
    startedAt,
    durationMs: clock() - started,
    platform: reportedPlatform(found),
    target: reportedTarget(found, options.settings),
  })
  const remembered =
    options.remember && picture
      ? await withNotes(
          await options.remember({report, checks, host, target: found, picture}),
          checks,
          picture,
        )
      : report
  late.cancel()
  endTime()
  return guarded(remembered, host.secrets)
}

function ignore(): void {}

/** What is wrong with the facts that checks of others offer: nobody else would tell who wrote them. */
async function withNotes(
  report: Report,
  checks: readonly Check[],
  picture: Promise<Picture>,
): Promise<Report> {
  const foreign = checks.filter(({isForeign, facts}) => isForeign && facts)
  if (foreign.length === 0 || !report.history) return report
  const {unseen} = await picture
  const notes = foreign.flatMap(({id}) => {
    const error = unseen.get(id)
    const isBad =
      error !== undefined && !(error instanceof CannotLook || error instanceof NotRecorded)
    return isBad ? [`${id}: ${error instanceof Error ? error.message : String(error)}`] : []
  })
  const note = [...(report.history.note ? [report.history.note] : []), ...notes].join('; ')
  return notes.length > 0 ? {...report, history: {...report.history, note}} : report
}

function lateAfter(milliseconds: number): {promise: Promise<never>; cancel: () => void} {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<never>((_, reject) => {
    const cutOff = new CannotLook(
      `cut off by the run's deadline of ${milliseconds / 1000} s (--timeout)`,
    )
    timer = setTimeout(() => reject(cutOff), startTime(milliseconds))
  })
  promise.catch(() => undefined)
  return {promise, cancel: () => clearTimeout(timer)}
}

function reportedPlatform(target: Target | null): Report['platform'] {
  const {id = null, version = null} = target?.platform ?? {}
  return id === null ? null : {id, version}
}

/** The report of a run that never started. */
export function failedReport(
  message: string,
  hostname: string,
  unit: string | null = null,
): Report {
  const failed = assemble({
    outcomes: [],
    waivers: [],
    layerOf,
    now: Date.now(),
    host: hostname,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    platform: null,
    target: reportedTarget(null, {unit}),
  })
  return {...failed, status: 'unknown', error: {message}}
}
