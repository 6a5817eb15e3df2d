import * as v from 'valibot'
import type {HistoryEvent} from '../report/report.ts'
import {event} from '../report/schema.ts'

/** A fact as it is kept. */
export interface KeptFact {
  readonly name: string
  readonly source: string
  /** What may be shown of it; null for a secret. */
  readonly value: string | null
  /** Of the whole value where `value` is not all of it, with the key of the directory. */
  readonly hash: string | null
  readonly checks: readonly string[]
  /** In how many pictures, one after the other, it was another; absent for none. */
  readonly turns?: number
}

/** Beginnings of names of which every fact was seen, of those that these checks offer. */
export type Wholes = readonly {readonly prefix: string; readonly checks: readonly string[]}[]

export interface KeptPicture {
  /** Of the tool: another version may offer facts that this one did not know of. */
  readonly version: string
  /** Which key it was hashed with. */
  readonly key: string
  readonly facts: readonly KeptFact[]
  readonly wholes: Wholes
}

/**
 * There may be a thousand facts, and each line has a checksum: only what another version may have
 * written otherwise is looked at.
 */
function isPicture(read: unknown): boolean {
  const {version, key, facts, wholes} = (read ?? {}) as Partial<KeptPicture>
  return (
    typeof version === 'string' &&
    typeof key === 'string' &&
    Array.isArray(facts) &&
    facts.every(({name, value, hash, checks}: Partial<KeptFact>) => {
      const isValue = typeof value === 'string' || value === null
      const isHash = typeof hash === 'string' || hash === null
      return typeof name === 'string' && isValue && isHash && Array.isArray(checks)
    }) &&
    Array.isArray(wholes) &&
    wholes.every(({prefix, checks}) => typeof prefix === 'string' && Array.isArray(checks))
  )
}

const entry = v.object({event, picture: v.exactOptional(v.custom<KeptPicture>(isPicture))})

/**
 * Whether a fact is another in every picture, as a key that the settings make anew at each import:
 * that it is not what it was says nothing.
 */
export function isRestless({turns = 0}: KeptFact): boolean {
  return turns >= 3
}

/** One line of a history. */
export type Entry = v.InferOutput<typeof entry>

/** How the machine was when all was well, or when there were only warnings. */
export interface Baseline {
  readonly event: HistoryEvent
  readonly picture: KeptPicture
  /** When a run last found it so, ISO 8601. */
  readonly seen: string
}

/** With what status a picture is kept. */
export type Well = 'ok' | 'warning'

/** Null for a line that another version of this program wrote in another way. */
export function parseEntry(line: string): Entry | null {
  const read = v.safeParse(entry, jsonOf(line))
  return read.success ? read.output : null
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** Whether a line holds a picture, without reading all of it. */
export function holdsPicture(line: string): boolean {
  return line.includes('"picture":{')
}

/** When a run last found the machine well, by status. */
const seen = v.object({ok: v.nullable(v.string()), warning: v.nullable(v.string())})

export type SeenWell = Readonly<Record<Well, string | null>>

export function parseSeen(line: string | undefined): SeenWell {
  const read = v.safeParse(seen, jsonOf(line ?? ''))
  return read.success ? read.output : {ok: null, warning: null}
}
