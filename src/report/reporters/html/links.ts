import {type Html, html} from './markup.ts'

/** Where a link of the page leads: the card of a root cause, the row of a check, a section. */
export const anchors = {
  cause: (id: string): string => `cause/${id}`,
  check: (id: string): string => id,
  unknown: 'unknown',
  waived: 'waived',
} as const

/** The id of a check, which leads to its row. */
export function checkLink(id: string): Html {
  return html`<a href="#${anchors.check(id)}"><code>${id}</code></a>`
}
