/** What the stream that is written to can show. */
export interface Terminal {
  /** Columns; at least 40. */
  readonly width: number
  /** chalk's levels: none, 16, 256, 16 million. */
  readonly colours: 0 | 1 | 2 | 3
  /** Whether anything but ASCII can be shown. */
  readonly unicode: boolean
  /** Whether lines may be drawn over. */
  readonly animated: boolean
}

/** A file or a pipe. */
export const plainTerminal: Terminal = {width: 80, colours: 0, unicode: true, animated: false}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * NO_COLOR (no-color.org: present and not empty), FORCE_COLOR (as Node reads it, and stronger),
 * TERM=dumb, the locale.
 */
export function terminalOf(
  stream: {readonly isTTY?: boolean; readonly columns?: number},
  env: Environment = process.env,
): Terminal {
  const isTerminal = stream.isTTY === true
  const dumb = env.TERM === 'dumb'
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return {
    width: isTerminal && stream.columns ? Math.max(40, stream.columns) : plainTerminal.width,
    colours: forced(env.FORCE_COLOR) ?? (isTerminal && !dumb && !env.NO_COLOR ? 1 : 0),
    unicode: !dumb && /utf-?8/i.test(locale),
    animated: isTerminal && !dumb,
  }
}

function forced(value: string | undefined): Terminal['colours'] | undefined {
  if (value === undefined) return undefined
  if (value === '' || value === '1' || value === 'true') return 1
  return value === '2' ? 2 : value === '3' ? 3 : 0
}
