import {readable, type Survey} from '../host/hands.ts'
import type {RunJournal} from '../host/local/run-journal.ts'
import type {CheckId, Step} from '../report/finding.ts'
import type {FixOptions} from './options.ts'
import type {Problem} from './progress.ts'
import type {Prospect} from './survey.ts'

/**
 * Writes one step into the journal, then makes its change or runs its program.
 * @param number The step's number in the journal.
 * @returns null when it was done, else what became of it.
 */
export async function act(
  options: FixOptions,
  journal: RunJournal,
  {planned, survey}: Prospect,
  number: number,
): Promise<Problem | null> {
  const {step, remedies} = planned
  options.consent.tell(step.shell)
  if (!survey && !step.argv) return {state: 'refused', reason: 'it has to be done by hand'}
  try {
    const check = remedies[0]?.checks[0] ?? ('' as CheckId)
    const shell = options.redact(step.shell)
    if (survey) journal.change({step: number, check, shell, survey})
    else journal.program(number, check, shell)
  } catch (error) {
    return {state: 'refused', reason: unwritten(error)}
  }
  try {
    return survey ? change(options, survey) : await run(options, step)
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    return {state: 'failed', reason: code ?? message}
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
function change({hands}: FixOptions, survey: Survey): Problem | null {
  const {left} = hands.alter(survey)
  const [first] = [...left, ...survey.refused]
  if (!first || survey.entries.length > left.length) return null
  return {state: 'refused', reason: readable(`${first.path}: ${first.why}`)}
}

async function run({hands, redact}: FixOptions, {argv}: Step): Promise<Problem | null> {
  const {exitCode, stdout, stderr} = await hands.run(argv ?? [])
  if (exitCode === 0) return null
  const said =
    redact(stderr.trim() || stdout.trim())
      .split('\n')
      .at(-1) ?? ''
  const ended = exitCode === null ? 'was killed' : `exit code ${exitCode}`
  return {state: 'failed', reason: said === '' ? ended : `${ended}: ${said}`}
}
