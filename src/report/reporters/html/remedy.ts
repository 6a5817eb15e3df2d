import type {Risk} from '../../finding.ts'
import type {CheckReport} from '../../report.ts'
import {type Content, type Html, html} from './markup.ts'
import type {Page} from './page.ts'

type Remedy = NonNullable<CheckReport['findings'][number]['remedy']>
type Way = Omit<Remedy, 'alternatives'>

const risks = {
  safe: ['Safe', 'interrupts nothing and can be undone'],
  disruptive: ['Disruptive', 'restarts something or changes data'],
  manual: ['By hand', '--fix does not do this'],
} as const satisfies Record<Risk, readonly [string, string]>

/** What to type, what makes it last, and the other ways: all of a remedy but its summary. */
export function remedyBody(page: Page, remedy: Remedy): Content {
  return [
    wayBody(page, remedy),
    remedy.alternatives.map(
      way => html`
        <details class="other">
        <summary>Or: ${way.summary}</summary>
        ${wayBody(page, way)}
        </details>`,
    ),
  ]
}

function wayBody(page: Page, way: Way): Content {
  const [word, meaning] = risks[way.risk]
  return [html`<p class="risk"><b class="badge">${word}</b> ${meaning}</p>`, typedBlocks(page, way)]
}

function typedBlocks({assignments}: Page, {steps, nix, lasting}: Way): Content {
  const typed = steps.map(({shell}) => command(shell))
  if (lasting === null) return typed
  if (nix === null) {
    const place = lasting.file === null ? null : html`, in <code>${lasting.file}</code>`
    return [
      ...typed,
      html`<h4>${steps.length > 0 ? 'To make it last' : 'Write'}${place}</h4>`,
      lines(lasting.text),
    ]
  }
  const text = assignments.get(nix) ?? nix
  // What a rebuild is to bring about has to be written before it.
  const isRebuilt = steps.some(({argv}) => argv?.[0] === 'nixos-rebuild')
  const heading = isRebuilt ? 'In the NixOS configuration' : 'To make it last, on NixOS'
  const configuration = [
    html`<h4>${heading}${text.trim() === '' ? ': as above' : null}</h4>`,
    text.trim() === '' ? null : lines(text),
  ]
  if (!isRebuilt) return [...typed, ...configuration]
  return [...configuration, html`<h4>Then</h4>`, ...typed]
}

/** Something to type, whole and unchanged; a script puts a button for copying beside it. */
export function command(shell: string): Html {
  return html`<div class="typed command"><pre><code>${shell}</code></pre></div>`
}

/** Lines for a file. */
function lines(text: string): Html {
  return html`<div class="typed"><pre><code>${text.trimEnd()}</code></pre></div>`
}
