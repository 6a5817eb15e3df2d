import type {Opener} from '../../facts/files/access.ts'
import {type Foreign, type Owned, type Owner, pathOf} from '../../facts/files/foreign.ts'
import {groupName, userName} from '../../facts/files/identity.ts'
import type {State} from '../../facts/files/state-tree.ts'
import {countOf, firstFew, type Tree} from '../../facts/files/tree.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {kept, remedy} from '../../remedies/remedy.ts'
import {wholeTree} from '../../remedies/whole-tree.ts'
import {visible} from '../../report/escape.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  type Remedy,
  type Verdict,
} from '../../report/finding.ts'
import {byHand, change} from '../../report/step.ts'
import {explanation} from './ownership.explanation.ts'

export const found = findingsOf(explanation, {
  'locked-out': cause(
    'critical',
    (foreign: string, names: readonly string[], count: number) =>
      `${foreign}, and the service cannot use ${firstFew(names, count)}`,
  ),
  'foreign-owner': cause(
    'warning',
    (foreign: string, names: readonly string[], count: number) =>
      `${foreign}: ${firstFew(names, count)}`,
  ),
})

export type Code = CodeOf<typeof found>

export async function foreignOwner(
  host: Host,
  target: Target,
  owner: Owner,
  tree: State,
  {entries, blocking}: Foreign,
): Promise<Verdict<Code>> {
  const {opener} = owner
  const group = await groupName(host, opener.groups[0] ?? 0)
  const verb = entries.count === 1 ? 'does' : 'do'
  const counted = `${shown(tree, entries.count)} ${verb} not belong to ${opener.name}:${group}`
  const cure = giveBack(target, owner, tree, group)
  if (blocking.count > 0) {
    const evidence = await listed(host, opener, tree, blocking.first)
    return finding(found['locked-out'](counted, evidence, blocking.count), cure, {evidence})
  }
  const evidence = await listed(host, opener, tree, entries.first)
  return finding(found['foreign-owner'](counted, evidence, entries.count), cure, {evidence})
}

function shown(tree: Tree, count: number): string {
  const {path, stat} = tree.top
  return stat.type === 'file' ? path : `${count} of ${countOf(tree) + 1} entries of ${path}`
}

function giveBack(
  target: Target,
  {opener, groups}: Owner,
  {top, isNamed}: State,
  group: string,
): Remedy {
  const chown = ['chown', '-h', `${opener.name}:${group}`]
  const argv = top.stat.type === 'file' ? [...chown, top.path] : wholeTree(top.path, ...chown)
  const [gid = 0] = opener.groups
  const summary = `Give ${top.path} and everything below to ${opener.name}:${group}`
  // What only the application names is never changed by us.
  if (!isNamed) return remedy(summary, 'manual', [byHand('sudo', ...argv)])
  const step = change({kind: 'own', path: top.path, uid: opener.uid, gid, groups}, ...argv)
  const rule = `Z ${top.path} - ${opener.name} ${group} - -`
  return kept(remedy(summary, 'safe', [step]), target.platform.tmpfiles(target.unit.name, rule))
}

/** More than this are not looked up. */
const most = 20

async function listed(
  host: Host,
  opener: Opener,
  tree: Tree,
  entries: readonly Owned[],
): Promise<readonly string[]> {
  const known = await Promise.all(
    entries.slice(0, most).map(async entry => {
      const isOwn = entry.uid === opener.uid
      const user = isOwn ? opener.name : await userName(host, entry.uid)
      const group = await groupName(host, entry.gid)
      return `${visible(pathOf(tree, entry))} (${user}:${group})`
    }),
  )
  const others = entries.slice(most).map(entry => visible(pathOf(tree, entry)))
  return [...known, ...others].slice(0, 200)
}
