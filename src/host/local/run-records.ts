import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import {entryOf, parseLine, type RunHeader} from './journal-lines.ts'
import {assertOwn} from './own-directory.ts'
import type {JournalledChange} from './run-journal.ts'

/** A change as it was read: entries whose lines are damaged cannot be put back. */
export interface RecordedChange extends JournalledChange {
  readonly lost: number
}

/** A journal that was read: changes whose record is whole, for only those can have been begun. */
export interface RunRecord extends RunHeader {
  readonly changes: readonly RecordedChange[]
  readonly programs: readonly string[]
  readonly undone: boolean
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
  const ready = new Map(lines.flatMap(line => ('ready' in line ? [[line.step, line.ready]] : [])))
  const entries = Map.groupBy(
    lines.filter(line => 'ino' in line),
    ({step}) => step,
  )
  const changes = lines.flatMap((line): readonly RecordedChange[] => {
    const count = 'step' in line ? ready.get(line.step) : undefined
    if (count === undefined || !('check' in line) || !line.change || line.bound === undefined)
      return []
    const {step, check, shell, change, bound} = line
    const survey = {change, bound, entries: (entries.get(step) ?? []).map(entryOf), refused: []}
    return [{step, check, shell, survey, lost: count - survey.entries.length}]
  })
  return {
    ...header,
    changes,
    programs: lines.flatMap(line => ('check' in line && !line.change ? [line.shell] : [])),
    undone: lines.some(line => 'undone' in line),
  }
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
