/** What a front said went wrong. */
export type EventKind =
  /** A visitor sent more than the front takes: `bytes`. */
  | 'body-too-large'
  /** The application's headers do not fit into the front's buffer. */
  | 'header-too-big'
  | 'upstream-timeout'
  /** The application's process ended, or closed the connection, before it had answered. */
  | 'upstream-closed'
  /** The socket's queue was full. */
  | 'backlog-full'
  /** Every server behind the front was taken for dead. */
  | 'no-live-upstreams'
  /** TLS to the application failed: `words`. */
  | 'upstream-tls'
  /** `file` may not be opened. */
  | 'denied'
  /** There was no room left for `file`. */
  | 'no-space'
  | 'connections'
  | 'open-files'
  /** The front refused its configuration, and went on with the one before: `words`. */
  | 'refused'
  | 'worker-killed'
  /** An internal redirect that leads back to itself. */
  | 'cycle'

/** One line of an error log that tells what went wrong. */
export interface FrontEvent {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly kind: EventKind
  /** The first name of the site; null where the line has none, empty for a site without a name. */
  readonly server: string | null
  /** The name that the visitor asked for. */
  readonly host: string | null
  /** What the visitor asked for, without the query; null where the line has none. */
  readonly path: string | null
  /** Whom the front asked, as it writes it: "http://127.0.0.1:8000/". */
  readonly upstream: string | null
  /** The page that led there. */
  readonly referrer: string | null
  readonly file?: string
  readonly bytes?: number
  /** The front's own words, none of the visitor's. */
  readonly words?: string
}

/** What a line says, whoever is concerned. */
export type Recognised = Pick<FrontEvent, 'kind' | 'file' | 'bytes' | 'words'>

/** One pattern, and what its groups say. */
export type Signature = readonly [RegExp, (match: RegExpExecArray) => Recognised]

export function recognisedBy(signatures: readonly Signature[], text: string): Recognised | null {
  for (const [pattern, tell] of signatures) {
    const match = pattern.exec(text)
    if (match) return tell(match)
  }
  return null
}

/** The path of a request line or a URL, without the query. */
export function pathOf(target: string | undefined): string | null {
  const path = target === undefined ? null : target.replace(/^https?:\/\/[^/]*/, '')
  return path === null || !path.startsWith('/') ? null : path.replace(/[?#].*$/s, '')
}
