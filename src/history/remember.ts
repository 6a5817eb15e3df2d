import type {Look} from '../engine/diagnose.ts'
import type {Picture} from '../engine/picture.ts'
import type {Host} from '../host/host.ts'
import {guarded} from '../report/boundary.ts'
import type {Change, HistoryEvent, HistoryReport, Report} from '../report/report.ts'
import {baselineFor} from './baseline.ts'
import {differenceOf, keptPicture} from './difference.ts'
import {packageChanges, withRollback} from './generations.ts'
import type {Baseline, KeptPicture, SeenWell, Well} from './kept.ts'
import type {Key} from './key.ts'
import {ranked, touching} from './rank.ts'
import {type Addition, type Kept, type Store, storeIn} from './store.ts'
import {stateOf, toldEvents} from './timeline.ts'
import {textOf, type VeiledPicture, veiled, withoutStandIns} from './veil.ts'

export interface MemoryOptions {
  /** The directory of this tool: root's alone. */
  readonly directory: string
  /**
   * Whether every check is asked: what is found is kept then. A run that asks a few is only
   * compared.
   */
  readonly isWhole: boolean
}

/** Of one report: the rest is counted. */
const mostChanges = 50

/** Of one event, since there may be many of them. */
const mostKept = 20

/**
 * Remembers what runs find out of this machine, and tells what has changed since it was well. What
 * is remembered is shown, and never a reason to change anything.
 */
export function memory(options: MemoryOptions): (look: Look) => Promise<Report> {
  const store = storeIn(options.directory)
  return async look => {
    const unit = look.report.target.unit
    if (unit === null || look.target === null) return look.report
    try {
      return await remember(store, unit, look, options.isWhole)
    } catch (error) {
      return {...look.report, history: {...nothing, note: whyNot(error)}}
    }
  }
}

const nothing: HistoryReport = {
  lastHealthy: null,
  since: null,
  comparedWith: null,
  compared: 0,
  changes: [],
  more: 0,
  events: [],
  note: null,
}

/** A full disk, a directory that others may write, a bug: what was found is told all the same. */
function whyNot(error: unknown): string {
  return `the history cannot be used: ${error instanceof Error ? error.message : String(error)}`
}

async function remember(store: Store, unit: string, look: Look, isWhole: boolean): Promise<Report> {
  const {report, host} = look
  const kept = store.read(unit)
  const baseline =
    report.status === 'ok' ? kept.baselines.ok : baselineFor(kept, report, host.now())
  const isWanted = (isWhole && wellOf(report) !== null) || (report.status !== 'ok' && baseline)
  const taken = isWanted ? takenFrom(await look.picture, host) : null
  const compared = baseline && taken ? await compare(look, kept, baseline, taken) : null
  const shown =
    compared && taken && report.status !== 'ok'
      ? await withChanges(look, compared, taken.picture())
      : report
  const history = {...historyOf(shown), ...timelineOf(report, kept)}
  if (!isWhole) return {...shown, history}
  try {
    const add = (before: Kept, key: Key): Addition => additionOf(look, before, key, taken, compared)
    const {after, note} = store.add(unit, kept, add, host.now())
    return {...shown, history: {...history, ...timelineOf(report, after), note}}
  } catch (error) {
    return {...shown, history: {...history, note: whyNot(error)}}
  }
}

/** A picture that was taken: to hide the secrets of a thousand facts takes longer than to take it. */
interface Taken {
  readonly picture: () => VeiledPicture
  /** See SeenWell. */
  readonly mark: (key: Key, kept: Baseline['event']) => string
}

/** Null where nobody saw anything. */
function takenFrom(picture: Picture, {secrets}: Host): Taken | null {
  if (picture.facts.size === 0) return null
  let known: VeiledPicture | undefined
  const text = textOf(picture)
  return {
    picture: () => {
      known ??= veiled(picture, secrets)
      return known
    },
    mark: (key, {at}) => key.hash(`picture ${at}`, text),
  }
}

function historyOf({history}: Report): HistoryReport {
  return history ?? nothing
}

/** A picture of this state is worth to be compared with. */
function wellOf({status}: Report): Well | null {
  return status === 'ok' || status === 'warning' ? status : null
}

/** What is not as it was. */
interface Compared {
  readonly baseline: Baseline
  /** How many facts could be compared. */
  readonly count: number
  /** What matters most first. */
  readonly changes: readonly Change[]
}

/** Null where there is nothing to compare, and no key any more to compare secrets with. */
async function compare(
  {report, host, checks, target}: Look,
  {key, seen}: Kept,
  baseline: Baseline,
  taken: Taken,
): Promise<Compared | null> {
  if (!key || (report.status === 'ok' && seen.mark === taken.mark(key, baseline.event))) return null
  const before = baseline.picture()
  if (!before) return null
  const difference = differenceOf(before, taken.picture(), key)
  const all = ranked(difference, report, checks)
  const {restless} = difference
  // While all is well, what is another at every look is no news.
  const changes = report.status === 'ok' ? all.filter(({name}) => !restless.has(name)) : all
  const packages = report.status === 'ok' ? [] : await packageChanges(host, target, changes)
  const count = difference.compared
  return {baseline, count, changes: [...changes, ...packages]}
}

/** The report, with what changed since the machine was well. */
async function withChanges(
  look: Look,
  {baseline, count, changes}: Compared,
  picture: VeiledPicture,
): Promise<Report> {
  const {report, checks} = look
  const touched = report.checks.map(check => {
    const mine = report.rootCauses.includes(check.id) ? touching(changes, check, checks) : []
    return mine.length > 0 ? {...check, changes: mine.slice(0, mostKept)} : check
  })
  const history = {
    ...nothing,
    comparedWith: {
      at: baseline.seen,
      status: baseline.event.status === 'warning' ? ('warning' as const) : ('ok' as const),
    },
    compared: count,
    changes: changes.slice(0, mostChanges),
    more: Math.max(0, changes.length - mostChanges),
  }
  return withRollback(look, {...report, checks: touched, history}, picture)
}

/** When it was healthy, since when it is as it is, and what was before. */
function timelineOf(
  report: Report,
  {events, seen, baselines}: Kept,
): Pick<HistoryReport, 'lastHealthy' | 'since' | 'events'> {
  const state = stateOfReport(report)
  const other = events.findIndex(event => stateOf(event) !== state)
  const same = other < 0 ? events : events.slice(0, other)
  const healthy = report.status === 'ok' ? report.startedAt : (seen.ok ?? baselines.ok?.seen)
  return {lastHealthy: healthy ?? null, since: same.at(-1)?.at ?? null, events: toldEvents(events)}
}

function stateOfReport({status, rootCauses}: Report): string {
  return stateOf({status, rootCauses: rootCauses.map(check => ({check}))})
}

/** What a whole run adds: nothing but its time, where nothing is otherwise. */
function additionOf(
  {report, host}: Look,
  before: Kept,
  key: Key,
  taken: Taken | null,
  compared: Compared | null,
): Addition {
  const now = new Date(host.now()).toISOString()
  const well = wellOf(report)
  const healthy = before.baselines.ok?.event
  const isAsKept = well === 'ok' && healthy && before.seen.mark === taken?.mark(key, healthy)
  const kept = well && taken && !isAsKept ? pictureOf(before, well, taken.picture(), key) : null
  const [last] = before.events
  const isNewState = !last || stateOf(last) !== stateOfReport(report)
  // What was just kept is compared once more: only what says the same twice is at rest.
  const isAtRest = well === 'ok' && taken && healthy && !kept
  const mark = isAtRest ? taken.mark(key, healthy) : before.seen.mark
  const seen: SeenWell = {
    ...before.seen,
    ...(well && {[well]: now}),
    ...(mark !== undefined && {mark}),
  }
  if (!isNewState && !kept) return {entry: null, seen}
  const changes = compared?.changes ?? []
  const event: HistoryEvent = {
    at: now,
    status: report.status,
    rootCauses: rootCausesOf(report, host),
    changes: changes.slice(0, mostKept),
    more: Math.max(0, changes.length - mostKept),
  }
  return {entry: {event, ...(kept && {picture: kept})}, seen}
}

/** Null where the one that is kept says the same. */
function pictureOf(
  {baselines}: Kept,
  well: Well,
  picture: VeiledPicture,
  key: Key,
): KeptPicture | null {
  const before = baselines[well]?.picture() ?? null
  const kept = keptPicture(picture, before, key)
  return before && JSON.stringify(before) === JSON.stringify(kept) ? null : kept
}

/** As they may be kept: without secrets, and without the stand-ins of this run. */
function rootCausesOf(report: Report, {secrets}: Host): HistoryEvent['rootCauses'] {
  const {checks, rootCauses} = guarded(report, secrets)
  return rootCauses.flatMap(id => {
    const check = checks.find(each => each.id === id)
    if (!check) return []
    const bad = check.findings.find(({status, waived}) => status === check.status && !waived)
    const message = bad?.message ?? check.title
    return [{check: id, message: withoutStandIns(message)}]
  })
}
