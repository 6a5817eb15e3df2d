import {type Content, type Html, html} from './markup.ts'

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

/** "a", "a and b", "a, b and c". */
export function enumerated(items: readonly Content[]): Content {
  return items.map((item, at) => {
    const left = items.length - 1 - at
    return html`${item}${left === 0 ? null : left === 1 ? ' and' : ','}`
  })
}
