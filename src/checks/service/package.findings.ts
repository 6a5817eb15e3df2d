import {firstFew} from '../../facts/files/tree.ts'
import {type Named, type Unusable, windowsEnds} from '../../facts/program/unusable.ts'
import type {Target} from '../../facts/target/target.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart, restartDue, restartWithEnvironment} from '../../remedies/service.ts'
import {type CodeOf, cause, finding, findingsOf, type Verdict} from '../../report/finding.ts'
import {run} from '../../report/step.ts'
import {explanation} from './package.explanation.ts'

function names(unit: string, {property, path, why}: Unusable): string {
  return `${property}= of ${unit} names ${path}, which ${why}`
}

export const found = findingsOf(explanation, {
  missing: cause('critical', names),
  'not-executable': cause('critical', names),
  'reload-unusable': cause(
    'warning',
    (unit: string, unusable: Unusable) =>
      `${names(unit, unusable)}: "systemctl reload" fails, and the service keeps what it runs`,
  ),
  'old-package': cause(
    'warning',
    (old: string, named: string | null) => `the process still runs ${old}; the unit names ${named}`,
  ),
  'running-gone': cause(
    'critical',
    (old: string) => `the process runs from ${old}, which is no longer in the store`,
  ),
  'old-environment': cause(
    'warning',
    (differing: readonly string[]) =>
      `the environment of the process is not the one that the unit has now: ${firstFew(differing)}`,
  ),
  'other-system': cause(
    'warning',
    (loaded: string | null, meant: string) =>
      `systemd has loaded ${loaded}, but the current system has ${meant}`,
  ),
})

export type Code = CodeOf<typeof found>

/** @param paths of the store that are gone; null for none. */
export function gone(target: Target, paths: readonly Named[]): Verdict<Code> | null {
  const [first] = paths
  if (!first) return null
  const cure = mend('Deploy it again', target.platform.redeploy(target), {after: [restart(target)]})
  return finding(found.missing(target.unit.name, {...first, why: 'is not in the store'}), cure, {
    evidence: paths.map(({property, path}) => `${property}= ${path}`),
  })
}

/** A program of the store. */
export function broken(target: Target, unusable: Unusable): Verdict<Code> {
  const {application} = target.platform
  const cure = mend(
    `Correct the name in the unit or the ${application}`,
    target.platform.code(target),
    {
      after: [restart(target)],
    },
  )
  return finding(found['not-executable'](target.unit.name, unusable), cure)
}

/** What only a reload needs. */
export function notReloadable(target: Target, unusable: Unusable): Verdict<Code> {
  const means = target.platform.unitChange(target.unit.name)
  const cure = mend('Correct ExecReload= of the unit', means)
  return finding(found['reload-unusable'](target.unit.name, unusable), cure)
}

/** A program outside of the store, or the working directory. */
export function absent(target: Target, unusable: Unusable): Verdict<Code> {
  if (unusable.why === windowsEnds) return unconverted(target, unusable)
  const say = unusable.property === 'WorkingDirectory' ? found.missing : found['not-executable']
  const means = target.platform.redeploy(target)
  const cure = mend('Put it back, or correct the unit', means, {after: [restart(target)]})
  return finding(say(target.unit.name, unusable), cure)
}

/** A script that an editor of Windows has saved. */
function unconverted(target: Target, unusable: Unusable): Verdict<Code> {
  const steps = [run('sed', '-i', 's/\\r$//', unusable.path), restart(target)]
  const cure = remedy('Give it the line ends of Unix, then restart the service', 'manual', steps)
  return finding(found['not-executable'](target.unit.name, unusable), cure)
}

/** @param isGone from the store, so that the process cannot read the rest of it. */
export function oldPackage(target: Target, old: string, isGone: boolean): Verdict<Code> {
  const {unit, package: store} = target
  const evidence = [`MainPID=${unit.get('MainPID')} ${old}`, `unit ${store}`]
  const said = isGone ? found['running-gone'](old) : found['old-package'](old, store)
  return finding(said, restartDue(target), {evidence})
}

/** @param differing names of variables. */
export function oldEnvironment(target: Target, differing: readonly string[]): Verdict<Code> {
  return finding(found['old-environment'](differing), restartWithEnvironment(target), {
    evidence: differing.map(name => `${name} differs`),
  })
}

export function otherSystem(target: Target, meant: string): Verdict<Code> {
  const cure = mend('Switch to the system that you want', target.platform.code(target), {
    whole: true,
  })
  return finding(found['other-system'](target.package, meant), cure)
}
