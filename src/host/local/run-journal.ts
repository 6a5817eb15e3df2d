import {randomBytes} from 'node:crypto'
import {closeSync, constants, fsyncSync, openSync, readdirSync, readFileSync, rmSync, writeSync} from 'node:fs'
import type {Change, CheckId} from '../../report/finding.ts'
import type {Alteration, Attributes, Survey} from '../hands.ts'
import {assertOwn, ownDirectory} from './own-directory.ts'

/** Where the journals of fixes lie: root's alone. */
export const defaultDirectory = '/var/lib/prism-doctor'

/** Older journals than these are removed. */
const kept = 50

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

/** One change of a run, as it was surveyed before anything was touched. */
export interface JournalledChange {
  readonly step: number
  readonly check: CheckId
  readonly shell: string
  readonly survey: Survey
}

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

/** After one line could not be written none is, since it would end a half one: nothing more may be begun. */
export interface RunJournal {
  readonly run: string
  /**
   * Writes down what a change is about to alter. It is on the disk when this returns.
   * @throws an errno where it cannot be.
   */
  change(entry: JournalledChange): void
  /**
   * Writes down a program that is about to run.
   * @throws an errno where it cannot be.
   */
  program(step: number, check: CheckId, shell: string): void
  close(): void
}

type Line =
  | RunHeader
  | {readonly step: number; readonly check: CheckId; readonly shell: string; readonly change?: Change; bound?: string}
  | {readonly step: number; readonly path: string; readonly ino: number; readonly was: Triple; readonly to: Triple}
  | {readonly step: number; readonly ready: number}
  | {readonly undone: string}

type Triple = readonly [uid: number, gid: number, mode: number] | null

/** `20261123T080000Z-4f1c`. */
function newRun(at: string): string {
  return `${at.replace(/\.\d+/, '').replace(/[-:]/g, '')}-${randomBytes(2).toString('hex')}`
}

/**
 * Starts the journal of a run.
 * @throws an errno where it cannot be written; nothing may be changed then.
 */
export function startJournal(directory: string, header: Omit<RunHeader, 'run'>): RunJournal {
  const runs = ownDirectory(directory, 'runs')
  const run = newRun(header.at)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_NOFOLLOW
  const descriptor = openSync(`${runs}/${run}.jsonl`, flags, 0o600)
  let broken: unknown = null
  const attempt = (act: () => void): void => {
    if (broken !== null) throw broken
    try {
      act()
    } catch (error) {
      broken = error
      throw error
    }
  }
  const write = (...lines: readonly Line[]): void => {
    const bytes = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
  }
  const synced = (...lines: readonly Line[]): void => {
    write(...lines)
    fsyncSync(descriptor)
  }
  try {
    synced({run, ...header})
    syncDirectory(runs)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  prune(runs, `${run}.jsonl`)
  return {
    run,
    change: ({step, check, shell, survey}) =>
      attempt(() => {
        write({step, check, shell, change: survey.change, bound: survey.bound})
        for (let at = 0; at < survey.entries.length; at += 1000)
          write(...survey.entries.slice(at, at + 1000).map(entry => lineOf(step, entry)))
        synced({step, ready: survey.entries.length})
      }),
    program: (step, check, shell) => attempt(() => synced({step, check, shell})),
    close: () => closeSync(descriptor),
  }
}

/**
 * Notes that a run was put back.
 * @throws an errno where it cannot be written.
 */
export function markUndone(directory: string, run: string, at: string): void {
  const descriptor = openSync(pathOf(directory, run), constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW)
  try {
    // A run that was killed may have left half a line.
    writeSync(descriptor, `\n${JSON.stringify({undone: at})}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
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
  const lines = readFileSync(pathOf(directory, run), 'utf8').split('\n').flatMap(parse)
  const header = lines.find(line => 'run' in line)
  if (!header) return null
  const ready = new Map(lines.flatMap(line => ('ready' in line ? [[line.step, line.ready]] : [])))
  const entries = Map.groupBy(
    lines.filter(line => 'ino' in line),
    ({step}) => step,
  )
  const changes = lines.flatMap((line): readonly RecordedChange[] => {
    const count = 'step' in line ? ready.get(line.step) : undefined
    if (count === undefined || !('check' in line) || !line.change || line.bound === undefined) return []
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

function pathOf(directory: string, run: string): string {
  return `${directory}/runs/${run}.jsonl`
}

function parse(text: string): readonly Line[] {
  try {
    const line = JSON.parse(text) as Line | null
    return typeof line === 'object' && line !== null ? [line] : []
  } catch {
    return []
  }
}

function lineOf(step: number, {path, ino, was, to}: Alteration): Line {
  return {step, path, ino, was: tripleOf(was), to: tripleOf(to)}
}

function tripleOf(attributes: Attributes | null): Triple {
  return attributes && [attributes.uid, attributes.gid, attributes.mode]
}

function entryOf({path, ino, was, to}: {path: string; ino: number; was: Triple; to: Triple}): Alteration {
  return {path, ino, was: attributesOf(was), to: attributesOf(to)}
}

function attributesOf(triple: Triple): Attributes | null {
  return triple && {uid: triple[0], gid: triple[1], mode: triple[2]}
}

/** A new name is on the disk only when its directory is. */
function syncDirectory(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** A clock that was set back makes the newest run look like the oldest. */
function prune(runs: string, own: string): void {
  const names = readdirSync(runs).filter(name => name.endsWith('.jsonl') && name !== own)
  for (const name of names.sort().slice(0, 1 - kept)) rmSync(`${runs}/${name}`, {force: true})
}
