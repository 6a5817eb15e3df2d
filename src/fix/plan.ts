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
 * What may be done about the root causes, in order: safe before disruptive, each as bad as it is,
 * duplicates merged. What starts the service comes last and once, since one of two causes repaired
 * is not enough for it; only what stands before the service comes after that.
 * @param done the tries that were offered before.
 */
export function plan(
  rootCauses: readonly CheckId[],
  outcomes: readonly Outcome[],
  unit: string,
  done: ReadonlySet<string> = new Set(),
): readonly PlannedStep[] {
  const steps = stepsOf(remediesFor(rootCauses, outcomes, done))
  const starting = steps.filter(({step}) => startsUnit(step, unit))
  const others = steps.filter(each => !starting.includes(each))
  const last = others.filter(({remedies}) =>
    remedies.every(
      remedy => isForFront(remedy) && !starting.some(each => each.remedies.includes(remedy)),
    ),
  )
  return [...others.filter(each => !last.includes(each)), ...startingOnce(starting), ...last]
}

/**
 * The remedies of the root causes that a program can carry out, each once, with every cause that
 * offers it.
 */
function remediesFor(
  rootCauses: readonly CheckId[],
  outcomes: readonly Outcome[],
  done: ReadonlySet<string>,
): readonly Offered[] {
  const bySteps = new Map<string, {remedy: Remedy; checks: CheckId[]}>()
  for (const id of rootCauses) {
    const findings = outcomes.find(({check}) => check.id === id)?.findings ?? []
    for (const remedy of [...findings].sort(worstFirst).flatMap(({remedy}) => remedy ?? [])) {
      const key = keyOf(remedy)
      if (remedy.risk === 'manual' || done.has(tryOf(id, key)) || !remedy.steps.every(isRunnable))
        continue
      const known = bySteps.get(key)
      if (!known) bySteps.set(key, {remedy, checks: [id]})
      else if (!known.checks.includes(id)) known.checks.push(id)
    }
  }
  return [...bySteps.values()]
}

interface Offered {
  readonly remedy: Remedy
  readonly checks: readonly CheckId[]
}

/**
 * The steps of safe remedies, then those of disruptive ones; a step that several have is done once,
 * for all of them.
 */
function stepsOf(offered: readonly Offered[]): readonly PlannedStep[] {
  const merged = new Map<string, {step: Step; remedies: PlannedRemedy[]}>()
  for (const risk of ['safe', 'disruptive'] as const) {
    for (const {remedy, checks} of offered.filter(({remedy}) => remedy.risk === risk)) {
      const {summary, requires = []} = remedy
      const planned = {
        checks,
        summary,
        risk,
        requires,
        tries: checks.map(id => tryOf(id, keyOf(remedy))),
      }
      for (const step of remedy.steps) {
        const key = JSON.stringify([step.shell, step.change])
        const known = merged.get(key)
        if (known) known.remedies.push(planned)
        else merged.set(key, {step, remedies: [planned]})
      }
    }
  }
  return [...merged.values()]
}

/** A restart starts what does not run, too: it takes over the remedies of a plain start. */
function startingOnce(starting: readonly PlannedStep[]): readonly PlannedStep[] {
  const isA = (verb: string, {step}: PlannedStep): boolean => step.argv?.[1] === verb
  if (!starting.some(each => isA('restart', each))) return starting.toSorted(resetFirst)
  const starts = starting.filter(each => isA('start', each))
  const taken = starts.flatMap(({remedies}) => remedies)
  const others = starting.filter(each => !starts.includes(each))
  return others
    .map(each =>
      isA('restart', each) ? {...each, remedies: [...new Set([...each.remedies, ...taken])]} : each,
    )
    .sort(resetFirst)
}

/** What stands before the service, as nginx does: it cannot be verified before the service runs. */
function isForFront({risk, checks}: PlannedRemedy): boolean {
  const mayFollow = (id: CheckId): boolean => layerOf(id) > layerOf('service/active')
  return risk === 'disruptive' && checks.every(mayFollow)
}

function tryOf(check: CheckId, steps: string): string {
  return `${check} ${steps}`
}

function keyOf(remedy: Remedy): string {
  return JSON.stringify(remedy.steps.map(({shell}) => shell))
}

function worstFirst(a: Finding, b: Finding): number {
  return rank(b.status) - rank(a.status)
}

function isRunnable({argv, change}: Step): boolean {
  return argv !== null || change !== undefined
}

function startsUnit({argv}: Step, unit: string): boolean {
  return (
    argv?.[0] === 'systemctl' &&
    ['start', 'restart', 'reset-failed'].includes(argv[1] ?? '') &&
    argv[2] === unit
  )
}

/** systemd starts nothing that has failed too often before that is forgotten. */
function resetFirst(a: PlannedStep, b: PlannedStep): number {
  const order = (step: PlannedStep): number => (step.step.argv?.[1] === 'reset-failed' ? 0 : 1)
  return order(a) - order(b)
}
