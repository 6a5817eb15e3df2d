import type {Check, Context} from '../checks/check.ts'
import type {Target} from '../facts/target/target.ts'
import {asFarAsRecorded} from '../host/as-recorded.ts'
import {clock} from '../host/clock.ts'
import {CannotLook, type Host, NotRecorded, NotStated} from '../host/host.ts'
import type {CheckId, Finding} from '../report/finding.ts'
import {worst} from '../report/report.ts'
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
    const status = worst(answer.findings.map(finding => finding.status))
    return {check, status, ...answer, skippedBecause: [], durationMs: clock() - start}
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
function blocks({status, skippedBecause, mayPass}: Outcome): boolean {
  return (
    status === 'critical' ||
    (status === 'unknown' && mayPass !== true) ||
    (status === 'skipped' && skippedBecause.length > 0)
  )
}

/** What a check is handed; the target is still being looked for. */
export interface Asked extends Omit<Context, 'target'> {
  readonly target: Promise<Target>
}

type Answer = Pick<Outcome, 'findings' | 'result' | 'mayPass'>

async function answerOf(
  check: Check,
  asked: Asked,
  late: Promise<never>,
): Promise<Answer | NotStated> {
  const look = async (host: Host, target: Target): Promise<Answer> => {
    const said = await check.run({...asked, host, target})
    if ('findings' in said) return said
    return {findings: 'code' in said ? [said] : said}
  }
  const none = (code: string, message: string, evidence: readonly string[] = []): Answer => ({
    findings: [unknown(code, message, evidence)],
  })
  try {
    const looked = asked.target.then(target => look(asked.host, target))
    const answer = await Promise.race([looked, late])
    return answer.findings.length > 0
      ? answer
      : none('nothing', 'the check looked and said nothing: a bug in the check')
  } catch (error) {
    if (error instanceof NotStated) return error
    if (error instanceof CannotLook)
      return none(error.privilege ? 'privilege' : 'not-looked', error.message)
    if (error instanceof NotRecorded) {
      const unasked = none('not-looked', error.message)
      return withoutAsking(asked, look, unasked)
    }
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

/**
 * What is wrong by what an old recording does hold: a question that is new takes no fault away. That
 * nothing is wrong cannot be known so; it keeps no other check from being judged.
 */
async function withoutAsking(
  {host, target}: Asked,
  look: (host: Host, target: Target) => Promise<Answer>,
  unasked: Answer,
): Promise<Answer> {
  const missed = new Set<string>()
  const lenient = asFarAsRecorded(host, message => missed.add(message))
  try {
    // Another object: what is remembered by the target is remembered as not recorded.
    const {findings, result} = await look(lenient, {...(await target)})
    const bad = findings.filter(({status}) => status === 'critical' || status === 'warning')
    if (bad.length === 0) return {...unasked, result, mayPass: true}
    const noted = bad.map(each => ({...each, evidence: [...each.evidence, ...missed]}))
    return {findings: noted, result}
  } catch (error) {
    return {...unasked, mayPass: error instanceof CannotLook}
  }
}

function unknown(code: string, message: string, evidence: readonly string[]): Finding<'unknown'> {
  return {code, status: 'unknown', message, since: null, evidence, remedy: null}
}
