import {visibleReport} from '../boundary.ts'
import type {Report} from '../report.ts'
import type {Format} from './formats.ts'
import {renderJson} from './json.ts'
import type {RenderOptions} from './page.ts'

/** JSON escapes by itself; every other format is given a report that it may write as it is. */
export async function render(report: Report, format: Format, options: RenderOptions): Promise<string> {
  if (format === 'json') return renderJson(report)
  const {renderText} = await import('./text.ts')
  return renderText(visibleReport(report), options)
}
