import type {CheckReport} from '../report.ts'
import type {Painted} from './layout.ts'
import type {Page} from './page.ts'
import {cutAfter, duration, listed, repeats} from './words.ts'

type Finding = CheckReport['findings'][number]

/** What is told of a finding that nothing explains, part by part. */
export interface OpenParts {
  /** "the sandbox of x.service (the start fails in the same way without it)", the experiments first. */
  readonly ruledOut: readonly string[]
  /** What was said last and stands nowhere else. */
  readonly lines: readonly string[]
}

/** Null where something explains it. */
export function openParts(
  {checks}: Page['report'],
  {unexplained, message}: Finding,
): OpenParts | null {
  if (!unexplained) return null
  const {ruledOut, experiments, lines} = unexplained
  const passed = grouped(checks, ruledOut)
  const many = passed.length > 1 || passed.some(name => name.endsWith('/*'))
  return {
    ruledOut: [
      ...experiments.map(({rulesOut, outcome}) => `${rulesOut} (${outcome})`),
      ...(passed.length > 0 ? [`${listed(passed)}, which ${many ? 'pass' : 'passes'}`] : []),
    ],
    lines: lines.filter(line => !repeats(line, message)),
  }
}

/** The same as lines, for formats that have lines and no layout. */
export function openLines(report: Page['report'], finding: Finding): readonly string[] {
  const parts = openParts(report, finding)
  if (!parts) return []
  return [
    ...parts.ruledOut.map(each => `ruled out: ${each}`),
    ...parts.lines.map(line => `it said last: ${line}`),
  ]
}

/** The same for the screen. */
export function openTexts({report, style}: Page, findings: readonly Finding[]): readonly Painted[] {
  const faint = {paint: style.faint}
  return findings.flatMap(finding => {
    const {ruledOut = [], lines = []} = openParts(report, finding) ?? {}
    const [only, ...others] = ruledOut
    return [
      ...(others.length > 0
        ? [
            {text: 'ruled out:', ...faint},
            ...ruledOut.map(text => ({text, bullet: '- ', ...faint})),
          ]
        : only === undefined
          ? []
          : [{text: `ruled out: ${only}`, ...faint}]),
      ...(lines.length > 0 ? [{text: 'what it said last:', ...faint}] : []),
      ...lines.map(line => ({text: quote(line), bullet: '> ', ...faint})),
    ]
  })
}

/** "database/*" where all of a group are there. */
function grouped(checks: readonly CheckReport[], ids: readonly string[]): readonly string[] {
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

/** Characters of a quoted line: about two lines of an 80-column terminal. */
const longest = 140

/** A quoted line, as long as it may be. */
export function quote(line: string): string {
  return cutAfter(longest, line)
}

/** "3 runs, 1.2 s", for whoever asks what an experiment costs. */
export function costOf({
  runs,
  durationMs,
}: NonNullable<CheckReport['experiments']>[number]): string {
  return `${runs} ${runs === 1 ? 'run' : 'runs'}, ${duration(durationMs)}`
}
