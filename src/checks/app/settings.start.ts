import {askDjango} from '../../facts/django/ask.ts'
import {type DjangoAnswer, shownPlace} from '../../facts/django/django.ts'
import {chainEvidence, wordsOf} from '../../facts/django/exception.ts'
import type {Target} from '../../facts/target/target.ts'
import {confinedPrograms} from '../../facts/unit/systemd.ts'
import {clock} from '../../host/clock.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {mend} from '../../remedies/remedy.ts'
import {type Experiment, type Finding, finding} from '../../report/finding.ts'
import {type Code, found} from './settings.findings.ts'
import {detailsOf, understood} from './settings.imports.ts'
import {judgeSandbox} from './settings.sandbox.ts'
import {isOfStart} from './settings.unasked.ts'

/** A part that cannot be imported, and without which the settings go on. */
export function goesOnWithout(
  target: Target,
  {module, chain}: NonNullable<DjangoAnswer['swallowed']>[number],
): Finding<'critical', Code> {
  const {file} = target.django.answer ?? {}
  const settings = file
    ? shownPlace({file, line: null}, target.workingDirectory)
    : 'the settings module'
  const cure = mend('Correct what the exception names', target.platform.code(target))
  return finding(found['import-swallowed'](settings, module, wordsOf(chain, target)), cure, {
    evidence: chainEvidence(chain),
  })
}

/** A start that was made dry. */
export interface JudgedStart {
  /** Null where it succeeds. */
  readonly failure: Finding<'critical', Code> | null
  readonly experiments: readonly Experiment[]
}

/**
 * Lets Django make the rest of a start.
 * @throws CannotLook where it could not be asked.
 */
export async function judgeStart(host: Host, target: Target): Promise<JudgedStart> {
  const programs = await confinedPrograms(host, target.unit)
  const asking = {depth: 'start', programs} as const
  const began = clock()
  const {answer, unasked} = await askDjango(host, target.unit, target.server, asking)
  const durationMs = clock() - began
  if (unasked) {
    const {walled, experiments} = isOfStart(unasked)
      ? await judgeSandbox(host, target)
      : {walled: null, experiments: []}
    if (walled) return {failure: walled, experiments}
    throw new CannotLook(`Django could not be asked all the way: ${unasked.why}`)
  }
  const whole = /^(?:entry|settings|start|urls|checks)$/
  const failure = answer?.failures.find(({stage}) => whole.test(stage))
  // What is put together by hand for the settings alone may fail where a whole start does not.
  const partly = answer?.start?.entry
    ? undefined
    : answer?.failures.find(({stage}) => stage === 'apps')
  // What only the sandbox can be blamed for; service/package looks at the programs themselves.
  const walledOff = answer?.failures.find(({stage}) => /^(?:program|temporary)$/.test(stage))
  const failed = failure ?? partly ?? walledOff
  const isOfChecks = failed?.stage === 'checks'
  const {walled, experiments} = failed
    ? await judgeSandbox(host, target, {chain: failed.chain, checks: isOfChecks})
    : {walled: null, experiments: [triedStart(target, durationMs)]}
  if (walled) return {failure: walled, experiments}
  const told = failure ?? partly
  if (!told || !answer) return {failure: systemCheck(target, answer), experiments}
  const {words, cure} = await understood(host, target, answer, told)
  const details = {...detailsOf(told.chain), experiments}
  return {failure: finding(found['start-failed'](words), cure, details), experiments}
}

function triedStart({unit}: Target, durationMs: number): Experiment {
  return {
    outcome: `a dry start as ${unit.name} would make it succeeds: its applications, its URLs, its WSGI or ASGI callable`,
    rulesOut: 'what Django itself needs to start, and its sandbox',
    runs: 1,
    durationMs,
  }
}

function systemCheck(
  target: Target,
  answer: DjangoAnswer | null,
): Finding<'critical', Code> | null {
  const [error] = (answer?.start?.checks ?? []).filter(({level}) => level >= 40)
  if (!error) return null
  const {id, message, hint, object} = error
  const cure = mend('Correct what Django says', target.platform.code(target))
  return finding(found['system-check'](object, id, message), cure, {
    evidence: hint === '' ? [] : [`HINT: ${hint}`],
  })
}
