import {randomBytes} from 'node:crypto'
import {closeSync, constants, fsyncSync, openSync, readdirSync, rmSync} from 'node:fs'
import type {CheckId} from '../../report/finding.ts'
import type {Survey} from '../hands.ts'
import {syncDirectory, writeAll} from './durable.ts'
import {type Line, lineOf, type RunHeader, type StepEnd} from './journal-lines.ts'
import {ownDirectory} from './own-directory.ts'

/** Where the journals of fixes lie: root's alone. */
export const defaultDirectory = '/var/lib/prism-doctor'

/** Older journals than these are removed. */
const kept = 50

/** One change of a run, as it was surveyed before anything was touched. */
export interface JournalledChange {
  readonly step: number
  readonly check: CheckId
  readonly shell: string
  readonly survey: Survey
}

/** After one line could not be written none is: nothing more may be begun. */
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
  /**
   * Writes down how a step ended. Until then an undo examines everything that the step was about
   * to alter.
   * @param untouched Paths of the change to which nothing was done.
   * @throws an errno where it cannot be.
   */
  end(step: number, end: StepEnd, untouched?: readonly string[]): void
  close(): void
}

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
  const file = createLines(`${runs}/${run}.jsonl`)
  try {
    file.write({run, ...header})
    file.sync()
    syncDirectory(runs)
  } catch (error) {
    file.close()
    throw error
  }
  prune(runs, `${run}.jsonl`)
  return {
    run,
    change({step, check, shell, survey}) {
      file.write({step, check, shell, change: survey.change, bound: survey.bound})
      for (let at = 0; at < survey.entries.length; at += atOnce)
        file.write(...survey.entries.slice(at, at + atOnce).map(entry => lineOf(step, entry)))
      file.write({step, ready: survey.entries.length})
      file.sync()
    },
    program(step, check, shell) {
      file.write({step, check, shell})
      file.sync()
    },
    end(step, end, untouched = []) {
      for (let at = 0; at < untouched.length; at += atOnce)
        file.write({step, untouched: untouched.slice(at, at + atOnce)})
      file.write({step, end})
      file.sync()
    },
    close: file.close,
  }
}

/** So many entries are written at once. */
const atOnce = 1000

interface Lines {
  write(...lines: readonly Line[]): void
  /** What was written is on the disk when this returns. */
  sync(): void
  close(): void
}

/** A new file of lines. After one could not be written none is: it would end a half one. */
function createLines(path: string): Lines {
  const flags =
    constants.O_WRONLY |
    constants.O_CREAT |
    constants.O_EXCL |
    constants.O_APPEND |
    constants.O_NOFOLLOW
  const descriptor = openSync(path, flags, 0o600)
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
  return {
    write: (...lines) =>
      attempt(() => writeAll(descriptor, lines.map(line => `${JSON.stringify(line)}\n`).join(''))),
    sync: () => attempt(() => fsyncSync(descriptor)),
    close: () => closeSync(descriptor),
  }
}

/** A clock that was set back makes the newest run look like the oldest. */
function prune(runs: string, own: string): void {
  const names = readdirSync(runs).filter(name => name.endsWith('.jsonl') && name !== own)
  for (const name of names.sort().slice(0, 1 - kept)) rmSync(`${runs}/${name}`, {force: true})
}
