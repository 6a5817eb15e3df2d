import {waivedOf} from '../waived.ts'
import {capitalized, counted} from '../words.ts'
import {anchors, checkLink} from './links.ts'
import {picture} from './marks.ts'
import {type Content, html} from './markup.ts'
import type {Page} from './page.ts'

/** So many stand open: more would hide what comes below them. */
const few = 5

/** What is wrong and lived with: shown, not hidden. */
export function waivedSection({report}: Page): Content {
  const waived = report.checks.flatMap(waivedOf)
  if (waived.length === 0) return null
  const problems = counted(waived.length, 'problem')
  return html`
    <section class="card" id="${anchors.waived}" aria-labelledby="waived/title">
    <h2 id="waived/title">${picture('skipped')} ${capitalized(problems)} waived</h2>
    <details ${waived.length > few ? null : html`open`}>
    <summary>What is wrong and lived with for now</summary>
    <ul class="rows">
    ${waived.map(
      ({check, finding, waiver}) => html`
        <li class="row">
        ${checkLink(check.id)}
        <div>
        <p>${finding.message}</p>
        <p class="faint">${waiver.until && `until ${waiver.until}: `}${waiver.reason}</p>
        </div>
        </li>`,
    )}
    </ul>
    </details>
    </section>`
}
