import {visible} from './escape.ts'
import type {Report} from './report.ts'
import {type Handling, reportSchema} from './schema.ts'

/** What the run knows to be secret. */
export interface Veil {
  /** Takes note of the secrets that a text tells by itself: a password in a URL, an assignment. */
  learn(text: string): void
  /** Replaces every secret that is known: one may begin in a line and end in the next. */
  redactAll(lines: readonly string[]): readonly string[]
}

/**
 * A report as it may leave this process: without secrets, and only then shortened, since nobody
 * recognises a part of a secret. What one string tells is hidden in all of them. A report that has
 * been here before stays as it is.
 */
export function guarded(report: Report, {learn, redactAll}: Veil): Report {
  eachText(report, (texts, {ours}) => {
    if (!ours) learn(texts.join('\n'))
    return texts
  })
  return eachText(report, (texts, handling) =>
    handling.ours ? texts : redactAll(texts).map(text => shortened(text, handling)),
  )
}

/** A report whose strings may be given to a terminal as they are. */
export function visibleReport(report: Report): Report {
  return eachText(report, (texts, {lines}) =>
    texts.map(text => {
      const parts = lines ? text.split('\n') : [text.replace(/(?<!\s)\s*\n\s*/g, ' ')]
      return parts.map(visible).join('\n')
    }),
  )
}

/** Changes a string, or the strings of a list, which may be lines of one text. */
type Change = (texts: readonly string[], handling: Handling) => readonly string[]

/** The same report with every text changed, each as its place in the schema says. */
function eachText(report: Report, change: Change): Report {
  return changed(report, reportSchema, change) as Report
}

/** As much of valibot's schemas as is read here. */
interface Schema {
  readonly type: string
  readonly entries?: Readonly<Record<string, Schema>>
  readonly item?: Schema
  readonly wrapped?: Schema
  readonly pipe?: readonly {readonly kind: string; readonly metadata?: Handling}[]
}

/** What the schema does not name is handled like a plain string. */
function changed(value: unknown, schema: Schema | undefined, change: Change): unknown {
  if (schema?.wrapped) return changed(value, schema.wrapped, change)
  if (typeof value === 'string') return change([value], schema ? handlingOf(schema) : {})[0]
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(item => typeof item === 'string'))
      return change(value, schema?.item ? handlingOf(schema.item) : {})
    return value.map(item => changed(item, schema?.item, change))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, item]) => [key, changed(item, schema?.entries?.[key], change)]),
  )
}

function handlingOf({type, pipe = []}: Schema): Handling {
  if (type === 'picklist' || type === 'literal') return {ours: true}
  return Object.assign({}, ...pipe.map(({metadata}) => metadata))
}

function shortened(text: string, {lines, longest}: Handling): string {
  if (longest === undefined) return text
  return (lines ? text.split('\n') : [text]).map(line => withoutMiddle(line, longest)).join('\n')
}

/** The end is kept as well: it often says where. */
function withoutMiddle(line: string, longest: number): string {
  if (line.length <= longest) return line
  const end = Math.floor(longest / 4)
  // No half of a character that takes two units.
  const from = line.slice(0, longest - end - 1).replace(/[\ud800-\udbff]$/, '')
  return `${from}…${line.slice(-end).replace(/^[\udc00-\udfff]/, '')}`
}
