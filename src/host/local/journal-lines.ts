import type {Change, CheckId} from '../../report/finding.ts'
import type {Alteration, Attributes} from '../hands.ts'

/** Who changed what, and why: the first line of a journal. */
export interface RunHeader {
  readonly run: string
  readonly version: string
  readonly host: string
  readonly unit: string
  /** ISO 8601. */
  readonly at: string
  /** The user behind sudo, else the user id. */
  readonly by: string
}

/** How a step ended: one that was refused has altered nothing. */
export type StepEnd = 'done' | 'failed' | 'refused'

/**
 * One line of a journal. A change is its own line, a line for each entry, and `ready` when all of
 * them are written: only then is it begun. What was not touched after all, and `end`, say what
 * became of it.
 */
export type Line =
  | RunHeader
  | {
      readonly step: number
      readonly check: CheckId
      readonly shell: string
      readonly change?: Change
      bound?: string
    }
  | {
      readonly step: number
      readonly path: string
      readonly ino: number
      readonly was: Triple
      readonly to: Triple
    }
  | {readonly step: number; readonly ready: number}
  | {readonly step: number; readonly untouched: readonly string[]}
  | {readonly step: number; readonly end: StepEnd}
  | {readonly undone: string}

type Triple = readonly [uid: number, gid: number, mode: number] | null

/** The line of a text, unless it is damaged. */
export function parseLine(text: string): readonly Line[] {
  try {
    const line = JSON.parse(text) as Line | null
    return typeof line === 'object' && line !== null ? [line] : []
  } catch {
    return []
  }
}

export function lineOf(step: number, {path, ino, was, to}: Alteration): Line {
  return {step, path, ino, was: tripleOf(was), to: tripleOf(to)}
}

function tripleOf(attributes: Attributes | null): Triple {
  return attributes && [attributes.uid, attributes.gid, attributes.mode]
}

export function entryOf({
  path,
  ino,
  was,
  to,
}: {
  path: string
  ino: number
  was: Triple
  to: Triple
}): Alteration {
  return {path, ino, was: attributesOf(was), to: attributesOf(to)}
}

function attributesOf(triple: Triple): Attributes | null {
  return triple && {uid: triple[0], gid: triple[1], mode: triple[2]}
}
