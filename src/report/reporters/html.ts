import {createHash} from 'node:crypto'
import type {Report} from '../report.ts'
import {merged} from './assignments.ts'
import {failing, remedies, rootsOf} from './cause.ts'
import {hasActed} from './fix.ts'
import {aboutSection} from './html/about.ts'
import {causeCard} from './html/cause.ts'
import {changeSection, timelineSection} from './html/changes.ts'
import {checkSection} from './html/checks.ts'
import {fixSection} from './html/fix.ts'
import {consequencesOf} from './html/graph.ts'
import {favicon, markDefinitions} from './html/marks.ts'
import {html, trusted} from './html/markup.ts'
import {metricSection} from './html/metrics.ts'
import type {Page} from './html/page.ts'
import {script} from './html/script.ts'
import {styles} from './html/styles.ts'
import {unknownSection} from './html/unknown.ts'
import {errorSection, titleOf, verdictHeader} from './html/verdict.ts'
import {waivedSection} from './html/waived.ts'
import type {RenderOptions} from './page.ts'

/**
 * One page that needs nothing but itself: the verdict, what to type, and all that was seen. It
 * reads well without its script, on a phone and on paper.
 */
export function renderHtml(
  report: Report,
  {privileged, isRecorded = false}: Pick<RenderOptions, 'privileged' | 'isRecorded'>,
): string {
  const causes = rootsOf(report)
  const ways = causes
    .flatMap(check => remedies(failing(check)))
    .flatMap(remedy => [remedy, ...remedy.alternatives])
  const page: Page = {
    report,
    privileged,
    isRecorded,
    causes,
    consequences: consequencesOf(report),
    assignments: merged(ways.flatMap(({nix}) => nix ?? [])),
  }
  const acted = hasActed(report.fix)
  const {markup} = html`
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>${titleOf(page)}</title>
    <link rel="icon" href="${favicon(report.status)}">
    <style>${trusted(styles)}</style>
    </head>
    <body>
    ${markDefinitions()}
    ${verdictHeader(page)}
    <main class="page">
    ${errorSection(page)}
    ${acted ? fixSection(page) : null}
    ${causes.map(check => causeCard(page, check))}
    ${changeSection(page)}
    ${unknownSection(page)}
    ${waivedSection(page)}
    ${acted ? null : fixSection(page)}
    ${checkSection(page)}
    ${metricSection(page)}
    ${timelineSection(page)}
    </main>
    ${aboutSection(page)}
    <script>${trusted(script)}</script>
    </body>
    </html>`
  return `${markup}\n`
}

/**
 * The page asks nobody for anything, and runs no script but its own: whatever is written into a
 * report, by whomever, stays text.
 */
const policy = [
  "default-src 'none'",
  `style-src ${hashOf(styles)}`,
  `script-src ${hashOf(script)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** As a Content-Security-Policy names a text of the page. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
