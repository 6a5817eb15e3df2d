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
function isPicture(read: unknown): read is KeptPicture {
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

/**
 * Whether a fact is another in every picture, as a key that the settings make anew at each import:
 * that it is not what it was says nothing.
 */
export function isRestless({turns = 0}: KeptFact): boolean {
  return turns >= 3
}

/** What a run adds to a history. */
export interface Entry {
  readonly event: HistoryEvent
  readonly picture?: KeptPicture
}

/** How the machine was when all was well, or when there were only warnings. */
export interface Baseline {
  readonly event: HistoryEvent
  /** Parsed where it is asked for; null where another version of this program wrote it otherwise. */
  readonly picture: () => KeptPicture | null
  /** When a run last found it so, ISO 8601. */
  readonly seen: string
}

/** With what status a picture is kept. */
export type Well = 'ok' | 'warning'

/** Between an event and its picture: JSON has none. */
const tab = '\t'

/** One line: the event, and behind it the picture, which only few readers want. */
export function lineOf({event, picture}: Entry): string {
  return [event, ...(picture ? [picture] : [])].map(part => JSON.stringify(part)).join(tab)
}

/** Null for a line that another version of this program wrote in another way. */
export function eventOf(line: string): HistoryEvent | null {
  const read = v.safeParse(event, jsonOf(withoutPicture(line)))
  return read.success ? read.output : null
}

export function pictureOf(line: string): KeptPicture | null {
  const read = holdsPicture(line) ? jsonOf(line.slice(line.indexOf(tab) + 1)) : null
  return isPicture(read) ? read : null
}

export function holdsPicture(line: string): boolean {
  return line.includes(tab)
}

export function withoutPicture(line: string): string {
  return holdsPicture(line) ? line.slice(0, line.indexOf(tab)) : line
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

const seen = v.object({
  ok: v.nullable(v.string()),
  warning: v.nullable(v.string()),
  mark: v.exactOptional(v.string()),
})

/** When a run last found the machine well, by status, ISO 8601. */
export interface SeenWell extends Readonly<Record<Well, string | null>> {
  /**
   * A keyed hash of the last picture of the healthy machine as it was asked, and of when the one
   * that is kept was: while it is the same, nobody has to compare a thousand facts.
   */
  readonly mark?: string
}

export function parseSeen(line: string | undefined): SeenWell {
  const read = v.safeParse(seen, jsonOf(line ?? ''))
  return read.success ? read.output : {ok: null, warning: null}
}
