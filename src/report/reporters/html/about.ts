import {duration} from '../words.ts'
import {type Content, html} from './markup.ts'
import type {Page} from './page.ts'
import {moment} from './times.ts'

/** What was looked at, by what, and how long that took. */
export function aboutSection({report}: Page): Content {
  const {target, platform, tool, startedAt, durationMs} = report
  const {database} = target
  const facts: readonly (readonly [string, string | null])[] = [
    ['Unit', target.unit],
    ['User and group', joined([target.user, target.group], ':')],
    ['State directory', target.stateDirectory],
    ['Static files', target.staticRoot],
    ['Package', target.package],
    ['Working directory', target.workingDirectory],
    ['Address', target.url],
    [
      'Database',
      database && joined([database.name, joined([database.host, database.port], ':')], ' at '),
    ],
    ['Database role', database?.user ?? null],
    ['System', platform && joined([platform.id, platform.version], ' ')],
  ]
  return html`
    <footer class="page about" aria-labelledby="about/title">
    <h2 id="about/title">About this page</h2>
    <dl>
    ${facts.map(([name, value]) =>
      value === null ? null : html`<div><dt>${name}</dt> <dd>${value}</dd></div>`,
    )}
    </dl>
    <p>Written by ${tool.name} ${tool.version} on ${report.host}, ${moment(startedAt)}, in
    ${duration(durationMs)}. This page asks for nothing over the network.</p>
    </footer>`
}

function joined(parts: readonly (string | number | null)[], separator: string): string | null {
  const known = parts.filter(part => part !== null)
  return known.length === 0 ? null : known.join(separator)
}
