import {visibleReport} from '../boundary.ts'
import type {Report} from '../report.ts'
import type {RenderOptions} from './page.ts'

/**
 * Writes a report as text. It decides nothing: the status, the counts and the exit code are the
 * report's.
 */
export type Reporter = (report: Report, options: RenderOptions) => string | Promise<string>

/**
 * Every format of `--format`, loaded by whoever asks for it. All but JSON, which escapes by itself,
 * are given a report whose strings may be printed as they are.
 */
const reporters = {
  text: async () => (await import('./text.ts')).renderText,
  json: async () => (await import('./json.ts')).renderJson,
  html: async () => (await import('./html.ts')).renderHtml,
} as const satisfies Readonly<Record<string, () => Promise<Reporter>>>

export type Format = keyof typeof reporters

export const formats = Object.keys(reporters) as Format[]

export async function render(
  report: Report,
  format: Format,
  options: RenderOptions,
): Promise<string> {
  const reporter: Reporter = await reporters[format]()
  return reporter(format === 'json' ? report : visibleReport(report), options)
}
