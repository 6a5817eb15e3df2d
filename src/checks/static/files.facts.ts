import {oncePerTarget} from '../../facts/once-per-target.ts'
import {digestOf} from '../../facts/picture/digest.ts'
import {factOf} from '../../facts/picture/facts.ts'
import {manifestName} from '../../facts/static/manifest.ts'
import type {Collected} from '../../facts/static/static-tree.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Seen, whole} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/**
 * What the collected files hold, by the directories on top of STATIC_ROOT; looked at once in a run.
 * @param collected asks for what static/collected hands on.
 */
export function staticFileFacts(
  {host, target}: Context,
  collected: () => Promise<Collected>,
): Promise<readonly Seen[]> {
  return look(host, target, collected)
}

const look = oncePerTarget(async (host, _, collected: () => Promise<Collected>) => {
  const tree = (await ifTold(collected()))?.tree
  const root = tree?.top.path
  const digests = root === undefined ? null : await ifTold(host.digests(root))
  if (!tree || root === undefined || !digests?.complete) return []
  // The manifest is a fact of its own.
  const files = Object.entries(digests.files)
    .filter(([path]) => path !== manifestName)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const parts = [...Map.groupBy(files, ([path]) => /^[^/]+(?=\/)/.exec(path)?.[0] ?? '')]
  const facts = parts.map(([directory, all]) => {
    const digest = digestOf(JSON.stringify(all.map(([path, {md5}]) => [path, md5])))
    const where = directory === '' ? root : `${root}/${directory}`
    return factOf(
      `static files/${directory || '.'}`,
      where,
      `${all.length} files, ${digest.slice(0, 12)}`,
    )
  })
  const modes = [...new Set(tree.entries.map(({type, mode}) => `${type} ${mode.toString(8)}`))]
  return [whole('static files/'), ...facts, factOf('static/modes', root, modes.sort().join(', '))]
})
