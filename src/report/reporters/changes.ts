import {lookBack} from '../step.ts'
import {alikeText, changedAt, changeText, toldChanges, wasThen} from './changed.ts'
import {indented, wrap, wrapped} from './layout.ts'
import type {Page} from './page.ts'
import {counted, moment, momentAgo} from './words.ts'

/** What is not as it was when all was well: the few changes that may explain what failed. */
export function changeSections(page: Page): readonly (readonly string[])[] {
  const {report, style, width} = page
  const note = report.history?.note
  const changed = changedLines(page)
  return [
    ...(changed.length > 0 ? [changed] : []),
    ...(note ? [indented(wrap(note, width - 2).map(style.faint), 2)] : []),
  ]
}

function changedLines(page: Page): readonly string[] {
  const {report, style, verbose} = page
  const {history, startedAt, target} = report
  const told = toldChanges(report, {all: verbose})
  if (!told || !history?.comparedWith) return []
  const {first, more, before} = told
  const since = `since it ${wasThen(history)} (${momentAgo(history.comparedWith.at, startedAt)})`
  const timed = (text: string, at: string | null): string =>
    at === null ? text : `${text}, ${moment(at, startedAt)}`
  const isSame = history.changes.length === 0 && history.compared > 0
  return [
    ...(isSame ? heading(page, `Nothing that is compared has changed ${since}`) : []),
    // None are left where the causes name all of them.
    ...(first.length > 0 ? heading(page, `Changed ${since}`) : []),
    ...list(
      page,
      first.map(alike => timed(alikeText(alike), changedAt(alike[0], history, startedAt))),
    ),
    ...(more > 0 && first.length > 0
      ? [`    and ${counted(more, 'more change')}: ${style.command(lookBack(target.unit))}`]
      : []),
    ...(before.length > 0 ? heading(page, 'Before that, while nothing was wrong') : []),
    ...list(
      page,
      before.map(({at, change}) => timed(changeText(change), at)),
    ),
  ]
}

function heading({style, width}: Page, text: string): readonly string[] {
  return indented(wrapped([{text, paint: style.strong}], width - 2), 2)
}

function list(page: Page, texts: readonly string[]): readonly string[] {
  return indented(
    texts.flatMap(text => hanging(ascii(page, text), page.width - 4)),
    4,
  )
}

/** What does not fit goes on below, moved right. */
function hanging(text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(text, width - 2)
  return [first, ...indented(rest, 2)]
}

function ascii({style}: Page, text: string): string {
  return style.isUnicode ? text : text.replaceAll('→', '->').replaceAll('…', '...')
}
