import type {CheckReport} from '../../report.ts'
import {lookAgain} from '../../step.ts'
import {isForRoot, reasonOf} from '../unknown.ts'
import {capitalized, counted} from '../words.ts'
import {withSkipped} from './graph.ts'
import {anchors, checkLink} from './links.ts'
import {picture} from './marks.ts'
import {type Content, type Html, html} from './markup.ts'
import type {Page} from './page.ts'
import {command} from './remedy.ts'

/** What could not be looked at, by reason, with what to do about it. */
export function unknownSection(page: Page): Content {
  const {report, privileged} = page
  const unknown = report.checks.filter(({status, waived}) => status === 'unknown' && !waived)
  if (unknown.length === 0) return null
  const byReason = Map.groupBy(unknown, check =>
    isForRoot(check, privileged) ? forRoot : reasonOf(check),
  )
  const checks = counted(unknown.length, 'check')
  return html`
    <section class="card unknown" id="${anchors.unknown}" aria-labelledby="unknown/title">
    <h2 id="unknown/title">${picture('unknown')} ${capitalized(checks)} could not look</h2>
    <ul class="reasons">
    ${[...byReason].map(
      ([reason, checks]) => html`
      <li>
      ${reason === forRoot ? rootReason(page) : [html`<p>${reason}</p>`, explainLine(checks)]}
      ${idList(checks)}
      </li>`,
    )}
    </ul>
    ${skippedBlock(report.checks, unknown)}
    </section>`
}

const forRoot = Symbol('what root may see')

function explainLine([first]: readonly CheckReport[]): Content {
  return first
    ? html`<p class="more">How it is looked at: <code>prism-doctor explain ${first.id}</code></p>`
    : null
}

function rootReason({report, isRecorded}: Page): Content {
  if (isRecorded) return html`<p>Only root may look, and somebody else made the recording.</p>`
  return [html`<p>Only root may look:</p>`, command(lookAgain(report.target.unit))]
}

/** What was skipped because one of these could not look, and for no root cause. */
function skippedBlock(checks: readonly CheckReport[], unknown: readonly CheckReport[]): Content {
  const blocking = withSkipped(unknown, checks)
  const skipped = checks.filter(check => blocking.has(check.id) && !unknown.includes(check))
  if (skipped.length === 0) return null
  const count = counted(skipped.length, 'check was', 'checks were')
  return html`
    <p>${capitalized(count)} skipped because of that:</p>
    ${idList(skipped)}`
}

function idList(checks: readonly CheckReport[]): Html {
  return html`
    <ul class="ids">
    ${checks.map(({id}) => html`<li>${checkLink(id)}</li>`)}
    </ul>`
}
