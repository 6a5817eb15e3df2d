import {visibleReport} from '../boundary.ts'
import type {Report} from '../report.ts'
import type {RenderOptions} from './page.ts'

/**
 * Writes a report as text. It decides nothing: the status, the counts and the exit code are the
 * report's.
 */
export type Reporter = (report: Report, options: RenderOptions) => string | Promise<string>

/** The mode of a file that root writes. */
const modes = {
  /** A report says much about a host: root and its group read it. */
  private: 0o640,
  /** Read by a service of another user: node_exporter, a web server. */
  public: 0o644,
} as const

interface Row {
  /** Of a file that is written in this format. */
  readonly mode: number
  /** Loads the reporter, for whoever asks for the format. */
  readonly load: () => Promise<Reporter>
}

/**
 * Every format of `--format` and `--output`. All but JSON, which escapes by itself, are given a
 * report whose strings may be printed as they are.
 */
const reporters = {
  text: {mode: modes.private, load: async () => (await import('./text.ts')).renderText},
  json: {mode: modes.private, load: async () => (await import('./json.ts')).renderJson},
  nagios: {mode: modes.private, load: async () => (await import('./nagios.ts')).renderNagios},
  prometheus: {
    mode: modes.public,
    load: async () => (await import('./prometheus.ts')).renderPrometheus,
  },
  junit: {mode: modes.private, load: async () => (await import('./junit.ts')).renderJunit},
  tap: {mode: modes.private, load: async () => (await import('./tap.ts')).renderTap},
  html: {mode: modes.public, load: async () => (await import('./html.ts')).renderHtml},
} as const satisfies Readonly<Record<string, Row>>

export type Format = keyof typeof reporters

export const formats = Object.keys(reporters) as Format[]

export function isFormat(word: string): word is Format {
  return Object.hasOwn(reporters, word)
}

/** The mode of a file in this format. */
export function modeOf(format: Format): number {
  return reporters[format].mode
}

export async function render(
  report: Report,
  format: Format,
  options: RenderOptions,
): Promise<string> {
  const reporter: Reporter = await reporters[format].load()
  return reporter(format === 'json' ? report : visibleReport(report), options)
}
