import type {JournalLine} from './journal.ts'

/** A request that Django refused for its Host header. */
export interface RefusedHost {
  /** In lower case, without its port. */
  readonly name: string
  readonly line: string
}

/** The names that ALLOWED_HOSTS lacked, each with the last line that says so. */
export function refusedHosts(lines: readonly JournalLine[]): readonly RefusedHost[] {
  const found = new Map<string, string>()
  for (const {by, text} of lines) {
    const name = by === 'service' ? refusal.exec(text)?.[1] : undefined
    if (name !== undefined) found.set(name.toLowerCase(), text)
  }
  return [...found].map(([name, line]) => ({name, line}))
}

/** As django.security.DisallowedHost logs it, or as its traceback ends. */
const refusal =
  /^(?:django\.core\.exceptions\.DisallowedHost: )?Invalid HTTP_HOST header: '([^']+?)(?::\d+)?'/
