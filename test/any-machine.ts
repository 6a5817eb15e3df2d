import fc from 'fast-check'
import {checks} from '../src/checks/index.ts'
import {diagnose} from '../src/engine/diagnose.ts'
import {visibleReport} from '../src/report/boundary.ts'
import type {Report} from '../src/report/report.ts'
import {type Edits, fixture, machine} from './machine.ts'
import {nearly} from './mutation.ts'

/** Where a text stands in what a machine answered. */
interface Leaf {
  readonly kind: string
  readonly key: string
  /** Within the answer. */
  readonly path: readonly string[]
  readonly text: string
}

/** Names that our own host gives, whatever the machine says. */
const ours: ReadonlySet<string> = new Set(['kind', 'type', 'Id', 'md5', 'sha256'])

function leavesOf(name: string): readonly Leaf[] {
  return Object.entries(fixture(name).answers).flatMap(([kind, byKey]) =>
    Object.entries(byKey).flatMap(([key, recorded]) =>
      'answer' in recorded
        ? textsIn(recorded.answer, []).map(([path, text]) => ({kind, key, path, text}))
        : [],
    ),
  )
}

function textsIn(
  value: unknown,
  path: readonly string[],
): readonly (readonly [readonly string[], string])[] {
  if (typeof value === 'string') return ours.has(path.at(-1) ?? '') ? [] : [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  // Of many entries that are alike a few will do.
  return Object.entries(value)
    .slice(0, 40)
    .flatMap(([key, inner]) => textsIn(inner, [...path, key]))
}

function withText(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text
  const inner = withText((value as Readonly<Record<string, unknown>>)[key], rest, text)
  return Array.isArray(value)
    ? value.map((item, at) => (String(at) === key ? inner : item))
    : {...(value as object), [key]: inner}
}

/** Recorded machines, each of which says something else in a few places. */
export function anyMachine(name: string): fc.Arbitrary<Edits> {
  const leaves = leavesOf(name)
  const answers = fixture(name).answers as Record<string, Record<string, {answer?: unknown}>>
  const changed = fc
    .constantFrom(...leaves)
    .chain(leaf => nearly([leaf.text.slice(0, 20_000)]).map(text => ({...leaf, text})))
  return fc.array(changed, {minLength: 1, maxLength: 4}).map(changes => {
    const edits: Record<string, Record<string, unknown>> = {}
    for (const {kind, key, path, text} of changes) {
      const byKey = edits[kind] ?? {}
      edits[kind] = byKey
      byKey[key] = withText(byKey[key] ?? answers[kind]?.[key]?.answer, path, text)
    }
    return edits as Edits
  })
}

/** What is said of such a machine, as a terminal would get it. */
export async function diagnosedMachine(name: string, edits: Edits): Promise<Report> {
  const host = machine(name, edits)
  const report = await diagnose({
    host,
    hostname: 'midship',
    checks,
    settings: {unit: 'prism-django.service'},
    deadline: 60_000,
  })
  return visibleReport(report)
}
