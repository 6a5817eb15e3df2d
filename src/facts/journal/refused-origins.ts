import type {JournalLine} from './journal.ts'

/** Forms that Django refused for where they were sent from. */
export interface RefusedOrigin {
  /** "https://shop.example", without what was between a user and a host. */
  readonly origin: string
  /** In lower case, without its port. */
  readonly name: string
  readonly count: number
  readonly line: string
}

/**
 * The origins that Django did not trust. A form without a cookie or a token tells of no origin, and
 * is what scanners send.
 */
export function refusedOrigins(lines: readonly JournalLine[]): readonly RefusedOrigin[] {
  const found = new Map<string, RefusedOrigin>()
  for (const {by, text} of lines) {
    const [, scheme, host = ''] = (by === 'service' && refusal.exec(text)) || []
    if (scheme === undefined) continue
    const origin = `${scheme}://${host}`.toLowerCase()
    const name = host.toLowerCase().replace(/:\d+$/, '')
    found.set(origin, {origin, name, count: (found.get(origin)?.count ?? 0) + 1, line: text})
  }
  return [...found.values()]
}

/** As django.security.csrf logs it (django/middleware/csrf.py), with the path at its end. */
const refusal =
  /^(?:\S.*? )?Forbidden \((?:Origin|Referer) checking failed - (https?):\/\/([\w.-]+(?::\d+)?)(?:\/\S*)? does not match any trusted origins\.\): \/\S*$/
