import type {Status} from '../../finding.ts'
import {type Html, html} from './markup.ts'

/**
 * How each status looks: a shape of its own, since many cannot tell the colours apart, and its
 * word, which stands beside the shape or is read aloud instead of it. On a canvas of 20 × 20.
 */
const shapes = {
  critical: {
    outline: 'M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z',
    sign: 'M6.8 6.8l6.4 6.4M13.2 6.8l-6.4 6.4',
  },
  warning: {outline: 'M10 1.5 19.3 18H.7z', sign: 'M10 7.4v4.6M10 14.6v.6'},
  unknown: {
    outline: 'M10 .6 19.4 10 10 19.4.6 10z',
    sign: 'M7.7 8.2a2.3 2.3 0 1 1 3.4 2c-.8.5-1.1.9-1.1 1.7M10 14.2v.4',
  },
  ok: {outline: 'M10 1a9 9 0 1 1 0 18 9 9 0 0 1 0-18z', sign: 'M6 10.3l2.8 2.8L14.2 7.4'},
  skipped: {outline: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z', sign: 'M7 10h6'},
} as const satisfies Record<Status, {readonly outline: string; readonly sign: string}>

export const words = {
  critical: 'Critical',
  warning: 'Warning',
  unknown: 'Unknown',
  ok: 'OK',
  skipped: 'Skipped',
} as const satisfies Record<Status, string>

/** The shapes, once for the page: {@link mark} uses them. */
export function markDefinitions(): Html {
  return html`
    <svg class="shapes" aria-hidden="true">
    ${Object.entries(shapes).map(
      ([status, {outline, sign}]) =>
        html`
          <symbol id="mark-${status}" viewBox="0 0 20 20">
          <path class="outline" d="${outline}"/><path class="sign" d="${sign}"/>
          </symbol>`,
    )}
    </svg>`
}

/** The shape of a status and, for those who do not see it, its word. */
export function mark(status: Status): Html {
  return html`${picture(status)}<span class="unseen">${words[status]}: </span>`
}

/** The shape where the word stands beside it. */
export function picture(status: Status): Html {
  return html`<svg class="mark ${status}" aria-hidden="true"><use href="#mark-${status}"/></svg>`
}

const favicons = {
  critical: '#c62828',
  warning: '#f0a400',
  unknown: '#7e4fc4',
  ok: '#1e8e3e',
} as const

/** The icon of the tab: readable on a light and on a dark one. */
export function favicon(status: keyof typeof favicons): string {
  const {outline, sign} = shapes[status]
  const ink = status === 'warning' ? '#201600' : '#fff'
  const {markup} = html`
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">
    <path fill="${favicons[status]}" d="${outline}"/>
    <path fill="none" stroke="${ink}" stroke-width="2.4" stroke-linecap="round" d="${sign}"/>
    </svg>`
  return `data:image/svg+xml,${encodeURIComponent(markup)}`
}
