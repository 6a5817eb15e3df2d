import type {Look} from '../engine/diagnose.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import type {Change, CheckReport, Report} from '../report/report.ts'
import type {VeiledPicture} from './veil.ts'

/** The fact that says which system runs, where systems are built as a whole. */
const running = 'system/current'

/** Beginning of the facts of the migrations that a database has had. */
const migrated = 'migrated/'

/** The two systems, where another one runs now than when all was well. */
function systemsIn(
  changes: readonly Change[],
): {readonly old: string; readonly now: string; readonly change: Change} | null {
  const change = changes.find(({name}) => name === running)
  const {old = null, new: now = null} = change ?? {}
  return change && old !== null && now !== null ? {old, now, change} : null
}

/** What differs between the packages of two systems, as the system's own tool has it. */
export async function packageChanges(
  host: Host,
  target: Target | null,
  changes: readonly Change[],
): Promise<readonly Change[]> {
  const systems = systemsIn(changes)
  const generations = target?.platform.generations
  if (!systems || !generations) return []
  const packages = await generations.compare(host, systems.old, systems.now)
  return packages.map(({name, old, new: now}) => ({
    ...systems.change,
    name: `package of the system/${name}`,
    source: 'nix store diff-closures',
    kind: old === null ? 'added' : now === null ? 'removed' : 'changed',
    old,
    new: now,
  }))
}

/**
 * Offers to go back to the system of which a run said that all was well: only where that is what a
 * rollback leads to, where the failing unit is another one in it, and where the database has had no
 * migration since then.
 */
export async function withRollback(
  {host, target}: Look,
  report: Report,
  {wholes}: VeiledPicture,
): Promise<Report> {
  const {history} = report
  const systems = systemsIn(history?.changes ?? [])
  const {generations, rollback} = target?.platform ?? {}
  if (!target || !systems || !generations || !rollback) return report
  if (history?.comparedWith?.status !== 'ok') return report
  const isDatabaseSeen = wholes.some(({prefix}) => prefix === migrated)
  const isDatabaseAhead = history.changes.some(({name}) => name.startsWith(migrated))
  if (!isDatabaseSeen || isDatabaseAhead || history.more > 0) return report
  if ((await generations.previous(host)) !== systems.old) return report
  if (!(await generations.unitDiffers(host, target.unit.name, systems.old, systems.now)))
    return report
  const way = {
    summary: 'Go back to the generation with which all was well',
    risk: 'manual' as const,
    steps: [{shell: rollback.shell, argv: rollback.argv && [...rollback.argv]}],
    nix: null,
    lasting: null,
  }
  const [worst] = report.rootCauses
  return {
    ...report,
    checks: report.checks.map(check => (check.id === worst ? offering(check, way) : check)),
  }
}

type Finding = CheckReport['findings'][number]
type Way = NonNullable<Finding['remedy']>['alternatives'][number]

/** Beside what the worst finding advises, unless that is the same. */
function offering(check: CheckReport, way: Way): CheckReport {
  const [first, ...others] = check.findings
  if (!first?.remedy) return check
  const {remedy} = first
  const [typed] = way.steps
  const isThere = [remedy, ...remedy.alternatives].some(({steps}) =>
    steps.some(({shell}) => shell === typed?.shell),
  )
  if (isThere) return check
  const alternatives = [...remedy.alternatives, way]
  return {...check, findings: [{...first, remedy: {...remedy, alternatives}}, ...others]}
}
