import {posix} from 'node:path'
import {type Closed, may, type Opener, stillClosed} from '../../facts/files/access.ts'
import {groupName, userName} from '../../facts/files/identity.ts'
import {isBelow} from '../../facts/files/paths.ts'
import {firstFew, type State, sqliteFiles, type Tree, walkAll} from '../../facts/files/state-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {nginxOpener, unitOpener} from '../../facts/unit/openers.ts'
import {CannotLook, type Entry, type Host} from '../../host/host.ts'
import {kept, remedy} from '../../remedies/remedy.ts'
import {visible} from '../../report/escape.ts'
import {critical, ok, type Remedy, type Verdict, warning} from '../../report/finding.ts'
import {change, hand, run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUser} from '../service/user.ts'
import {stateDirectory} from './directory.ts'

export const stateOwnership: Check = {
  id: 'state/ownership',
  title: "The state directory and everything below belong to the service's user and group",
  fix: "gives everything below to the service's user and group",
  explanation: {
    why: `A collectstatic that ran once as root, or a restore with sudo cp, leaves files that the service cannot replace: its
next start stops at "Permission denied".`,
    asks: `The directory is listed once, never following a link, and owners and groups are compared with those of the unit. Then
modes say whether what is foreign stands in the service's way, and where they say so, the kernel is asked as its user.`,
    findings: {
      'locked-out': {
        means: `The service cannot use something that is not its own: a directory that it may not write to, a file that it may not
read, or a compressed static file that WhiteNoise must overwrite.`,
        remedy: "Give the directory and everything below to the service's user and group (chown -R).",
      },
      'foreign-owner': {
        means:
          "Something is not the service's own, and it can use it all the same, as it can read an upload of root's.",
        remedy: "Give the directory and everything below to the service's user and group (chown -R).",
      },
    },
    mistakenFor: `systemd does not repair it: StateDirectory= looks at the owner of the top directory alone. A group that the
service or nginx is in is taken as meant. lost+found belongs to root on every filesystem. Who owns a link, a socket or
a FIFO matters to nobody.`,
  },
  needs: [stateDirectory, serviceUser],
  async run({host, target}) {
    const [opener, nginx] = await Promise.all([unitOpener(host, target.served), nginxOpener(host)])
    if (!opener) throw new CannotLook(`nobody knows who ${target.unit.name} runs as`)
    const trees = await walkAll(host, target, opener)
    if (trees.length === 0) return ok('the service keeps nothing on this disk yet')
    const who: Who = {opener, groups: [...opener.groups, ...(nginx?.groups ?? [])]}
    const judged = await Promise.all(trees.map(tree => judge(host, target, who, tree)))
    const bad = judged.filter(verdict => verdict !== null)
    if (bad.length > 0) return bad
    const hidden = trees.flatMap(({unreadable}) => unreadable)[0]
    if (hidden) throw new CannotLook(`${visible(hidden)} may not be read by this user`, {privilege: true})
    const group = await groupName(host, opener.groups[0] ?? 0)
    const count = trees.reduce((sum, {entries}) => sum + entries.length + 1, 0)
    return ok(`all ${count} entries of ${firstFew(trees.map(({top}) => top.path))} belong to ${opener.name}:${group}`)
  },
}

interface Who {
  readonly opener: Opener
  /** Those that are taken as meant: the service's and nginx's. */
  readonly groups: readonly number[]
}

async function judge(host: Host, target: Target, {opener, groups}: Who, tree: State): Promise<Verdict | null> {
  const isFile = tree.top.stat.type === 'file'
  const named = [...sqliteFiles(target)].find(([path]) => posix.basename(path) === posix.basename(tree.top.path))
  const alias = isFile ? (named?.[1] ?? null) : null
  const foreign = [{...tree.top.stat, path: ''}, ...tree.entries].filter(
    ({path, type, uid, gid}) =>
      (type === 'file' || type === 'directory') &&
      // Where only the application says that it is state, others may share it: what is root's was not meant.
      (tree.isNamed ? uid !== opener.uid || !groups.includes(gid) : uid === 0 && opener.uid !== 0) &&
      path !== 'lost+found',
  )
  const inTheWay = foreign
    .map(entry => ({
      entry,
      needs: isFile ? deniedInFile(opener, entry, alias) : deniedTo(opener, entry, isStatic(target, tree, entry)),
    }))
    .filter(({needs}) => needs.length > 0)
  const closed = await stillClosed(host, opener, inTheWay, ({entry, needs}) => ({path: pathOf(tree, entry), needs}))
  const blocking = closed.map(({entry}) => entry)
  // A database that is only read may be anybody's.
  const shown = blocking.length > 0 ? blocking : alias === null ? foreign : []
  if (shown.length === 0) return null
  const group = await groupName(host, opener.groups[0] ?? 0)
  const counts = isFile
    ? tree.top.path
    : `${foreign.length} of ${tree.truncated ? 'the first ' : ''}${tree.entries.length + 1} entries of ${tree.top.path}`
  const foreignness = `${counts} ${foreign.length === 1 ? 'does' : 'do'} not belong to ${opener.name}:${group}`
  const cure = giveBack(target, {opener, groups}, tree, group)
  const evidence = await listed(host, opener, tree, shown)
  const names = firstFew(evidence)
  if (blocking.length > 0)
    return critical('locked-out', `${foreignness}, and the service cannot use ${names}`, cure, {evidence})
  return warning('foreign-owner', `${foreignness}: ${names}`, cure, {evidence})
}

function giveBack(target: Target, {opener, groups}: Who, {top, isNamed}: State, group: string): Remedy {
  const argv = ['chown', '-R', `${opener.name}:${group}`, top.path] as const
  const [gid = 0] = opener.groups
  const summary = `Give ${top.path} and everything below to ${opener.name}:${group}`
  // What only the application names is never changed by us.
  if (!isNamed) return remedy(summary, 'manual', [hand(run(...argv).shell)])
  const step = change({kind: 'own', path: top.path, uid: opener.uid, gid, groups}, ...argv)
  return kept(
    remedy(summary, 'safe', [step]),
    target.platform.tmpfiles(target.unit.name, `Z ${top.path} - ${opener.name} ${group} - -`),
  )
}

/** A log is written at the end, and so is the database of everything; another one may be there to be read. */
function deniedInFile(opener: Opener, entry: Owned, alias: string | null): Closed['needs'] {
  const needs: Closed['needs'] = alias === null ? ['write'] : alias === 'default' ? ['read', 'write'] : ['read']
  return needs.filter(what => !may(opener, what, entry))
}

function isStatic({staticRoot}: Target, tree: Tree, entry: Pick<Entry, 'path'>): boolean {
  return staticRoot !== null && isBelow(pathOf(tree, entry), staticRoot)
}

function pathOf({top}: Tree, {path}: Pick<Entry, 'path'>): string {
  return path === '' ? top.path : `${top.path}/${path}`
}

type Owned = Pick<Entry, 'path' | 'type' | 'mode' | 'uid' | 'gid'>

/** What the service must do with it and may not, by its mode. */
function deniedTo(opener: Opener, entry: Owned, collected: boolean): Closed['needs'] {
  const denied = (...needs: Closed['needs']): Closed['needs'] => needs.filter(what => !may(opener, what, entry))
  if (entry.type === 'directory') return denied('read', 'write', 'pass')
  if (entry.type !== 'file') return []
  // Django removes a file before it writes it anew; WhiteNoise opens the compressed one that is there.
  return collected && /\.(?:gz|br)$/.test(entry.path) ? denied('read', 'write') : denied('read')
}

/** More than this are not looked up. */
const most = 20

async function listed(host: Host, opener: Opener, tree: Tree, entries: readonly Owned[]): Promise<readonly string[]> {
  const known = await Promise.all(
    entries.slice(0, most).map(async entry => {
      const [user, group] = await Promise.all([
        entry.uid === opener.uid ? opener.name : userName(host, entry.uid),
        groupName(host, entry.gid),
      ])
      return `${visible(pathOf(tree, entry))} (${user}:${group})`
    }),
  )
  return [...known, ...entries.slice(most).map(entry => visible(pathOf(tree, entry)))].slice(0, 200)
}
