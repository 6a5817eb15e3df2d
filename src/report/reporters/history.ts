import {visible} from '../escape.ts'
import type {HistoryEvent} from '../report.ts'
import type {Terminal} from '../terminal.ts'
import {changeText} from './changed.ts'
import {indented, wrap} from './layout.ts'
import {type Style, styleFor} from './style.ts'
import {capitalized, counted, moment, momentAgo} from './words.ts'

/** What is kept of one unit. */
export interface KeptHistory {
  readonly unit: string
  /** ISO 8601. */
  readonly lastHealthy: string | null
  /** The newest first. */
  readonly events: readonly HistoryEvent[]
}

/** So many changes of a moment are printed; --json has all that are kept. */
const most = 10

/** What runs have found of a unit, the newest first. */
export async function renderHistory(
  {unit, lastHealthy, events}: KeptHistory,
  now: string,
  terminal: Terminal,
): Promise<string> {
  const style = await styleFor(terminal)
  const width = Math.min(100, terminal.width)
  const healthy =
    lastHealthy === null
      ? 'no run has found it healthy'
      : `last healthy ${momentAgo(lastHealthy, now)}`
  const lines = [
    ...wrap(`${unit}: ${healthy}`, width).map(style.strong),
    '',
    ...events.flatMap((event, at) => eventLines(event, events[at + 1], {now, style, width})),
  ]
  return lines.map(line => `${line}\n`).join('')
}

interface Layout {
  readonly now: string
  readonly style: Style
  readonly width: number
}

function eventLines(
  {at, status, rootCauses, changes, more}: HistoryEvent,
  before: HistoryEvent | undefined,
  {now, style, width}: Layout,
): readonly string[] {
  const isBehind = before !== undefined && Date.parse(at) < Date.parse(before.at)
  const note = isBehind ? ' (later than the one below, by a clock that was set back)' : ''
  const rest = changes.length - most + more
  const text = (line: string): readonly string[] => {
    const plain = visible(line)
    return indented(wrap(style.isUnicode ? plain : plain.replaceAll('→', '->'), width - 4), 4)
  }
  return [
    style.status(status, `${style.symbol(status)} ${moment(at, now)}  ${status}${note}`),
    ...rootCauses.flatMap(({check, message}) => text(`${check}: ${message}`)),
    ...changes.slice(0, most).flatMap(change => text(changedLine(change, before, now))),
    ...(rest > 0 ? text(capitalized(counted(rest, 'more change'))) : []),
  ]
}

function changedLine(
  change: HistoryEvent['changes'][number],
  before: HistoryEvent | undefined,
  now: string,
): string {
  const {at} = change
  // A copied file keeps an old time.
  const isKnown = at !== null && (!before || Date.parse(at) >= Date.parse(before.at))
  return `${changeText(change)}${isKnown ? `, ${moment(at, now)}` : ''}`
}
