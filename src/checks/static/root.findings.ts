import {whereVariable} from '../../facts/django/variables.ts'
import type {StaticRoot} from '../../facts/static/static-files.ts'
import type {Target} from '../../facts/target/target.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  milder,
  type Remedy,
  type Verdict,
} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {explanation} from './root.explanation.ts'

export const found = findingsOf(explanation, {
  missing: cause('critical', (unit: string, variable: string, used: string | null) =>
    used === null
      ? `${unit} sets ${variable} to nothing`
      : `${unit} does not set ${variable}, so it uses ${used}, which it cannot write to`,
  ),
  relative: cause(
    'critical',
    (shown: string, directory: string) =>
      `${shown} is not an absolute path: it is looked up in ${directory}`,
  ),
  'in-store': cause(
    'critical',
    (shown: string) => `${shown} lies in the read-only store, and nothing was collected there`,
  ),
  ignored: cause(
    'critical',
    (stated: string, path: string) =>
      `STATIC_ROOT=${stated} is set and ignored: the settings say ${path}`,
  ),
  'not-writable': cause(
    'critical',
    (unit: string, shown: string, why: string) => `${unit} cannot write to ${shown}: ${why}`,
  ),
  'restart-needed': cause(
    'warning',
    (unit: string, stated: string, has: string) =>
      `${unit} says ${stated}, but its running process has ${has}`,
  ),
})

export type Code = CodeOf<typeof found>

export type Known = Extract<StaticRoot, {kind: 'known'}>

/** @param used what the settings fall back to; null where the variable is empty. */
export function missing(
  target: Target,
  variable: string,
  used: string | null,
  evidence: string,
): Verdict<Code> {
  const said = found.missing(target.unit.name, variable, used)
  return finding(said, setRoot(target), {evidence: [evidence]})
}

export function relative(target: Target, shown: string): Verdict<Code> {
  const directory = target.workingDirectory || 'the working directory'
  return finding(found.relative(shown, directory), setRoot(target))
}

export function inStore(target: Target, shown: string): Verdict<Code> {
  return finding(found['in-store'](shown), setRoot(target))
}

export function notWritable(
  {unit, platform}: Target,
  path: string,
  shown: string,
  why: string,
): Verdict<Code> {
  const cure = mend(
    'Let the unit write there, or move STATIC_ROOT into the state directory',
    platform.unitSetting(unit.name, {ReadWritePaths: [path]}),
  )
  const settings = ['ProtectSystem', 'ReadWritePaths', 'StateDirectory']
  return finding(found['not-writable'](unit.name, shown, why), cure, {
    evidence: settings.map(name => `${name}=${unit.get(name)}`),
  })
}

/** @param works whether the path of the settings does as well. */
export function ignored(
  target: Target,
  {path, source}: Known,
  stated: string,
  works: boolean,
): Verdict<Code> {
  const file = target.django.answer?.places.STATIC_ROOT?.file ?? 'settings.py'
  const code = target.platform.code(target, {
    file: 'prism/settings.py',
    from: "STATIC_ROOT = BASE_DIR / 'staticfiles'",
    to: "STATIC_ROOT = config('STATIC_ROOT', default=BASE_DIR / 'staticfiles')",
  })
  const cure = mend('Make the settings read STATIC_ROOT', code, {
    first: [byHand('grep', '-n', 'STATIC_ROOT', file)],
  })
  const said = found.ignored(stated, path)
  return finding(works ? milder(said) : said, cure, {
    evidence: [`${source}; the settings do not look for STATIC_ROOT in the environment`],
  })
}

export function restartNeeded(target: Target, variable: string, path: string): Verdict<Code> {
  const has = target.running?.get(variable)
  const said = found['restart-needed'](
    target.unit.name,
    `${variable}=${path}`,
    has ? `${variable}=${has}` : 'none',
  )
  const summary = 'Restart the service with the environment of its unit'
  return finding(said, remedy(summary, 'disruptive', [restart(target)]))
}

/** Said anew where it is said now: in a variable, or in the settings themselves. */
function setRoot(target: Target): Remedy {
  const variable = whereVariable(target, 'STATIC_ROOT')?.variable
  const where = variable ? `${variable} in the unit` : 'STATIC_ROOT in the settings'
  return mend(`Set ${where}`, settingMeans(target, 'STATIC_ROOT', proposed(target)))
}

/** Where static files belong: in the state directory. */
function proposed({stateDirectory, unit}: Target): string {
  const directory = stateDirectory ?? `/var/lib/${unit.name.replace(/\.service$/, '')}`
  return `${directory}/staticfiles`
}
