import {readable} from '../host/hands.ts'
import {restore, unrestored} from '../host/local/alter.ts'
import {takeLock} from '../host/local/lock.ts'
import {
  listRuns,
  markUndone,
  type RecordedChange,
  type RunRecord,
  readRun,
} from '../host/local/run-records.ts'
import {createSecrets} from '../host/redactor.ts'
import {visible} from '../report/escape.ts'
import {UsageError} from '../report/usage-error.ts'

/** The runs that can be put back, newest first, one or two lines each. */
export function describeRuns(directory: string): string {
  const runs = listRuns(directory).flatMap(run => describeRun(directory, run))
  if (runs.length === 0) return `No runs of --fix are recorded in ${directory}.\n`
  return runs.join('\n')
}

/** Keeps nothing but the lines: the record of a run may take hundreds of megabytes. */
function describeRun(directory: string, run: string): readonly string[] {
  const record = readRun(directory, run)
  return record ? [printed(describe(record))] : []
}

/** Nobody knows the secrets of that run any more: what the lines tell by themselves is replaced. */
function printed(lines: readonly string[]): string {
  const {learn, redactAll} = createSecrets()
  learn(lines.join('\n'))
  return `${redactAll(lines).map(visible).join('\n')}\n`
}

function describe({run, at, by, unit, ...record}: RunRecord): readonly string[] {
  const {changes, programs, undone} = record
  const back = undone === null ? '' : `, put back ${minute(undone)}`
  const nothing = changes.length + programs.length === 0
  return [
    `${run}  ${minute(at)} by ${by}, ${unit}${back}`,
    ...(nothing ? ['    changed nothing'] : []),
    ...changes.map(change => `    ${change.shell}  (${extentOf(change)})`),
    ...programs.map(
      ({shell, end}) => `    ${shell}  (${endings[end ?? 'cut off']}cannot be undone)`,
    ),
  ]
}

function extentOf({survey, lost, end}: RecordedChange): string {
  const count = survey.entries.length + lost
  const entries = `${count} ${count === 1 ? 'entry' : 'entries'}`
  return end === null ? `cut off: up to ${entries}` : entries
}

const endings = {
  done: '',
  failed: 'failed; ',
  refused: 'refused; ',
  'cut off': 'cut off; ',
} as const

/** `2026-11-23 08:00 UTC` */
function minute(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}

/**
 * Puts the changes of a run back, last first; each entry only if it still is as the run left it.
 * Then looks again.
 * @returns what to say, and whether all of it was put back.
 * @throws UsageError for a run that is not there, or was put back already.
 */
export function putBack(directory: string, run: string): {text: string; whole: boolean} {
  if (!listRuns(directory).includes(run))
    throw new UsageError(`there is no run ${JSON.stringify(run)}; \`prism-doctor undo\` lists them`)
  const release = takeLock(directory)
  try {
    const record = readRun(directory, run)
    if (!record)
      throw new UsageError(
        `the journal of ${run} holds nothing; the run ended before anything was changed`,
      )
    if (record.undone !== null)
      throw new UsageError(
        `${run} was put back already (${minute(record.undone)}), so there is nothing left to undo`,
      )
    const {lines, whole} = restored(record)
    if (whole) markUndone(directory, run, new Date().toISOString())
    return {text: printed(lines), whole}
  } finally {
    release()
  }
}

function restored({run, changes, programs}: RunRecord): {
  readonly lines: readonly string[]
  readonly whole: boolean
} {
  const undoable = changes.filter(({survey}) => survey.change.kind !== 'remove')
  const parts = undoable.toReversed().map(restoredChange)
  const lines = parts.flatMap(part => part.lines)
  const isBack = parts.every(part => part.whole)
  const different = unlike(undoable)
  const [first] = different
  if (first !== undefined)
    lines.push(`looked again: ${different.length} not as before the run, like ${readable(first)}`)
  else if (isBack && undoable.length > 0)
    lines.push('looked again: everything is as it was before the run')
  // What was removed cannot be made again.
  for (const {shell} of changes.filter(change => !undoable.includes(change)))
    lines.push(`not undone: ${shell}`)
  for (const {shell} of programs) lines.push(`not undone: ${shell}`)
  if (changes.length === 0) lines.push(`${run} changed no file`)
  return {lines, whole: isBack && different.length === 0}
}

function restoredChange({shell, survey, lost}: RecordedChange): {
  readonly lines: readonly string[]
  readonly whole: boolean
} {
  const {done, left} = restore(survey)
  const count = survey.entries.length + lost
  const before = count - lost - done - left.length
  const already = before === 0 ? '' : ` (${before} ${before === 1 ? 'is' : 'are'} so already)`
  const lines = [`put back ${done} of ${count}${already}: ${shell}`]
  for (const {path, why} of left.slice(0, 20)) lines.push(`  left ${readable(`${path}: ${why}`)}`)
  if (left.length > 20) lines.push(`  and ${left.length - 20} more`)
  if (lost > 0) lines.push(`  ${lost} more cannot be read: the journal is damaged`)
  return {lines, whole: left.length + lost === 0}
}

/**
 * What is not as it was before the run: of an entry that was altered twice, before the first time.
 */
function unlike(changes: readonly RecordedChange[]): readonly string[] {
  const seen = new Set<string>()
  return changes.flatMap(({survey}) => {
    const entries = survey.entries.filter(({path}) => !seen.has(path))
    for (const {path} of entries) seen.add(path)
    return entries.length === 0 ? [] : unrestored({...survey, entries})
  })
}
