import {capitalized, counted, failedVerdict} from '../words.ts'
import {anchors, enumerated} from './links.ts'
import {picture, words} from './marks.ts'
import {type Content, type Html, html} from './markup.ts'
import type {Page} from './page.ts'
import {moment} from './times.ts'

/** What is wrong, in a few words: "one thing is wrong". */
function verdictOf({report, causes}: Page): string {
  const {status, error, counts} = report
  if (error !== null) return failedVerdict
  if (status === 'ok') return 'nothing is wrong'
  if (status === 'unknown')
    return counts.ok === 0
      ? 'nothing could be looked at'
      : `nothing is known to be wrong, but ${counted(counts.unknown, 'check')} could not look`
  const worst = causes.filter(cause => cause.status === status).length
  // What explains it may be waived in part, and is milder for that.
  if (worst === 0) return status === 'critical' ? 'something is wrong' : 'something is not well'
  return status === 'critical'
    ? counted(worst, 'thing is wrong', 'things are wrong')
    : counted(worst, 'thing should be looked at', 'things should be looked at')
}

/** What a tab and a list of bookmarks show. */
export function titleOf(page: Page): string {
  const {status, host, target} = page.report
  return [
    `${words[status]}: ${verdictOf(page)}`,
    host,
    ...(target.unit === null ? [] : [target.unit]),
    ...(page.isRecorded ? ['recording'] : []),
  ].join(' · ')
}

/** The first thing that is read: how bad it is, where, and when that was looked at. */
export function verdictHeader(page: Page): Html {
  const {report, causes, isRecorded} = page
  const {status, host, target, startedAt, error} = report
  const told = isRecorded ? 'Recorded' : error === null ? 'Looked' : 'Tried'
  return html`
    <header class="verdict ${status}">
    <div class="page">
    <p class="where"><b class="badge">${words[status]}</b> <b>${host}</b> ${target.unit}</p>
    <h1>${picture(status)} <span>${capitalized(verdictOf(page))}</span></h1>
    ${besides(page)}
    <p class="when">${told} at ${moment(startedAt)}</p>
    ${isRecorded ? null : html`<p class="old" data-old="${startedAt}" hidden></p>`}
    ${causes.length < 2 ? null : causeList(page)}
    </div>
    </header>`
}

/** What else there is, and not as bad. */
function besides({report, causes}: Page): Content {
  const {status, counts} = report
  const warnings = causes.filter(cause => cause.status === 'warning').length
  const waived = report.checks.filter(check => check.waived).length
  const unseen = `${counted(counts.unknown, 'check')} could not look`
  const lived = `${counted(waived, 'check is', 'checks are')} waived`
  const parts = [
    status === 'critical' &&
      warnings > 0 &&
      counted(warnings, 'more should be looked at', 'more should be looked at'),
    status !== 'unknown' && counts.unknown > 0 && html`<a href="#${anchors.unknown}">${unseen}</a>`,
    waived > 0 && html`<a href="#${anchors.waived}">${lived}</a>`,
  ].filter(part => part !== false)
  if (parts.length === 0) return null
  return html`<p class="besides">Besides, ${enumerated(parts)}</p>`
}

function causeList({report, causes}: Page): Html {
  return html`
    <ol class="causes">
    ${causes.map(({id, status, findings, title}) => {
      const milder = status === report.status ? null : ` (${status})`
      const said = findings[0]?.message ?? title
      return html`<li><a href="#${anchors.cause(id)}">${said}</a>${milder}</li>`
    })}
    </ol>`
}

/** Why there is no report. */
export function errorSection({report}: Page): Content {
  if (report.error === null) return null
  return html`
    <section class="card unknown" aria-labelledby="error/title">
    <h2 id="error/title">What stopped it</h2>
    <p class="lines">${report.error.message}</p>
    </section>`
}
