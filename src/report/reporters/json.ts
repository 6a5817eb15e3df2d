import {visibleJson} from '../escape.ts'
import type {Report} from '../report.ts'

/** The report itself. */
export function renderJson(report: Report): string {
  return `${visibleJson(JSON.stringify(report, null, 2))}\n`
}
