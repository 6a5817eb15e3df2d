import {visibleJson} from '../escape.ts'
import type {Report} from '../report.ts'
import type {Terminal} from '../terminal.ts'
import type {Format} from './formats.ts'

export interface RenderOptions {
  readonly verbose: boolean
  /** True when root looked. */
  readonly privileged: boolean
  /** Where the text will be read. */
  readonly terminal: Terminal
}

export async function render(report: Report, format: Format, options: RenderOptions): Promise<string> {
  if (format === 'json') return `${visibleJson(JSON.stringify(report, null, 2))}\n`
  const {renderText} = await import('./text.ts')
  return renderText(report, options)
}
