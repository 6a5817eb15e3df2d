import {type Unasked, whyUnasked} from '../../facts/django/django.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook} from '../../host/host.ts'
import {statedDirectory} from '../../host/unit.ts'
import {mend} from '../../remedies/remedy.ts'
import {type CheckId, type Finding, finding} from '../../report/finding.ts'
import {type Code, found} from './settings.findings.ts'

/** Which check looks at what systemd refuses to prepare (systemd.exec(5), "Process exit codes"). */
const ownersOfSteps: Readonly<Record<string, readonly CheckId[]>> = {
  '200/CHDIR': ['service/package', 'state/directory'],
  '216/GROUP': ['service/user'],
  '217/USER': ['service/user'],
  '226/NAMESPACE': ['state/directory'],
  '243/CREDENTIALS': ['secrets/file'],
  resources: ['secrets/file'],
}

/**
 * The process was not reached, or ended without a word: the sandbox may be the reason. What systemd
 * refuses at other steps has a check that looks at it.
 */
export function isOfStart({kind, evidence}: Unasked): boolean {
  return kind === 'died' || (kind === 'setup' && /^20[03]\//.test(evidence[0] ?? ''))
}

/** What Python says where it does not find the first module of its own library. */
const noLibrary = /No module named 'encodings'|init_?fs_?encoding/

/**
 * Django gave no answer.
 * @throws CannotLook where that says nothing about the application.
 */
export function judgeUnasked(target: Target, unasked: Unasked): Finding<'critical', Code> {
  const {kind, why, evidence} = unasked
  if (kind === 'setup') return notPrepared(target, unasked)
  const home = target.environment.get('PYTHONHOME')
  if (kind === 'died' && home !== undefined && evidence.some(line => noLibrary.test(line))) {
    const cure = mend(
      'Take PYTHONHOME out of the environment',
      target.platform.unitChange(target.unit.name),
    )
    return finding(found['other-library'](target.unit.name, home), cure, {evidence})
  }
  if (kind === 'died') {
    const cure = mend('Correct what ends the interpreter', target.platform.redeploy(target))
    return finding(found.crashed(why), cure, {evidence})
  }
  throw new CannotLook(whyUnasked(unasked), {privilege: kind === 'privilege'})
}

function notPrepared(target: Target, {why, evidence}: Unasked): Finding<'critical', Code> {
  const {unit, server, platform} = target
  const [step = '', words = ''] = evidence
  const [, said] = /: ([^:]+)$/.exec(words) ?? []
  const reason = said ? `: ${said}` : ''
  if (step === '203/EXEC') {
    const python = server.interpreter ?? 'the interpreter'
    const means = platform.redeploy(target)
    const cure = mend('Install the interpreter again, or correct the unit', means)
    return finding(found['no-interpreter'](python, unit.name, reason), cure, {
      evidence,
      because: ['service/package'],
    })
  }
  const directory = statedDirectory(unit)
  const what =
    step === '200/CHDIR' && directory !== ''
      ? `${unit.name} cannot enter WorkingDirectory=${directory}${reason} (${step})`
      : `${why}, so Django could not be asked`
  const cure = mend('Correct what systemd says about the unit', platform.unitChange(unit.name))
  const because = ownersOfSteps[step]
  return finding(found['not-prepared'](what), cure, {evidence, ...(because && {because})})
}
