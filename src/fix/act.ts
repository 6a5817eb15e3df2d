import {dirname} from 'node:path'
import {Refused, readable, type Survey} from '../host/hands.ts'
import type {ExecAnswer} from '../host/host.ts'
import type {RunJournal} from '../host/local/run-journal.ts'
import type {CheckId} from '../report/finding.ts'
import type {FixOptions} from './options.ts'
import type {Problem} from './progress.ts'
import type {Prospect} from './survey.ts'
import {type Past, remember, surveyAgain} from './survey-again.ts'

/** The run that a step belongs to. */
export interface Doing {
  readonly options: FixOptions
  readonly journal: RunJournal
  readonly past: Past
}

/**
 * Writes into the journal what a step is about to do, does it, and writes down how it ended.
 * @param number The step's number in the journal.
 * @returns null when it was done, else what became of it.
 */
export async function act(
  doing: Doing,
  {planned, survey}: Prospect,
  number: number,
): Promise<Problem | null> {
  const {step, remedies} = planned
  const {options, journal, past} = doing
  const check = remedies[0]?.checks[0] ?? ('' as CheckId)
  const shell = options.redact(step.shell)
  try {
    if (step.change && survey) {
      const found = await surveyAgain(options.hands, step.change, survey, past)
      if (found.entries.length === 0) return refusedBy(refusedOf(survey, found))
      const unbegun = begin(() => journal.change({step: number, check, shell, survey: found}))
      return unbegun ?? alter(doing, found, number)
    }
    const {argv} = step
    if (!argv) return {state: 'refused', reason: 'it has to be done by hand'}
    return begin(() => journal.program(number, check, shell)) ?? (await run(doing, argv, number))
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (error instanceof Refused) return {state: 'refused', reason: readable(message)}
    return {state: 'failed', reason: code ?? message}
  }
}

/** @returns what keeps a step from being begun. */
function begin(intend: () => void): Problem | null {
  try {
    intend()
    return null
  } catch (error) {
    return {state: 'refused', reason: unwritten(error)}
  }
}

/** Why nothing is changed where the journal cannot be written. */
export function unwritten(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return `the journal of this run cannot be written (${code ?? message}), so nothing was changed`
}

/**
 * Refused only where nothing of it could be altered: what is left of the rest, the check that is
 * asked again tells.
 */
function alter(doing: Doing, survey: Survey, number: number): Problem | null {
  const {left, untouched} = doing.options.hands.alter(survey)
  remember(doing.past, survey, untouched)
  const isWhole = left.length === survey.entries.length
  const problem = isWhole ? refusedBy(left) : null
  end(doing, number, problem, untouched)
  return problem
}

/**
 * What of the entries that were shown is refused by now. What was refused from the start does not
 * count: where nothing else is left, somebody else has done the step.
 */
function refusedOf(shown: Survey, {refused}: Survey): Survey['refused'] {
  if (shown.entries.length === 0) return refused
  const paths = new Set<string>()
  // Another mount above an entry hides it.
  for (const {path} of shown.entries)
    for (let at = path; !paths.has(at); at = dirname(at)) paths.add(at)
  return refused.filter(({path}) => paths.has(path))
}

function refusedBy([first]: Survey['refused']): Problem | null {
  return first ? {state: 'refused', reason: readable(`${first.path}: ${first.why}`)} : null
}

async function run(doing: Doing, argv: readonly string[], number: number): Promise<Problem | null> {
  let problem: Problem | null = {state: 'failed', reason: 'it could not be run'}
  try {
    const {hands, redact} = doing.options
    problem = problemOf(await hands.run(argv), redact)
  } finally {
    end(doing, number, problem)
  }
  return problem
}

function problemOf(
  {exitCode, stdout, stderr}: ExecAnswer,
  redact: FixOptions['redact'],
): Problem | null {
  if (exitCode === 0) return null
  const lines = redact(stderr.trim() || stdout.trim()).split('\n')
  const said = lines.at(-1) ?? ''
  const ended = exitCode === null ? 'was killed' : `exit code ${exitCode}`
  return {state: 'failed', reason: said === '' ? ended : `${ended}: ${said}`}
}

/** Where it cannot be written, an undo examines the step, and the next one is not begun. */
function end(
  {journal}: Doing,
  number: number,
  problem: Problem | null,
  untouched?: readonly string[],
): void {
  try {
    journal.end(number, problem?.state ?? 'done', untouched)
  } catch {
    // The journal throws the same when the next step is to be written.
  }
}
