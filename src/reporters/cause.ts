import type {CheckReport} from '../report.ts'
import {beside, indented, type Painted, wrap} from './layout.ts'
import type {Page} from './text.ts'
import {listed, since} from './words.ts'

type Finding = CheckReport['findings'][number]
type Remedy = NonNullable<Finding['remedy']>

/** One root cause: what was found, what it explains, what to type, where to read on. */
export function causeLines(page: Page, check: CheckReport, alone: boolean): readonly string[] {
  const {report, style, width} = page
  const bad = check.findings.filter(
    ({status, waived}) => waived === null && (status === 'critical' || status === 'warning'),
  )
  const time = alone ? '' : sinceOf(check, report.startedAt)
  const explained = report.checks.filter(({causedBy}) => causedBy.includes(check.id)).map(({id}) => id)
  const quoted = telling(bad)
  const texts: readonly Painted[] = [
    ...bad.map(({message, status}) => ({
      text: status === check.status ? message : `${message} (${status})`,
      ...(bad.length > 1 && {bullet: '- '}),
    })),
    ...(quoted === undefined ? [] : [{text: quoted, bullet: '> ', paint: style.faint}]),
    ...(time === '' ? [] : [{text: time, paint: style.faint}]),
    ...(explained.length > 0 ? [{text: `this explains ${listed(explained)}`, paint: style.faint}] : []),
  ]
  const label = {text: `  ${check.id}`, paint: style.strong}
  return [
    ...beside(label, check.id.length + 5, texts, width),
    '',
    ...remedies(bad).flatMap(remedy => remedyLines(page, remedy)),
    `  ${style.command(`prism-doctor explain ${check.id}`)}`,
  ]
}

/** Since when the check fails: the earliest that any of its findings knows. */
export function sinceOf({findings}: CheckReport, now: string): string {
  const [first] = findings
    .filter(finding => finding.status !== 'ok')
    .flatMap(finding => finding.since ?? [])
    .sort()
  return first === undefined ? '' : since(first, now)
}

/** Findings often share a remedy: each is shown once. */
function remedies(findings: readonly Finding[]): readonly Remedy[] {
  const byText = new Map(findings.flatMap(({remedy}) => (remedy ? [[JSON.stringify(remedy), remedy] as const] : [])))
  return [...byText.values()]
}

/** Commands and Nix stand as they are to be typed: never wrapped, never shortened. */
function remedyLines({style, width}: Page, {summary, steps, nix}: Remedy): readonly string[] {
  const typed = steps.flatMap(({shell}) => shell.split('\n')).map(style.command)
  const configured = nix === null ? [] : nix.trimEnd().split('\n').map(style.command)
  // What a rebuild is to bring about has to be written before it.
  const rebuilds = steps.some(({argv}) => argv?.[0] === 'nixos-rebuild')
  const lasting = [rebuilds ? '    In the NixOS configuration' : '    On NixOS, to keep it', ...indented(configured, 6)]
  return [
    ...indented(wrap(summary, width - 4), 4),
    ...(configured.length > 0 && rebuilds ? lasting : []),
    ...(configured.length > 0 && rebuilds && typed.length > 0 ? ['    Then'] : []),
    ...indented(typed, 6),
    ...(configured.length > 0 && !rebuilds ? lasting : []),
    '',
  ]
}

/** Characters of a quoted line: about two lines of an 80-column terminal. */
const longest = 140

/**
 * The one line of evidence that adds something to the messages: a sentence that a program wrote, and neither a setting
 * ("Result=exit-code") nor an error's name ("connect ECONNREFUSED 127.0.0.1:5432").
 */
function telling(findings: readonly Finding[]): string | undefined {
  const said = findings.map(({message}) => message.toLowerCase()).join('\n')
  const line = findings
    .flatMap(({evidence}) => evidence)
    .flatMap(entry => entry.trim().split('\n').at(-1) ?? [])
    .find(text => text.split(/\s+/).length > 3 && !/^\w+=/.test(text) && !said.includes(text.toLowerCase()))
  return line !== undefined && line.length > longest ? `${line.slice(0, longest)}...` : line
}
