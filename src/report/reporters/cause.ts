import type {CheckReport, Report} from '../report.ts'
import {indented, type Painted, wrap, wrapped} from './layout.ts'
import {openTexts, quote} from './open.ts'
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

/** The failing checks that nothing explains, the worst first. */
export function rootsOf({checks, rootCauses}: Report): readonly CheckReport[] {
  return rootCauses.flatMap(id => checks.find(check => check.id === id) ?? [])
}

/** What is wrong, and nobody lives with. */
export function failing({findings}: CheckReport): readonly Finding[] {
  return findings.filter(
    ({status, waived}) => waived === null && (status === 'critical' || status === 'warning'),
  )
}

/** Since when the check fails: the earliest that what is wrong knows, ISO 8601. */
export function failingSince(check: CheckReport): string | null {
  const [first] = failing(check)
    .flatMap(finding => finding.since ?? [])
    .sort()
  return first ?? null
}

/** The same as a person reads it; empty where nobody knows. */
export function sinceOf(
  {report, isRecorded}: Pick<Page, 'report' | 'isRecorded'>,
  check: CheckReport,
): string {
  const first = failingSince(check)
  return first === null ? '' : since(first, report.startedAt, isRecorded)
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
  return line === undefined ? line : quote(line)
}
