import type {CheckReport} from '../../report.ts'
import {type Content, html} from './markup.ts'

type Finding = CheckReport['findings'][number]

/** What was seen, each piece as it was said. */
export function evidenceBlock(findings: readonly Finding[]): Content {
  const pieces = findings.flatMap(({evidence}) => evidence)
  if (pieces.length === 0) return null
  return html`
    <details class="evidence">
    <summary>Evidence</summary>
    <ul>
    ${pieces.map(piece => html`<li><pre>${piece}</pre></li>`)}
    </ul>
    </details>`
}
