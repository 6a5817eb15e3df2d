import {writeFileSync} from 'node:fs'
import type {Check} from '../src/checks/check.ts'
import {checks, layers} from '../src/checks/index.ts'
import {groupOf, type Status, symptomsOf} from '../src/report/finding.ts'
import {worst} from '../src/report/report.ts'
import {wrap} from '../src/report/reporters/layout.ts'

/** docs/checks.md: what `prism-doctor explain` says of every check, on one page. */
export function checksReference(): string {
  const groups = [...new Set(checks.map(({id}) => groupOf(id)))]
  return `${[
    '<!-- Written by `npm run docs` from the explanations in src/checks/: edit them, not this page. -->',
    '# The checks',
    paragraph(`prism-doctor asks ${checks.length} questions about a deployment. This page says what each
of them may answer; \`prism-doctor explain CHECK\` prints the same in a terminal. The code of a finding
is stable: it stands in the JSON report, and alerts may name it.`),
    paragraph(`Besides its findings, a check may be \`unknown\` (nobody could look: without root, or before
the deadline) or \`skipped\` (what it needs did not pass). *Worst* is the worst that it may find.`),
    paragraph(`A finding is a cause, or a *symptom* of something else. A symptom is explained by any check
that is as bad and stands below it, in this order from the ground up:`),
    layers.map((layer, at) => `${at + 1}. ${layer.map(({id}) => link(id)).join(', ')}`).join('\n'),
    ...groups.map(group => [`**[${group}](#${group})**`, '', ...contents(group)].join('\n')),
    ...groups.flatMap(group => [
      `## ${group}`,
      ...checks.filter(({id}) => groupOf(id) === group).flatMap(section),
    ]),
  ].join('\n\n')}\n`
}

/** Lines of at most 100 columns; none begins with what Markdown would take for a list or a heading. */
function paragraph(text: string): string {
  return wrap(text.replace(/\s+/g, ' '), 100)
    .join('\n')
    .replace(/\n(?=[-+*>#=|]|\d+[.)] )/g, ' ')
}

function contents(group: string): readonly string[] {
  const rows = checks.filter(({id}) => groupOf(id) === group)
  return ['| check | healthy | worst |', '| --- | --- | --- |'].concat(
    rows.map(check => row([link(check.id), escaped(check.title), worstOf(check)])),
  )
}

function section(check: Check): readonly string[] {
  const {id, title, explanation, needs = []} = check
  const {why, asks, findings, mistakenFor} = explanation
  const symptoms = symptomsOf(check)
  const meanings = Object.entries(findings).map(([code, {means, remedy}]) =>
    row([`\`${code}\``, escaped(means), escaped(remedy)]),
  )
  const relations = [
    `**Worst:** ${worstOf(check)}`,
    ...(needs.length > 0 ? [`**Needs:** ${needs.map(need => link(need.id)).join(', ')}`] : []),
    ...(symptoms.length > 0
      ? [`**Symptoms:** ${symptoms.map(code => `\`${code}\``).join(', ')}`]
      : []),
  ]
  return [
    `### ${id}`,
    paragraph(`**${escaped(title)}.** ${escaped(why)}`),
    paragraph(`**What is asked.** ${escaped(asks)}`),
    ['| finding | what it means | what to do |', '| --- | --- | --- |', ...meanings].join('\n'),
    paragraph(`**Look-alikes.** ${escaped(mistakenFor)}`),
    paragraph(relations.join(' · ')),
  ]
}

function worstOf({findings}: Check): Status {
  return worst(Object.values(findings).map(({status}) => status))
}

/** The check's heading on the page; anchors as GitHub makes them. */
function link(id: string): string {
  return `[${escaped(id)}](#${id.replaceAll('/', '')})`
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/**
 * Plain text as Markdown that renders as it is, in a paragraph and in a cell of a table (CommonMark
 * 2.4; GFM 4.10 for the pipe). An underscore or a number sign inside a word means nothing.
 */
export function escaped(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[\\`*[\]<>|~&$]|(?<![A-Za-z0-9])[_#]|_(?![A-Za-z0-9])/g, '\\$&')
    .replace(/^[-+=]|(?<=^\d+)[.)]/, '\\$&')
}

if (import.meta.main)
  writeFileSync(new URL('../docs/checks.md', import.meta.url), checksReference())
