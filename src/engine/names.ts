import type {Check} from '../checks/check.ts'
import {type CheckId, groupOf} from '../report/finding.ts'
import {didYouMean, nearest} from '../report/nearest.ts'
import {UsageError} from '../report/usage-error.ts'

/**
 * @param others What is typed in the place of a check as well, and how a sentence calls it: a
 *   command, or a flag without its dashes.
 * @throws UsageError for a name that is no check and no group, with the nearest that is.
 */
export function assertKnown(
  names: readonly string[],
  registry: readonly Check[],
  others: ReadonlyMap<string, string> = new Map(),
): void {
  const known = [...new Set(registry.flatMap(({id}) => [groupOf(id), id as string]))]
  for (const name of names)
    if (!known.includes(name)) throw unknown('check or group', name, known, others)
}

/** @throws UsageError for a name that is no check. */
export function findCheck(name: string, registry: readonly Check[]): Check {
  const check = registry.find(({id}) => id === name)
  if (check) return check
  const members = registry.filter(({id}) => groupOf(id) === name).map(({id}) => id)
  if (members.length > 0)
    throw new UsageError(`"${name}" is a group; name one of its checks: ${members.join(', ')}`)
  throw unknown(
    'check',
    name,
    registry.map(({id}) => id),
  )
}

function unknown(
  kind: string,
  name: string,
  known: readonly string[],
  others: ReadonlyMap<string, string> = new Map(),
): UsageError {
  const meant = nearest(name, [...known, ...others.keys()]).map(each => others.get(each) ?? each)
  return new UsageError(
    `there is no ${kind} "${name}"; ${didYouMean(meant)}\`prism-doctor checks\` lists them`,
  )
}

/** An id, a group, or `group/*`, as findings write the checks that they explain. */
export function matches(pattern: string, id: CheckId): boolean {
  if (pattern.endsWith('/*')) return id.startsWith(pattern.slice(0, -1))
  return pattern === id || id.startsWith(`${pattern}/`)
}
