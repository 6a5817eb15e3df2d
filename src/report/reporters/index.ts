import {visibleJson} from '../escape.ts'
import type {Report} from '../report.ts'
import type {Format} from './formats.ts'
import type {RenderOptions} from './page.ts'

export async function render(report: Report, format: Format, options: RenderOptions): Promise<string> {
  if (format === 'json') return `${visibleJson(JSON.stringify(report, null, 2))}\n`
  const {renderText} = await import('./text.ts')
  return renderText(report, options)
}
