import {createSecrets} from '../host/redactor.ts'
import type {HistoryEvent} from '../report/report.ts'
import type {KeptHistory} from '../report/reporters/history.ts'
import {defaultUnit} from '../report/step.ts'
import {UsageError} from '../report/usage-error.ts'
import {type Store, storeIn} from './store.ts'
import {toldEvents} from './timeline.ts'

/**
 * What is kept of a unit.
 * @param parent the directory of this tool.
 * @param wanted the unit, or the only one of which there is a history.
 * @param since ISO 8601.
 * @throws UsageError where there is none, or more than one to choose from, or it cannot be read.
 */
export function historyOf(
  parent: string,
  wanted: string | undefined,
  since: string | undefined,
): KeptHistory {
  const store = storeIn(parent)
  try {
    const unit = chosen(store, wanted)
    const {events: all, seen, baselines} = store.read(unit, Number.POSITIVE_INFINITY)
    const events = toldEvents(all).filter(
      ({at}) => since === undefined || Date.parse(at) >= Date.parse(since),
    )
    return {unit, lastHealthy: seen.ok ?? baselines.ok?.seen ?? null, events: concealed(events)}
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (typeof code !== 'string' || error instanceof UsageError) throw error
    throw new UsageError(`the history in ${parent} cannot be read: ${message}`)
  }
}

function chosen(store: Store, wanted: string | undefined): string {
  const units = store.units().toSorted()
  if (wanted !== undefined && units.includes(wanted)) return wanted
  if (wanted === undefined && units.includes(defaultUnit)) return defaultUnit
  const [only, ...others] = units
  if (wanted === undefined && only !== undefined && others.length === 0) return only
  if (wanted === undefined && only !== undefined)
    throw new UsageError(`there are histories of ${units.join(', ')}; choose one with --unit NAME`)
  const of = wanted === undefined ? '' : ` of ${wanted}`
  throw new UsageError(
    `nothing is kept${of} yet: root's runs of the whole diagnosis keep what they find; use sudo prism-doctor first`,
  )
}

/** Nobody knows the secrets of those runs any more: what the lines tell by themselves is hidden. */
function concealed(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const {learn, redact} = createSecrets()
  const texts = events.flatMap(({rootCauses, changes}) => [
    ...rootCauses.map(({message}) => message),
    ...changes.flatMap(change => [change.old ?? '', change.new ?? '']),
  ])
  learn(texts.join('\n'))
  const hide = (text: string | null): string | null => text && redact(text)
  return events.map(event => ({
    ...event,
    rootCauses: event.rootCauses.map(({check, message}) => ({check, message: redact(message)})),
    changes: event.changes.map(change => ({
      ...change,
      old: hide(change.old),
      new: hide(change.new),
    })),
  }))
}
