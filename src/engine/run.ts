import type {Check, Context} from '../checks/check.ts'
import type {Target} from '../facts/target/target.ts'
import {CannotLook, type Host, NotRecorded, NotStated} from '../host/host.ts'
import type {CheckId, Finding} from '../report/finding.ts'
import {worst} from '../report/report.ts'
import {clock} from './clock.ts'
import type {Outcome} from './outcome.ts'

/** The check that owns what Django says of itself. */
export const factsId: CheckId = 'app/settings'

/** Checks that run, and what they are handed. */
export interface Running {
  readonly outcomes: ReadonlyMap<Check, Promise<Outcome>>
  readonly asked: Asked
}

/**
 * Every check starts at once and awaits its needs: memoized promises stand where a scheduler would.
 * A need that was left out is asked all the same when somebody wants its result, and is not
 * reported.
 */
export function runChecks(
  host: Host,
  target: Promise<Target>,
  checks: readonly Check[],
  late: Promise<never>,
): Running {
  const outcomes = new Map<Check, Promise<Outcome>>()
  const outcomeOf = (check: Check): Promise<Outcome> => {
    const known = outcomes.get(check)
    if (known) return known
    const outcome = runOne(check)
    outcomes.set(check, outcome)
    return outcome
  }
  const resultOf: Context['resultOf'] = async need => {
    const {result, findings} = await outcomeOf(need)
    if (result !== undefined) return result as never
    throw new CannotLook(
      `${need.id} did not tell what it found: ${findings[0]?.message ?? 'it was not asked'}`,
    )
  }
  const asked: Asked = {host, target, resultOf}
  const runOne = async (check: Check): Promise<Outcome> => {
    const blocking = (await Promise.all(needsOf(check, checks).map(outcomeOf))).filter(blocks)
    if (blocking.length > 0) {
      const skippedBecause = blocking.map(need => need.check.id)
      return {check, status: 'skipped', findings: [], skippedBecause, durationMs: 0}
    }
    const start = clock()
    const answer = await answerOf(check, asked, late)
    if (answer instanceof NotStated) return withoutFacts(check, answer, clock() - start)
    const {findings, result} = answer
    const status = worst(findings.map(finding => finding.status))
    return {check, status, findings, result, skippedBecause: [], durationMs: clock() - start}
  }
  /**
   * A fact that nobody stated: where Django fails to state it, that is the reason, and nothing was
   * looked at in vain.
   */
  const withoutFacts = async (
    check: Check,
    {message, privilege}: NotStated,
    durationMs: number,
  ): Promise<Outcome> => {
    const facts = checks.find(({id}) => id === factsId)
    const owner = facts && facts !== check ? await outcomeOf(facts) : null
    if (owner?.status === 'critical')
      return {check, status: 'skipped', findings: [], skippedBecause: [factsId], durationMs}
    return {
      check,
      status: 'unknown',
      findings: [unknown(privilege ? 'privilege' : 'not-stated', message, [])],
      skippedBecause: [],
      durationMs,
    }
  }
  return {outcomes: new Map(checks.map(check => [check, outcomeOf(check)])), asked}
}

/** What must pass before: of a need that was left out, what that needs. */
function needsOf({needs = []}: Check, selected: readonly Check[]): readonly Check[] {
  return [
    ...new Set(needs.flatMap(need => (selected.includes(need) ? [need] : needsOf(need, selected)))),
  ]
}

/**
 * While a need is critical, unknown, or for such a reason skipped, what needs it cannot be judged.
 */
function blocks({status, skippedBecause}: Outcome): boolean {
  return (
    status === 'critical' ||
    status === 'unknown' ||
    (status === 'skipped' && skippedBecause.length > 0)
  )
}

/** What a check is handed; the target is still being looked for. */
export interface Asked extends Omit<Context, 'target'> {
  readonly target: Promise<Target>
}

interface Answer {
  readonly findings: readonly Finding[]
  readonly result?: unknown
}

async function answerOf(
  check: Check,
  asked: Asked,
  late: Promise<never>,
): Promise<Answer | NotStated> {
  const look = async (): Promise<Answer> => {
    const said = await check.run({...asked, target: await asked.target})
    if ('findings' in said) return said
    return {findings: 'code' in said ? [said] : said}
  }
  const none = (code: string, message: string, evidence: readonly string[] = []): Answer => ({
    findings: [unknown(code, message, evidence)],
  })
  try {
    const answer = await Promise.race([look(), late])
    return answer.findings.length > 0
      ? answer
      : none('nothing', 'the check looked and said nothing: a bug in the check')
  } catch (error) {
    if (error instanceof NotStated) return error
    if (error instanceof CannotLook)
      return none(error.privilege ? 'privilege' : 'not-looked', error.message)
    if (error instanceof NotRecorded) return none('not-looked', error.message)
    // A bug in one check must not take the other answers with it.
    const evidence =
      error instanceof Error && process.env.DEBUG ? [error.stack ?? error.message] : []
    return none(
      'crashed',
      `this check failed: ${error instanceof Error ? error.message : String(error)}`,
      evidence,
    )
  }
}

function unknown(code: string, message: string, evidence: readonly string[]): Finding<'unknown'> {
  return {code, status: 'unknown', message, since: null, evidence, remedy: null}
}
