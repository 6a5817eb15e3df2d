import type {CheckReport} from '../report.ts'
import {indented, type Painted, wrap, wrapped} from './layout.ts'
import type {Page} from './page.ts'
import {listed, repeats, since} from './words.ts'

type Finding = CheckReport['findings'][number]
type Remedy = NonNullable<Finding['remedy']>
type Way = Omit<Remedy, 'alternatives'>

/**
 * One root cause: what was found, what it explains, what to type, where to read on.
 * @param number where there are several.
 */
export function causeLines(page: Page, check: CheckReport, number?: number): readonly string[] {
  const {report, style} = page
  const bad = failing(check)
  const quoted = telling(bad)
  const time = number === undefined ? '' : sinceOf(page, check)
  const explained = report.checks
    .filter(({causedBy}) => causedBy.includes(check.id))
    .map(({id}) => id)
  const texts: readonly Painted[] = [
    ...bad.map(({message, status}) => ({
      text: status === check.status ? message : `${message} (${status})`,
      paint: style.strong,
      ...(bad.length > 1 && {bullet: '- '}),
    })),
    ...openTexts(page, bad),
    ...(quoted === undefined || bad.some(({unexplained}) => unexplained)
      ? []
      : [{text: quoted, bullet: '> ', paint: style.faint}]),
    ...(time === '' ? [] : [{text: time, paint: style.faint}]),
    ...(explained.length > 0
      ? [{text: `this explains ${listed(explained)}`, paint: style.faint}]
      : []),
  ]
  const label = number === undefined ? '' : `${number}. `
  const width = page.width - 2 - label.length
  const [first = '', ...rest] = [
    ...wrapped(texts, width),
    '',
    ...remedies(bad).flatMap(remedy => remedyLines({...page, width}, remedy)),
    `More: ${style.command(`prism-doctor explain ${check.id}`)}`,
  ]
  return [`  ${label}${first}`, ...indented(rest, 2 + label.length)]
}

/** Of what nothing explains: what was ruled out, and the last lines that were said. */
function openTexts({report, style}: Page, findings: readonly Finding[]): readonly Painted[] {
  return findings.flatMap(({unexplained, message}) => {
    if (!unexplained) return []
    const {ruledOut} = unexplained
    const lines = unexplained.lines.filter(line => !repeats(line, message))
    return [
      ...(ruledOut.length > 0
        ? [{text: `ruled out: ${listed(grouped(report, ruledOut))}`, paint: style.faint}]
        : []),
      ...(lines.length > 0 ? [{text: 'what it said last:', paint: style.faint}] : []),
      ...lines.map(line => ({text: cut(line), bullet: '> ', paint: style.faint})),
    ]
  })
}

/** "database/*" where all of a group are there. */
export function grouped({checks}: Page['report'], ids: readonly string[]): readonly string[] {
  const byGroup = Map.groupBy(
    checks.filter(({id}) => ids.includes(id)),
    ({group}) => group,
  )
  return [...byGroup].flatMap(([group, some]) =>
    some.length > 1 && some.length === checks.filter(check => check.group === group).length
      ? [`${group}/*`]
      : some.map(({id}) => id),
  )
}

/** What is wrong, and nobody lives with. */
export function failing({findings}: CheckReport): readonly Finding[] {
  return findings.filter(
    ({status, waived}) => waived === null && (status === 'critical' || status === 'warning'),
  )
}

/** Since when the check fails: the earliest that any of its findings knows. */
export function sinceOf(
  {report, isRecorded}: Pick<Page, 'report' | 'isRecorded'>,
  {findings}: CheckReport,
): string {
  const [first] = findings
    .filter(finding => finding.status !== 'ok')
    .flatMap(finding => finding.since ?? [])
    .sort()
  return first === undefined ? '' : since(first, report.startedAt, isRecorded)
}

/** Findings often share a remedy: each is shown once. */
export function remedies(findings: readonly Finding[]): readonly Remedy[] {
  const byText = new Map(
    findings.flatMap(({remedy}) => (remedy ? [[JSON.stringify(remedy), remedy] as const] : [])),
  )
  return [...byText.values()]
}

/** Commands and lines stand as they are to be typed: never wrapped, never shortened. */
function remedyLines(page: Page, remedy: Remedy): readonly string[] {
  const others = remedy.alternatives.flatMap(other => [
    ...wrap(`Or: ${other.summary}`, page.width),
    ...wayLines(page, other),
  ])
  return [...wrap(remedy.summary, page.width), ...wayLines(page, remedy), ...others]
}

function wayLines({style, assignments}: Page, {steps, nix, lasting}: Way): readonly string[] {
  const typed = (some: Way['steps']): readonly string[] =>
    indented(some.flatMap(({shell}) => shell.split('\n')).map(style.command), 2)
  if (lasting === null) return typed(steps)
  const text = nix === null ? lasting.text : assignments.get(nix)
  const lines = indented((text ?? '').trimEnd().split('\n').filter(Boolean).map(style.command), 2)
  if (nix === null) {
    const where = lasting.file === null ? '' : `, in ${lasting.file}`
    return [...typed(steps), `To keep it${where}`, ...lines]
  }
  const above = lines.length === 0 ? ', as above' : ''
  // What a rebuild is to bring about has to be written before it.
  const rebuild = steps.findIndex(({argv}) => argv?.[0] === 'nixos-rebuild')
  if (rebuild < 0) return [...typed(steps), `On NixOS, to keep it${above}`, ...lines]
  return [
    ...typed(steps.slice(0, rebuild)),
    `In the NixOS configuration${above}`,
    ...lines,
    'Then',
    ...typed(steps.slice(rebuild)),
  ]
}

/** Characters of a quoted line: about two lines of an 80-column terminal. */
const longest = 140

/**
 * The one line of evidence that adds something to the messages: a sentence that a program wrote,
 * and neither a setting ("Result=exit-code") nor an error's name ("connect ECONNREFUSED
 * 127.0.0.1:5432").
 */
function telling(findings: readonly Finding[]): string | undefined {
  const said = findings.map(({message}) => message).join(' ')
  const line = findings
    .flatMap(({evidence}) => evidence)
    .flatMap(entry => entry.trim().split('\n').at(-1) ?? [])
    .find(text => text.split(/\s+/).length > 3 && !/^\w+=/.test(text) && !repeats(text, said, 0.5))
  return line === undefined ? line : cut(line)
}

function cut(line: string): string {
  return line.length > longest ? `${line.slice(0, longest)}...` : line
}
