import type {Change, HistoryEvent} from '../../report.ts'
import {alikeText, changedAt, changeText, toldChanges, wasThen} from '../changed.ts'
import {counted} from '../words.ts'
import {checkLink, enumerated} from './links.ts'
import {mark} from './marks.ts'
import {type Content, type Html, html} from './markup.ts'
import type {Page} from './page.ts'
import {moment} from './times.ts'

/** What is not as it was when all was well. */
export function changeSection({report}: Page): Content {
  const {history, startedAt} = report
  const told = toldChanges(report)
  if (!told || !history?.comparedWith) return null
  const {first, before} = told
  const shown = first.flat()
  const rest = history.changes.filter(change => !shown.includes(change))
  const then = moment(history.comparedWith.at, startedAt)
  const isSame = history.changes.length === 0
  if (isSame && history.compared === 0) return null
  const more = rest.length + history.more
  const row = (change: Change, text = changeText(change)): Html =>
    changeRow(change, text, changedAt(change, history, startedAt))
  return html`
    <section class="card" id="changes" aria-labelledby="changes/title">
    <h2 id="changes/title">${isSame ? 'Nothing that is compared has changed' : 'Changed'} since it
    ${wasThen(history)}, ${then}</h2>
    ${list(first.map(alike => row(alike[0], alikeText(alike))))}
    ${
      more === 0
        ? null
        : html`
          <details>
          <summary>${counted(more, 'more change')}</summary>
          ${list(rest.map(change => row(change)))}
          </details>`
    }
    ${
      before.length === 0
        ? null
        : [
            html`<h3>Before that, while nothing was wrong</h3>`,
            list(before.map(({at, change}) => changeRow(change, changeText(change), at))),
          ]
    }
    </section>`

  function changeRow(change: Change, text: string, at: string | null): Html {
    return html`
      <li>
      <p>${text}</p>
      <p class="faint">${change.source}${at && html`, ${moment(at, startedAt)}`}
      ${owners(change)}</p>
      </li>`
  }

  /** The checks that a change matters to, of those that are on the page. */
  function owners({checks}: Change): Content {
    const known = report.checks.map(({id}) => id).filter(id => checks.includes(id))
    return known.length === 0 ? null : html`for ${enumerated(known.map(checkLink))}`
  }
}

function list(rows: readonly Html[]): Content {
  return rows.length === 0 ? null : html`<ul class="evidence">${rows}</ul>`
}

/** So many moments stand open. */
const few = 5

/** How it was before, the newest first. */
export function timelineSection({report}: Page): Content {
  const {history, startedAt} = report
  if (!history || history.events.length === 0) return null
  const {events, note, lastHealthy} = history
  const healthy =
    report.status === 'ok' || lastHealthy === null
      ? null
      : html`<p class="faint">Last seen healthy: ${moment(lastHealthy, startedAt)}</p>`
  return html`
    <section class="card" id="history" aria-labelledby="history/title">
    <h2 id="history/title">What runs have found</h2>
    ${healthy}
    ${note === null ? null : html`<p class="faint">${note}</p>`}
    <ol class="rows">${events.slice(0, few).map(row)}</ol>
    ${
      events.length <= few
        ? null
        : html`
          <details>
          <summary>${counted(events.length - few, 'earlier moment')}</summary>
          <ol class="rows">${events.slice(few).map(row)}</ol>
          </details>`
    }
    </section>`

  function row({at, status, rootCauses, changes, more}: HistoryEvent): Html {
    const count = changes.length + more
    return html`
      <li class="row">
      <p>${mark(status)} ${moment(at, startedAt)}</p>
      <div>
      ${
        rootCauses.length === 0
          ? html`<p>${found[status]}</p>`
          : rootCauses.map(({check, message}) => html`<p><code>${check}</code> ${message}</p>`)
      }
      ${changes.slice(0, few).map(change => html`<p class="faint">${changeText(change)}</p>`)}
      ${count > few ? html`<p class="faint">and ${counted(count - few, 'more change')}</p>` : null}
      </div>
      </li>`
  }
}

/** Where no root cause says it. */
const found = {
  ok: 'Nothing was wrong',
  warning: 'There were warnings',
  critical: 'Something was wrong',
  unknown: 'Some checks could not look',
} as const
