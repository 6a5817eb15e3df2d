import type {Check} from '../checks/check.ts'
import type {Change, CheckReport, Report} from '../report/report.ts'
import type {Difference} from './difference.ts'

/**
 * Changes in the order in which they may explain what failed: those of what a root cause names,
 * then those that it looks at, then those that its needs look at, then the same of what else fails.
 * That another unit failed comes behind what else may have made it fail. What is another at every
 * look comes last.
 */
export function ranked(
  {changes, restless}: Pick<Difference, 'changes' | 'restless'>,
  report: Pick<Report, 'checks' | 'rootCauses'>,
  checks: readonly Check[],
): readonly Change[] {
  const roots = report.rootCauses
  const needed = needsOf(roots, checks)
  const failing = report.checks
    .filter(({status}) => status === 'critical' || status === 'warning' || status === 'skipped')
    .map(({id}) => id)
  const alsoNeeded = needsOf(failing, checks)
  const said = report.checks
    .filter(({id}) => roots.includes(id))
    .map(saidBy)
    .join('\n')
  const tierOf = (change: Change): number => {
    const {name, checks: owners} = change
    if (restless.has(name)) return 5
    return nearnessOf(owners) + (isEffect(change) ? 0.5 : 0)
  }
  const nearnessOf = (owners: Change['checks']): number => {
    if (owners.some(id => roots.includes(id))) return 0
    if (owners.some(id => needed.has(id))) return 1
    if (owners.some(id => failing.includes(id))) return 2
    return owners.some(id => alsoNeeded.has(id)) ? 3 : 4
  }
  return changes
    .map(change => ({
      change,
      mentioned: restless.has(change.name) || isEffect(change) ? 0 : mentions(said, change),
      tier: tierOf(change),
    }))
    .sort(
      (a, b) =>
        Number(b.mentioned === 2) - Number(a.mentioned === 2) ||
        a.tier - b.tier ||
        b.mentioned - a.mentioned ||
        timeOf(b.change) - timeOf(a.change) ||
        (a.change.name < b.change.name ? -1 : 1),
    )
    .map(({change}) => change)
}

/** One that somebody stopped is inactive. */
function isEffect({name, new: now}: Change): boolean {
  return (
    /^dependency\/.+\/state$/.test(name) && /^(?:failed|activating|deactivating)$/.test(now ?? '')
  )
}

/** Of the changes those that a root cause names, or that it or what it needs looks at. */
export function touching(
  changes: readonly Change[],
  root: CheckReport,
  checks: readonly Check[],
): readonly Change[] {
  const needed = needsOf([root.id], checks)
  const said = saidBy(root)
  const isNear = (id: string): boolean => id === root.id || needed.has(id)
  return changes.filter(change => change.checks.some(isNear) || mentions(said, change) === 2)
}

/** What checks need, near and far. */
function needsOf(ids: readonly string[], checks: readonly Check[]): ReadonlySet<string> {
  const found = new Set<string>()
  const add = ({needs = []}: Check): void => {
    for (const need of needs) {
      if (found.has(need.id)) continue
      found.add(need.id)
      add(need)
    }
  }
  for (const check of checks) if (ids.includes(check.id)) add(check)
  return found
}

function saidBy({findings}: CheckReport): string {
  return findings
    .filter(({status}) => status !== 'ok')
    .flatMap(({message, evidence, remedy, unexplained}) => [
      message,
      ...evidence,
      ...(unexplained?.lines ?? []),
      ...(remedy?.steps ?? []).map(({shell}) => shell),
      remedy?.lasting?.text ?? '',
    ])
    .join('\n')
}

/** 2 where the thing itself is named, 1 where its value is, 0 where neither is. */
function mentions(said: string, change: Change): number {
  if (wordsOf(change).some(word => isNamed(said, word))) return 2
  return [change.new, change.old].some(
    value => value !== null && isTelling(value) && isNamed(said, value),
  )
    ? 1
    : 0
}

/** What a fact is called, from the special to the general: a path is one word. */
function wordsOf({name}: Change): readonly string[] {
  const path = /\/(\/.*)$/.exec(name)?.[1]
  const last = path ?? name.split('/').at(-1) ?? name
  return isTelling(last) ? [last] : []
}

/** Numbers and short words stand everywhere. */
function isTelling(text: string): boolean {
  return text.length >= 4 && /[a-z]{3}/i.test(text) && !common.has(text.toLowerCase())
}

const common = new Set([
  'true',
  'false',
  'none',
  'null',
  'root',
  'active',
  'inactive',
  'enabled',
  'disabled',
])

function isNamed(said: string, word: string): boolean {
  const text = said.toLowerCase()
  const wanted = word.toLowerCase()
  const isEdge = (character: string | undefined): boolean => !character || !/[\w-]/.test(character)
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1))
    if (isEdge(text[at - 1]) && isEdge(text[at + wanted.length])) return true
  return false
}

function timeOf({at}: Change): number {
  return at === null ? 0 : Date.parse(at)
}
