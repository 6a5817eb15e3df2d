import type {Status} from '../../finding.ts'
import type {FixReport} from '../../report.ts'
import {hasActed, undoing} from '../fix.ts'
import {checkLink} from './links.ts'
import {picture} from './marks.ts'
import {type Content, html} from './markup.ts'
import type {Page} from './page.ts'
import {command} from './remedy.ts'

type Outcome = FixReport['steps'][number]['outcome']

const outcomes = {
  planned: ['skipped', 'planned'],
  verified: ['ok', 'done, and it helped'],
  unneeded: ['skipped', 'no longer needed'],
  declined: ['skipped', 'declined'],
  refused: ['warning', 'refused'],
  ineffective: ['critical', 'done, and it did not help'],
  failed: ['critical', 'failed'],
} as const satisfies Record<Outcome, readonly [Status, string]>

/** What became of each step of --fix, and how it is taken back. */
export function fixSection({report}: Page): Content {
  const {fix} = report
  if (!fix || (fix.steps.length === 0 && report.status === 'ok')) return null
  return html`
    <section class="card" id="fix" aria-labelledby="fix/title">
    <h2 id="fix/title">${titleOf(fix)}</h2>
    ${
      fix.steps.length === 0
        ? null
        : html`
            <ol class="rows">
            ${fix.steps.map(({check, shell, outcome, reason}) => {
              const [status, word] = outcomes[outcome]
              return html`
                <li class="row">
                <p>${picture(status)} ${word}</p>
                <div>
                <pre><code>${shell}</code></pre>
                <p class="faint">${checkLink(check)}${reason && `: ${reason}`}</p>
                </div>
                </li>`
            })}
            </ol>`
    }
    ${undoBlock(fix)}
    </section>`
}

function titleOf(fix: FixReport): string {
  if (fix.steps.length === 0) return 'None of this can be fixed automatically'
  return hasActed(fix) ? 'What was repaired' : 'What --fix would do: nothing was changed'
}

function undoBlock(fix: FixReport): Content {
  const undo = undoing(fix)
  return undo && [html`<p>To take the safe steps back:</p>`, command(undo)]
}
