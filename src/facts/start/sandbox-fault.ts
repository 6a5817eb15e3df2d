import {clock} from '../../host/clock.ts'
import type {Host, UnitSetting} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {timeLeft} from '../../host/time-left.ts'
import type {UnitSettings} from '../../platform/platform.ts'
import type {ExceptionLink} from '../django/django.ts'
import type {Target} from '../target/target.ts'
import {confinedPrograms} from '../unit/systemd.ts'
import {narrowest, settingsOf} from './narrowest.ts'
import {accessTo} from './refused-path.ts'
import {smallestSet} from './smallest-set.ts'
import {type FailedTrial, refusedInWords, type Trial, type TryStart, trialsOf} from './trial.ts'

/** A start that fails in the unit's sandbox, and that succeeded without a part of it. */
export interface SandboxFault {
  /** The settings without which it succeeded; no fewer were enough. */
  readonly settings: readonly UnitSetting[]
  /** False where no time was left to tell which of these settings it is. */
  readonly decided: boolean
  /** What fails with them. */
  readonly failure: FailedTrial
  /**
   * What a drop-in would have to say: tried, and the start succeeded. Null where nothing narrower
   * than leaving the settings out was found.
   */
  readonly change: UnitSettings | null
}

/** What came of a start that was repeated with and without its sandbox. */
export interface SandboxSearch {
  /** `innocent`: it fails in the same way without; `unknown`: nobody could tell. */
  readonly verdict: SandboxFault | 'innocent' | 'unknown'
  /** Dry starts that were made. */
  readonly trials: number
  /** Milliseconds that they took. */
  readonly durationMs: number
}

/**
 * Milliseconds for all trials together; where one start alone takes long, as many as a search has.
 */
const patience = {usual: 5000, last: 2000, starts: 16} as const

/**
 * Settings that give something within the sandbox, and so allow more than they forbid: without them
 * a start may lack it.
 */
const gives = /^(?:Bind(?:ReadOnly)?Paths|ReadWritePaths|ExecPaths|PrivateTmp|DeviceAllow)$/

/** A start that failed. */
export interface FailedStart {
  /** What was raised, its first cause first; empty where nothing was. */
  readonly chain: readonly ExceptionLink[]
  /** The system checks failed, and so belong to it. */
  readonly checks?: boolean
}

/**
 * Repeats a start that failed, dry and as the unit would make it, without its sandbox; where that
 * succeeds, halves the settings.
 */
export async function findSandboxFault(
  host: Host,
  target: Target,
  failed: FailedStart,
): Promise<SandboxSearch> {
  const watch = stopwatch()
  const settings = await ifSeen(host.sandbox(target.unit.name))
  const verdict =
    settings === null || settings.length === 0
      ? 'unknown'
      : await searched({host, target, settings, watch}, failed)
  return {verdict, trials: watch.trials(), durationMs: watch.over()}
}

/** The same for a path that the running service was refused. */
export async function findSandboxOfPath(
  host: Host,
  target: Target,
  link: ExceptionLink & {readonly filename: string},
): Promise<SandboxSearch> {
  const watch = stopwatch()
  const settings = (await ifSeen(host.sandbox(target.unit.name))) ?? []
  const names = settings.map(({name}) => name)
  const access =
    settings.length === 0 ? null : await accessTo(host, target, link, names, watch.left)
  const search = {host, target, settings, programs: [], watch}
  const verdict =
    access === null ? 'unknown' : await faultOf(search, each => watch.count(access(each)), null)
  return {verdict, trials: watch.trials(), durationMs: watch.over()}
}

async function searched(
  {host, target, settings, watch}: Omit<Search, 'programs'>,
  {chain, checks = false}: FailedStart,
): Promise<SandboxSearch['verdict']> {
  const programs = await confinedPrograms(host, target.unit)
  const starts = (module: string | null, left = watch.left): TryStart => {
    const tried = trialsOf(host, target, {programs, checks, module, left})
    return difference => watch.count(tried(difference))
  }
  const whole = starts(null)
  const told = chain.length > 0 ? chain : ((await refusedInWords(settings, whole))?.chain ?? [])
  const module = told.find(link => link.module)?.module ?? null
  const search = {host, target, settings, programs, watch}
  // The module that failed tells in less time. Alone it may lack what the start does before.
  if (module !== null) {
    const alone = await faultOf(search, starts(module), starts(null, watch.last))
    if (alone !== 'unknown') return alone
  }
  return faultOf(search, whole, null)
}

function stopwatch(): Stopwatch {
  const began = clock()
  let allowed = Math.min(patience.usual, timeLeft() / 2)
  let trials = 0
  const over = (): number => clock() - began
  return {
    over,
    left: () => Math.max(0, Math.floor(allowed - over())),
    last: () => Math.floor(Math.max(allowed - over(), Math.min(patience.last, timeLeft() / 2))),
    trials: () => trials,
    async count(trial) {
      const before = over()
      const answer = await trial
      trials += 1
      const long = (over() - before) * patience.starts
      if (trials === 1) allowed = Math.min(Math.max(patience.usual, long), over() + timeLeft() / 2)
      return answer
    },
  }
}

interface Stopwatch {
  /** Milliseconds so far. */
  over(): number
  /** Milliseconds. */
  left(): number
  /** The same for what only confirms: some is left for that in any case. */
  last(): number
  trials(): number
  count(trial: Promise<Trial | null>): Promise<Trial | null>
}

interface Search {
  readonly host: Host
  readonly target: Target
  readonly settings: readonly UnitSetting[]
  readonly programs: readonly string[]
  readonly watch: Stopwatch
}

/**
 * @param whole the start as a whole, where `tryStart` is only a part of it: what comes out must do
 *   there, too.
 * @returns `innocent` where it fails in the same way without any of it.
 */
async function faultOf(
  {host, target, settings, programs}: Search,
  tryStart: TryStart,
  whole: TryStart | null,
): Promise<SandboxFault | 'innocent' | 'unknown'> {
  // Once more with everything: that it fails is no matter of the moment.
  const failure = await tryStart({})
  if (failure === null || failure.works) return 'unknown'
  const all = await enough(settings, failure, tryStart)
  if (typeof all === 'string') return all
  const search = await smallestSet(all, async without => {
    const trial = await tryStart({without})
    return trial?.works ?? null
  })
  const decided = search.kind === 'found'
  const names = decided ? search.set : search.among
  if (whole !== null && decided && !(await whole({without: names}))?.works) return 'unknown'
  const found = settings.filter(({name}) => names.includes(name))
  const told = decided ? await narrowest(host, target, found, failure, {tryStart, programs}) : null
  const change = told?.change ?? null
  const does =
    change === null || whole === null || (await whole({with: settingsOf(change)}))?.works === true
  return {
    settings: found,
    decided,
    failure: told?.failure ?? failure,
    change: does ? change : null,
  }
}

/** Settings without which the start succeeds. */
async function enough(
  settings: readonly UnitSetting[],
  failure: FailedTrial,
  tryStart: TryStart,
): Promise<readonly string[] | 'innocent' | 'unknown'> {
  const names = settings.map(({name}) => name)
  const confining = names.filter(name => !gives.test(name))
  const giving = names.filter(name => gives.test(name))
  const sets = [confining, ...(giving.length > 0 ? [[...confining, ...giving]] : [])]
  let differs = false
  for (const without of sets.filter(set => set.length > 0)) {
    const trial = await tryStart({without})
    if (trial?.works) return without
    differs ||= trial === null || wordsOf(trial) !== wordsOf(failure)
  }
  return differs ? 'unknown' : 'innocent'
}

function wordsOf({chain, step}: FailedTrial): string {
  return [step, ...chain.map(({type, message}) => `${type}: ${message}`)].join('\n')
}
