import type {HistoryEvent, Report} from '../report/report.ts'

interface State {
  readonly status: Report['status']
  readonly rootCauses: readonly {readonly check: string}[]
}

/** What makes a run differ from the one before. */
export function stateOf({status, rootCauses}: State): string {
  return [status, ...rootCauses.map(({check}) => check).sort()].join(' ')
}

/**
 * Those of which there is something to tell: some only hold a picture that says the same in other
 * words.
 * @param events the newest first.
 */
export function toldEvents(events: readonly HistoryEvent[]): HistoryEvent[] {
  return events.filter((event, at) => {
    const before = events[at + 1]
    return event.changes.length > 0 || !before || stateOf(event) !== stateOf(before)
  })
}
