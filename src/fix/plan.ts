import {layerOf} from '../checks/index.ts'
import type {Outcome} from '../engine/outcome.ts'
import type {CheckId, Finding, Remedy, Risk, Step} from '../report/finding.ts'
import {rank} from '../report/report.ts'

/** One remedy that a program can carry out, for every root cause that offers it. */
export interface PlannedRemedy {
  readonly checks: readonly CheckId[]
  readonly summary: string
  readonly risk: Exclude<Risk, 'manual'>
  readonly requires: readonly CheckId[]
  /** What names this try: nothing is tried twice. */
  readonly tries: readonly string[]
}

/** One step, in the order in which it will run, and the remedies that it belongs to. */
export interface PlannedStep {
  readonly step: Step
  readonly remedies: readonly PlannedRemedy[]
}

/**
 * What may be done about the root causes, in order: safe before disruptive, each as bad as it is, duplicates merged. What
 * starts the service comes last and once, since one of two causes repaired is not enough for it; only what stands before
 * the service comes after that.
 * @param done the tries that were offered before.
 */
export function plan(
  rootCauses: readonly CheckId[],
  outcomes: readonly Outcome[],
  unit: string,
  done: ReadonlySet<string> = new Set(),
): readonly PlannedStep[] {
  const bySteps = new Map<string, {remedy: Remedy; checks: CheckId[]}>()
  for (const id of rootCauses) {
    const findings = outcomes.find(({check}) => check.id === id)?.findings ?? []
    for (const remedy of [...findings].sort(worstFirst).flatMap(({remedy}) => remedy ?? [])) {
      const key = stepsOf(remedy)
      if (remedy.risk === 'manual' || done.has(tryOf(id, key)) || !remedy.steps.every(isRunnable)) continue
      const known = bySteps.get(key)
      if (!known) bySteps.set(key, {remedy, checks: [id]})
      else if (!known.checks.includes(id)) known.checks.push(id)
    }
  }
  const merged = new Map<string, {step: Step; remedies: PlannedRemedy[]}>()
  const risks = ['safe', 'disruptive'] as const
  for (const risk of risks) {
    for (const {remedy, checks} of bySteps.values()) {
      if (remedy.risk !== risk) continue
      const {summary, requires = []} = remedy
      const tries = checks.map(id => tryOf(id, stepsOf(remedy)))
      const planned = {checks, summary, risk, requires, tries}
      for (const step of remedy.steps) {
        const key = JSON.stringify([step.shell, step.change])
        const known = merged.get(key)
        if (known) known.remedies.push(planned)
        else merged.set(key, {step, remedies: [planned]})
      }
    }
  }
  const steps = [...merged.values()]
  const starting = steps.filter(({step}) => startsUnit(step, unit))
  const restarts = starting.some(({step}) => step.argv?.[1] === 'restart')
  // A restart starts what does not run, too.
  const starts = starting.filter(({step}) => step.argv?.[1] !== 'start' || !restarts)
  const startless = restarts ? starting.filter(step => !starts.includes(step)) : []
  const last = starts.map(each =>
    each.step.argv?.[1] === 'restart'
      ? {...each, remedies: [...new Set([...each.remedies, ...startless.flatMap(({remedies}) => remedies)])]}
      : each,
  )
  // What stands before the service, as nginx does, cannot be verified before it runs.
  const mayFollow = (id: CheckId): boolean => layerOf(id) > layerOf('service/active')
  const isBehind = ({remedies}: PlannedStep): boolean =>
    remedies.every(
      remedy =>
        remedy.risk === 'disruptive' &&
        remedy.checks.every(mayFollow) &&
        !starting.some(each => each.remedies.includes(remedy)),
    )
  const others = steps.filter(each => !starting.includes(each))
  return [...others.filter(each => !isBehind(each)), ...last.sort(resetFirst), ...others.filter(isBehind)]
}

function tryOf(check: CheckId, steps: string): string {
  return `${check} ${steps}`
}

function stepsOf(remedy: Remedy): string {
  return JSON.stringify(remedy.steps.map(({shell}) => shell))
}

function worstFirst(a: Finding, b: Finding): number {
  return rank(b.status) - rank(a.status)
}

function isRunnable({argv, change}: Step): boolean {
  return argv !== null || change !== undefined
}

function startsUnit({argv}: Step, unit: string): boolean {
  return argv?.[0] === 'systemctl' && ['start', 'restart', 'reset-failed'].includes(argv[1] ?? '') && argv[2] === unit
}

/** systemd starts nothing that has failed too often before that is forgotten. */
function resetFirst(a: PlannedStep, b: PlannedStep): number {
  const order = (step: PlannedStep): number => (step.step.argv?.[1] === 'reset-failed' ? 0 : 1)
  return order(a) - order(b)
}
