import type {CheckReport} from '../../report.ts'
import {standingOf} from '../../standing.ts'
import {failing, remedies} from '../cause.ts'
import {costOf} from '../open.ts'
import {countsOf, duration} from '../words.ts'
import {evidenceBlock} from './evidence.ts'
import {anchors, checkLink, enumerated} from './links.ts'
import {mark} from './marks.ts'
import {type Content, type Html, html} from './markup.ts'
import type {Page} from './page.ts'
import {remedyBody} from './remedy.ts'

/** Every check, by group, with what it found and how long that took. */
export function checkSection(page: Page): Content {
  const {checks} = page.report
  if (checks.length === 0) return null
  return html`
    <section class="card" id="checks" aria-labelledby="checks/title">
    <h2 id="checks/title">All checks</h2>
    <p class="counts">${countsOf(checks)}</p>
    ${[...Map.groupBy(checks, ({group}) => group)].map(
      ([group, members]) => html`
        <section aria-labelledby="group/${group}">
        <h3 id="group/${group}">${group} <span class="counts">${countsOf(members)}</span></h3>
        <ul class="checks">
        ${members.map(check => checkRow(page, check))}
        </ul>
        </section>`,
    )}
    </section>`
}

function checkRow(page: Page, check: CheckReport): Html {
  const {id, title, status, durationMs, findings} = check
  return html`
    <li class="check ${standingOf(check)}" id="${anchors.check(id)}">
    ${mark(status)}
    <code>${id}</code>
    <div class="found">
    <p>${title}</p>
    ${findings.map(
      ({message, waived}) => html`<p class="faint">${message}${waived && ' (waived)'}</p>`,
    )}
    ${relations(page, check)}
    ${experimentList(check)}
    ${evidenceBlock(findings)}
    ${ownRemedies(page, check)}
    </div>
    <span class="time">${status === 'skipped' ? '' : duration(durationMs)}</span>
    </li>`
}

/** What was tried, and what that cost. */
function experimentList({experiments = []}: CheckReport): Content {
  return experiments.map(
    each => html`<p class="faint">Tried: ${each.outcome} (${costOf(each)})</p>`,
  )
}

function relations({report}: Page, check: CheckReport): Content {
  const {id, causedBy, skippedBecause} = check
  const causes = enumerated(causedBy.map(checkLink))
  const needs = enumerated(skippedBecause.map(checkLink))
  return [
    report.rootCauses.includes(id)
      ? html`<p><a href="#${anchors.cause(id)}">A root cause: what to do about it</a></p>`
      : null,
    causedBy.length === 0 ? null : html`<p class="relation">Explained by ${causes}</p>`,
    skippedBecause.length === 0
      ? null
      : html`<p class="relation">Skipped: ${needs} did not pass</p>`,
  ]
}

/** What to do about a consequence, should its cause be gone and it still fail. */
function ownRemedies(page: Page, check: CheckReport): Content {
  if (check.causedBy.length === 0) return null
  return remedies(failing(check)).map(
    remedy => html`
      <details>
      <summary>If it still fails once that is repaired: ${remedy.summary}</summary>
      ${remedyBody(page, remedy)}
      </details>`,
  )
}
