import type {CheckReport} from '../../report.ts'
import {failing, failingSince, remedies} from '../cause.ts'
import {openParts} from '../open.ts'
import {capitalized, counted} from '../words.ts'
import {evidenceBlock} from './evidence.ts'
import {type Consequence, countOf} from './graph.ts'
import {anchors, checkLink, enumerated} from './links.ts'
import {mark} from './marks.ts'
import {type Content, type Html, html} from './markup.ts'
import type {Page} from './page.ts'
import {remedyBody} from './remedy.ts'
import {moment} from './times.ts'

type Finding = CheckReport['findings'][number]

/** One root cause: what was found, what to type, and what follows from it. */
export function causeCard(page: Page, check: CheckReport): Html {
  const {report, causes} = page
  const anchor = anchors.cause(check.id)
  const bad = failing(check)
  const [first, ...others] = bad
  const number = causes.indexOf(check) + 1
  const since = failingSince(check)
  return html`
    <section class="card ${check.status}" id="${anchor}" aria-labelledby="${anchor}/title">
    <p class="origin">
    ${mark(check.status)}
    ${causes.length > 1 ? html`<b>${number}</b>` : null}
    ${checkLink(check.id)}
    ${since && html`<span class="since">since ${moment(since, report.startedAt)}</span>`}
    </p>
    <h2 id="${anchor}/title">${first?.message ?? check.title}</h2>
    ${othersList(check, others)}
    ${bad.map(each => openBlock(page, each))}
    <div class="columns">
    <div class="what-to-do">
    ${remedies(bad).map(remedy => [html`<h3>${remedy.summary}</h3>`, remedyBody(page, remedy)])}
    ${evidenceBlock(bad)}
    <p class="more">Why it matters, and every remedy:
    <code>prism-doctor explain ${check.id}</code></p>
    </div>
    ${consequenceBlock(page, check)}
    </div>
    </section>`
}

/** Of what nothing explains: what was ruled out, and the last lines that were said. */
function openBlock({report}: Page, finding: Finding): Content {
  const parts = openParts(report, finding)
  if (!parts) return null
  const {ruledOut, lines} = parts
  return [
    ruledOut.length > 0
      ? html`<p>Ruled out:</p><ul>${ruledOut.map(each => html`<li>${each}</li>`)}</ul>`
      : null,
    lines.length > 0 ? html`<p>What it said last:</p><pre>${lines.join('\n')}</pre>` : null,
  ]
}

/** What else the check found wrong. */
function othersList(check: CheckReport, others: readonly Finding[]): Content {
  if (others.length === 0) return null
  return html`
    <ul class="others">
    ${others.map(({message, status}) => {
      const milder = status === check.status ? null : ` (${status})`
      return html`<li>${message}${milder}</li>`
    })}
    </ul>`
}

function consequenceBlock(page: Page, root: CheckReport): Content {
  const consequences = page.consequences.get(root.id) ?? []
  if (consequences.length === 0) return null
  const {failing, skipped} = countOf(consequences)
  const heading = [
    ...(failing > 0 ? [`explains ${counted(failing, 'more problem')}`] : []),
    ...(skipped > 0
      ? [`${counted(skipped, 'check')} ${skipped === 1 ? 'was' : 'were'} skipped`]
      : []),
  ]
  return html`
    <div class="consequences">
    <h3>${capitalized(heading.join(', and '))}</h3>
    ${branch(page, root, consequences)}
    </div>`
}

function branch(page: Page, root: CheckReport, consequences: readonly Consequence[]): Content {
  if (consequences.length === 0) return null
  return html`
    <ul class="branch" role="list">
    ${consequences.map(
      each => html`
        <li>
        <div class="node ${each.check.status}">
        ${mark(each.check.status)}
        ${checkLink(each.check.id)}
        ${said(page, root, each)}
        </div>
        ${branch(page, root, each.consequences)}
        </li>`,
    )}
    </ul>`
}

/** What several root causes explain says what it found at the first of them. */
function said({causes}: Page, root: CheckReport, {check, also}: Consequence): Content {
  const numberOf = (id: string): number => causes.findIndex(cause => cause.id === id) + 1
  const isRepeated = also.some(id => numberOf(id) < numberOf(root.id))
  const numbered = (id: string): Html => html`<a href="#${anchors.cause(id)}">${numberOf(id)}</a>`
  const [worst] = failing(check)
  return [
    also.length === 0
      ? null
      : html`<span class="also">also because of ${enumerated(also.map(numbered))}</span>`,
    worst && !isRepeated ? html`<span class="said">${worst.message}</span>` : null,
  ]
}
