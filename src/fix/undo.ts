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
  const runs = listRuns(directory).flatMap(run => readRun(directory, run) ?? [])
  if (runs.length === 0) return `No fix is journalled in ${directory}.\n`
  return runs.map(run => printed(describe(run))).join('\n')
}

/** Nobody knows the secrets of that run any more: what the lines tell by themselves is replaced. */
function printed(lines: readonly string[]): string {
  const {learn, redactAll} = createSecrets()
  learn(lines.join('\n'))
  return `${redactAll(lines).map(visible).join('\n')}\n`
}

function describe({run, at, by, unit, changes, programs, undone}: RunRecord): readonly string[] {
  return [
    `${run}  ${at.slice(0, 16).replace('T', ' ')} UTC by ${by}, ${unit}${undone ? ', put back' : ''}`,
    ...changes.map(({shell, survey}) => `    ${shell}  (${survey.entries.length} entries)`),
    ...programs.map(shell => `    ${shell}  (cannot be undone)`),
  ]
}

/**
 * Puts the changes of a run back, last first; each entry only if it still is as the run left it.
 * Then looks again.
 * @returns what to say, and whether all of it was put back.
 * @throws UsageError for a run that is not there.
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
    if (record.undone) throw new UsageError(`${run} is put back already`)
    const lines: string[] = []
    let whole = true
    for (const {shell, survey, lost} of [...record.changes].reverse()) {
      const {done, left} = restore(survey)
      lines.push(`put back ${done} of ${survey.entries.length + lost}: ${shell}`)
      for (const {path, why} of left.slice(0, 20))
        lines.push(`  left ${readable(`${path}: ${why}`)}`)
      if (left.length > 20) lines.push(`  and ${left.length - 20} more`)
      if (lost > 0) lines.push(`  ${lost} more cannot be read: the journal is damaged`)
      whole &&= left.length + lost === 0
    }
    const different = unlike(record.changes)
    const [first] = different
    if (first !== undefined)
      lines.push(`looked again: ${different.length} not as before the run, like ${readable(first)}`)
    else if (whole && record.changes.length > 0)
      lines.push('looked again: everything is as it was before the run')
    whole &&= different.length === 0
    for (const shell of record.programs) lines.push(`not undone: ${shell}`)
    if (record.changes.length === 0) lines.push(`${run} changed no file`)
    if (whole) markUndone(directory, run, new Date().toISOString())
    return {text: printed(lines), whole}
  } finally {
    release()
  }
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
