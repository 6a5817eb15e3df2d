import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import {entryOf, type Line, parseLine, type RunHeader, type StepEnd} from './journal-lines.ts'
import {assertOwn} from './own-directory.ts'
import type {JournalledChange} from './run-journal.ts'

/**
 * A change as it was read: its entries are those that were altered, or all that may have been where
 * the run did not get as far as to say so.
 */
export interface RecordedChange extends JournalledChange {
  /** Entries whose lines are damaged: they cannot be put back. */
  readonly lost: number
  /** Null where the run was ended in the middle of it. */
  readonly end: StepEnd | null
}

export interface RecordedProgram {
  readonly shell: string
  /** Null where the run was ended in the middle of it. */
  readonly end: StepEnd | null
}

/** A journal that was read: changes whose record is whole, for only those can have been begun. */
export interface RunRecord extends RunHeader {
  /** Those that altered something. */
  readonly changes: readonly RecordedChange[]
  readonly programs: readonly RecordedProgram[]
  /** When it was put back, ISO 8601; null where it was not. */
  readonly undone: string | null
}

/** The runs that are kept, newest first. */
export function listRuns(directory: string): readonly string[] {
  try {
    for (const path of [directory, `${directory}/runs`]) assertOwn(path)
    return readdirSync(`${directory}/runs`)
      .filter(name => /^\d{8}T\d{6}Z-[0-9a-f]{4}\.jsonl$/.test(name))
      .map(name => name.slice(0, -'.jsonl'.length))
      .sort()
      .reverse()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Null where the journal holds not even its first line. */
export function readRun(directory: string, run: string): RunRecord | null {
  assertOwn(pathOf(directory, run))
  const lines = readFileSync(pathOf(directory, run), 'utf8').split('\n').flatMap(parseLine)
  const header = lines.find(line => 'run' in line)
  if (!header) return null
  const ends = new Map(lines.flatMap(line => ('end' in line ? [[line.step, line.end]] : [])))
  return {
    ...header,
    changes: changesOf(lines, ends),
    programs: lines.flatMap(line =>
      'check' in line && !line.change
        ? [{shell: line.shell, end: ends.get(line.step) ?? null}]
        : [],
    ),
    undone: lines.findLast(line => 'undone' in line)?.undone ?? null,
  }
}

function changesOf(
  lines: readonly Line[],
  ends: ReadonlyMap<number, StepEnd>,
): readonly RecordedChange[] {
  const ready = new Map(lines.flatMap(line => ('ready' in line ? [[line.step, line.ready]] : [])))
  const entries = Map.groupBy(
    lines.filter(line => 'ino' in line),
    ({step}) => step,
  )
  const untouched = Map.groupBy(
    lines.filter(line => 'untouched' in line),
    ({step}) => step,
  )
  return lines.flatMap((line): readonly RecordedChange[] => {
    const count = 'step' in line ? ready.get(line.step) : undefined
    if (count === undefined || !('check' in line) || !line.change || line.bound === undefined)
      return []
    const {step, check, shell, change, bound} = line
    const end = ends.get(step) ?? null
    const all = entries.get(step) ?? []
    // What a run that was ended said so far is not the whole of it.
    const said = end === null ? [] : (untouched.get(step) ?? []).flatMap(each => each.untouched)
    const kept = new Set(said)
    const altered = all.filter(({path}) => !kept.has(path)).map(entryOf)
    const lost = count - all.length
    if (altered.length + lost === 0) return []
    return [{step, check, shell, end, lost, survey: {change, bound, entries: altered, refused: []}}]
  })
}

/**
 * Notes that a run was put back.
 * @throws an errno where it cannot be written.
 */
export function markUndone(directory: string, run: string, at: string): void {
  const descriptor = openSync(
    pathOf(directory, run),
    constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW,
  )
  try {
    // A run that was killed may have left half a line.
    writeSync(descriptor, `\n${JSON.stringify({undone: at})}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function pathOf(directory: string, run: string): string {
  return `${directory}/runs/${run}.jsonl`
}
