import type {Look} from '../engine/diagnose.ts'
import type {Picture} from '../engine/picture.ts'
import type {Host} from '../host/host.ts'
import {guarded} from '../report/boundary.ts'
import type {Change, HistoryEvent, HistoryReport, Report} from '../report/report.ts'
import {UsageError} from '../report/usage-error.ts'
import {baselineFor} from './baseline.ts'
import {differenceOf, keptPicture, learnSecrets} from './difference.ts'
import type {KeptPicture, SeenWell, Well} from './kept.ts'
import type {Key} from './key.ts'
import {ranked, touching} from './rank.ts'
import {type Addition, type Kept, type Store, storeIn} from './store.ts'

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
      const {code} = error as NodeJS.ErrnoException
      if (!(error instanceof UsageError) && typeof code !== 'string') throw error
      return {...look.report, history: {...nothing, note: whyNot(error as Error)}}
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

function whyNot({message}: Error): string {
  return `the history cannot be used: ${message}`
}

async function remember(store: Store, unit: string, look: Look, isWhole: boolean): Promise<Report> {
  const {report, host} = look
  const now = host.now()
  const kept = store.read(unit)
  const well = wellOf(report)
  const baseline = report.status === 'ok' ? kept.baselines.ok : baselineFor(kept, report, now)
  const isWanted = (isWhole && well !== null) || (report.status !== 'ok' && baseline !== null)
  const picture = isWanted ? await look.picture : null
  if (picture) learnSecrets(picture, host.secrets)
  const shown = withHistory(look, kept, picture)
  if (!isWhole) return shown
  try {
    const add = (before: Kept, key: Key): Addition => additionOf(look, before, key, picture)
    const note = store.add(unit, add, now)
    const after = store.read(unit)
    return {...shown, history: {...historyOf(shown), ...timeline(shown, after), note}}
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error
    // A full disk, for instance: what was read is told all the same.
    return {...shown, history: {...historyOf(shown), note: whyNot(error as Error)}}
  }
}

function historyOf({history}: Report): HistoryReport {
  return history ?? nothing
}

/** A picture of this state is worth to be compared with. */
function wellOf({status}: Report): Well | null {
  return status === 'ok' || status === 'warning' ? status : null
}

/** The report, with what changed since the machine was well. */
function withHistory(look: Look, kept: Kept, picture: Picture | null): Report {
  const {report, host, checks} = look
  const baseline = report.status === 'ok' ? null : baselineFor(kept, report, host.now())
  const history = {...nothing, ...timeline(report, kept)}
  if (!baseline || !picture || !kept.key) return {...report, history}
  const difference = differenceOf(baseline.picture, picture, kept.key, host.secrets)
  const inOrder = ranked(difference, report, checks)
  const touched = report.checks.map(check => {
    const mine = report.rootCauses.includes(check.id) ? touching(inOrder, check.id, checks) : []
    return mine.length > 0 ? {...check, changes: mine.slice(0, mostKept)} : check
  })
  return {
    ...report,
    checks: touched,
    history: {
      ...history,
      comparedWith: {
        at: baseline.seen,
        status: baseline.event.status === 'warning' ? 'warning' : 'ok',
      },
      compared: difference.compared,
      changes: inOrder.slice(0, mostChanges),
      more: Math.max(0, inOrder.length - mostChanges),
    },
  }
}

/** When it was healthy, since when it is as it is, and what was before. */
function timeline(
  report: Report,
  {entries, seen, baselines}: Kept,
): Pick<HistoryReport, 'lastHealthy' | 'since' | 'events'> {
  const events = entries.map(({event}) => event)
  const isSame = (event: HistoryEvent): boolean => stateOf(event) === stateOfReport(report)
  const first = events.findIndex(event => !isSame(event))
  const same = first < 0 ? events : events.slice(0, first)
  const healthy = report.status === 'ok' ? report.startedAt : (seen.ok ?? baselines.ok?.seen)
  // Some only hold a picture whose words are others.
  const told = events.filter((event, at) => {
    const before = events[at + 1]
    return event.changes.length > 0 || !before || stateOf(event) !== stateOf(before)
  })
  return {lastHealthy: healthy ?? null, since: same.at(-1)?.at ?? null, events: told}
}

/** What makes a run differ from the one before. */
function stateOf({status, rootCauses}: HistoryEvent): string {
  return stateOfReport({status, rootCauses: rootCauses.map(({check}) => check)})
}

function stateOfReport({status, rootCauses}: Pick<Report, 'status' | 'rootCauses'>): string {
  return [status, ...rootCauses.toSorted()].join(' ')
}

/** What a whole run adds: nothing but its time, where nothing is otherwise. */
function additionOf(look: Look, before: Kept, key: Key, picture: Picture | null): Addition {
  const {report, host} = look
  const now = new Date(host.now()).toISOString()
  const well = wellOf(report)
  const seen: SeenWell = well ? {...before.seen, [well]: now} : before.seen
  const last = before.entries[0]
  const kept =
    well && picture && picture.facts.size > 0 ? pictureOf(before, well, picture, key, host) : null
  const isNewState = !last || stateOf(last.event) !== stateOfReport(report)
  if (!isNewState && !kept) return {entry: null, seen}
  const event: HistoryEvent = {
    at: now,
    status: report.status,
    rootCauses: rootCausesOf(report, host),
    ...changesFor(look, before, picture),
  }
  return {entry: {event, ...(kept && {picture: kept})}, seen}
}

/** Null where the one that is kept says the same. */
function pictureOf(
  {baselines}: Kept,
  well: Well,
  picture: Picture,
  key: Key,
  {secrets}: Host,
): KeptPicture | null {
  const before = baselines[well]?.picture ?? null
  const kept = keptPicture(picture, before, key, secrets)
  return before && JSON.stringify(before) === JSON.stringify(kept) ? null : kept
}

function changesFor(
  {report, host, checks}: Look,
  before: Kept,
  picture: Picture | null,
): Pick<HistoryEvent, 'changes' | 'more'> {
  const baseline =
    report.status === 'ok' ? before.baselines.ok : baselineFor(before, report, host.now())
  if (!baseline || !picture || !before.key) return {changes: [], more: 0}
  const difference = differenceOf(baseline.picture, picture, before.key, host.secrets)
  const all = ranked(difference, report, checks)
  const isNews = ({name}: Change): boolean => !difference.restless.has(name)
  const inOrder = report.status === 'ok' ? all.filter(isNews) : all
  return {changes: inOrder.slice(0, mostKept), more: Math.max(0, inOrder.length - mostKept)}
}

/** As they may be kept: without secrets, and without the stand-ins of this run. */
function rootCausesOf(report: Report, {secrets}: Host): HistoryEvent['rootCauses'] {
  const {checks, rootCauses} = guarded(report, secrets)
  return rootCauses.flatMap(id => {
    const check = checks.find(each => each.id === id)
    const bad = check?.findings.find(({status, waived}) => status === check.status && !waived)
    return check
      ? [
          {
            check: id,
            message: (bad?.message ?? check.title).replace(/redacted-[0-9a-f]{8}/g, 'redacted'),
          },
        ]
      : []
  })
}
