import {may, type Opener} from '../../facts/files/access.ts'
import {findClosures} from '../../facts/files/closed-to-fronts.ts'
import {isBelow, resolvePath} from '../../facts/files/paths.ts'
import type {State} from '../../facts/files/state-tree.ts'
import {assertSeen, countOf, firstFew, select, type Traits} from '../../facts/files/tree.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUser} from '../service/user.ts'
import {directoryFacts} from './directory.facts.ts'
import {stateDirectory} from './directory.ts'
import {explanation} from './modes.explanation.ts'
import {
  type Code,
  closedToFront,
  closedToService,
  found,
  tighterThanDocumented,
} from './modes.findings.ts'

export const stateModes: CheckOf<Code> = {
  id: 'state/modes',
  title: 'The service can read its files, and so can a front that serves them',
  fix: 'adds the permissions that are missing',
  explanation,
  findings: found,
  needs: [stateDirectory, serviceUser],
  facts: directoryFacts,
  async run({host, target, resultOf}) {
    const {kept} = await resultOf(stateDirectory)
    const {opener, trees, hidden} = await kept()
    const served = await findClosures(host, target, opener)
    const bad = [
      ...trees.flatMap(tree => judgeService(opener, tree)),
      ...served.closures.map(closure => closedToFront(target, opener, closure)),
    ]
    if (bad.length > 0) return bad
    const beside = await assertSeen(host, [...trees, ...served.trees], hidden)
    const tight = await judgeStatic(host, target, opener)
    if (tight) return tight
    if (trees.length === 0) return ok('the service keeps nothing on this disk yet')
    const count = trees.reduce((sum, tree) => sum + countOf(tree), 0)
    const tops = firstFew(trees.map(({top}) => top.path))
    return ok(`${opener.name} can read its own ${count} entries below ${tops}${beside}`)
  },
}

/** What belongs to the service and is closed to it; state/ownership judges all else. */
function judgeService(opener: Opener, tree: State): readonly Verdict<Code>[] {
  const closed = select(tree, traits => traits.uid === opener.uid && isClosed(opener, traits))
  return closed.count > 0 ? [closedToService(opener, tree, closed)] : []
}

function isClosed(opener: Opener, traits: Traits): boolean {
  if (traits.type === 'directory')
    return !may(opener, 'read', traits) || !may(opener, 'pass', traits)
  return traits.type === 'file' && !may(opener, 'read', traits)
}

async function judgeStatic(
  host: Host,
  target: Target,
  opener: Opener,
): Promise<Verdict<Code> | null> {
  const {staticRoot, stateDirectory: directory} = target
  if (!staticRoot || !directory || staticRoot === directory) return null
  if (!isBelow(staticRoot, directory)) return null
  const {path, stat} = await resolvePath(host, staticRoot)
  if (path === null || stat?.type !== 'directory' || (stat.mode & 0o055) === 0o055) return null
  return tighterThanDocumented(target, opener, {path, stat})
}
