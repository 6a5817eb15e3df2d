import {lookBack} from '../step.ts'
import {alikeText, changedAt, changeText, toldChanges, wasThen} from './changed.ts'
import {indented, wrap, wrapped} from './layout.ts'
import type {Page} from './page.ts'
import {counted, moment, momentAgo} from './words.ts'

/** What is not as it was when all was well: the few changes that may explain what failed. */
export function changeSections(page: Page): readonly (readonly string[])[] {
  const {report, style, width, verbose} = page
  const {history, startedAt, target} = report
  const told = toldChanges(report, {all: verbose})
  if (!history) return []
  const note = history.note === null ? [] : [wrap(history.note, width - 2).map(style.faint)]
  const notes = note.map(lines => indented(lines, 2))
  if (!told || !history.comparedWith) return notes
  const {first, more, before} = told
  const since = `since it ${wasThen(history)} (${momentAgo(history.comparedWith.at, startedAt)})`
  const list = (texts: readonly string[]): readonly string[] =>
    indented(
      texts.flatMap(text => hanging(ascii(page, text), width - 4)),
      4,
    )
  const changed = list(
    first.map(alike => {
      const at = changedAt(alike[0], history, startedAt)
      return `${alikeText(alike)}${at === null ? '' : `, ${moment(at, startedAt)}`}`
    }),
  )
  const rest =
    more > 0
      ? [`    and ${counted(more, 'more change')}: ${style.command(lookBack(target.unit))}`]
      : []
  const others = list(
    before.map(({at, change}) => `${changeText(change)}, ${moment(at, startedAt)}`),
  )
  const heading = (text: string): readonly string[] =>
    indented(wrapped([{text, paint: style.strong}], width - 2), 2)
  // What all changes are named by the causes is told.
  const isSaid = first.length === 0 && history.changes.length > 0
  const sections = [
    ...(isSaid
      ? []
      : first.length > 0
        ? [...heading(`Changed ${since}`), ...changed, ...rest]
        : history.compared > 0
          ? heading(`Nothing that is compared has changed ${since}`)
          : []),
    ...(others.length > 0 ? [...heading('Before that, while nothing was wrong'), ...others] : []),
  ]
  return [...(sections.length > 0 ? [sections] : []), ...notes]
}

/** What does not fit goes on below, moved right. */
function hanging(text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(text, width - 2)
  return [first, ...indented(rest, 2)]
}

function ascii({style}: Page, text: string): string {
  return style.isUnicode ? text : text.replaceAll('→', '->').replaceAll('…', '...')
}
