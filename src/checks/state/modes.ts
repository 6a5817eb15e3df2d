import {may, type Opener} from '../../facts/files/access.ts'
import {findClosures} from '../../facts/files/closed-to-fronts.ts'
import {isBelow, resolvePath} from '../../facts/files/paths.ts'
import {firstFew, type State} from '../../facts/files/state-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook, type Entry, type Host} from '../../host/host.ts'
import {visible} from '../../report/escape.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUser} from '../service/user.ts'
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
  async run({host, target, resultOf}) {
    const {kept} = await resultOf(stateDirectory)
    const {opener, trees} = await kept()
    const closures = await findClosures(host, target, opener)
    const bad = [
      ...trees.flatMap(tree => judgeService(opener, tree)),
      ...closures.map(closure => closedToFront(target, closure)),
    ]
    if (bad.length > 0) return bad
    const [hidden] = trees.flatMap(({unreadable}) => unreadable)
    if (hidden) {
      throw new CannotLook(`${visible(hidden)} may not be read by this user`, {privilege: true})
    }
    const tight = await judgeStatic(host, target)
    if (tight) return tight
    if (trees.length === 0) return ok('the service keeps nothing on this disk yet')
    const count = trees.reduce((sum, {entries}) => sum + entries.length, 0)
    const tops = firstFew(trees.map(({top}) => top.path))
    return ok(`${opener.name} can read its own ${count} entries below ${tops}`)
  },
}

/** What belongs to the service and is closed to it; state/ownership judges all else. */
function judgeService(opener: Opener, tree: State): readonly Verdict<Code>[] {
  const [first, ...rest] = tree.entries.filter(
    entry => entry.uid === opener.uid && isClosed(opener, entry),
  )
  return first ? [closedToService(opener, tree, [first, ...rest])] : []
}

function isClosed(opener: Opener, entry: Entry): boolean {
  if (entry.type === 'directory') return !may(opener, 'read', entry) || !may(opener, 'pass', entry)
  return entry.type === 'file' && !may(opener, 'read', entry)
}

async function judgeStatic(host: Host, target: Target): Promise<Verdict<Code> | null> {
  const {staticRoot, stateDirectory: directory} = target
  if (!staticRoot || !directory || staticRoot === directory) return null
  if (!isBelow(staticRoot, directory)) return null
  const {path, stat} = await resolvePath(host, staticRoot)
  if (path === null || stat?.type !== 'directory' || (stat.mode & 0o055) === 0o055) return null
  return tighterThanDocumented(target, {path, stat})
}
