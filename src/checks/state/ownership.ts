import {type Check, critical, ok, warning} from '../../check.ts'
import {visible} from '../../escape.ts'
import {CannotLook, type Entry, type Host} from '../../host/host.ts'
import {type Closed, may, type Opener, stillClosed} from '../../probes/access.ts'
import {groupName, userName} from '../../probes/identity.ts'
import {nginxOpener, unitOpener} from '../../probes/openers.ts'
import {isBelow} from '../../probes/paths.ts'
import {firstFew, type Tree, walkState} from '../../probes/state-tree.ts'
import {change, kept, remedy} from '../../remedy.ts'
import type {Target} from '../../target.ts'
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
    const [tree, opener, nginx] = await Promise.all([
      walkState(host, target),
      unitOpener(host, target.unit),
      nginxOpener(host),
    ])
    if (!opener) throw new CannotLook(`nobody knows who ${target.unit.name} runs as`)
    if (!tree) return ok('there is no state directory yet')
    const groups = [...opener.groups, ...(nginx?.groups ?? [])]
    const foreign = [{...tree.top.stat, path: ''}, ...tree.entries].filter(
      ({path, type, uid, gid}) =>
        (type === 'file' || type === 'directory') &&
        (uid !== opener.uid || !groups.includes(gid)) &&
        path !== 'lost+found',
    )
    const inTheWay = foreign
      .map(entry => ({entry, needs: deniedTo(opener, entry, isStatic(target, tree, entry))}))
      .filter(({needs}) => needs.length > 0)
    const closed = await stillClosed(host, opener, inTheWay, ({entry, needs}) => ({path: pathOf(tree, entry), needs}))
    const blocking = closed.map(({entry}) => entry)
    const group = await groupName(host, opener.groups[0] ?? 0)
    const counts = `${foreign.length} of ${tree.truncated ? 'the first ' : ''}${tree.entries.length + 1} entries of ${tree.top.path}`
    const foreignness = `${counts} ${foreign.length === 1 ? 'does' : 'do'} not belong to ${opener.name}:${group}`
    const steps = [
      change(
        {kind: 'own', path: tree.top.path, uid: opener.uid, gid: opener.groups[0] ?? 0, groups},
        'chown',
        '-R',
        `${opener.name}:${group}`,
        tree.top.path,
      ),
    ]
    const cure = kept(
      remedy(`Give ${tree.top.path} and everything below to ${opener.name}:${group}`, 'safe', steps),
      target.platform.tmpfiles(target.unit.name, `Z ${tree.top.path} - ${opener.name} ${group} - -`),
    )
    const evidence = await listed(host, opener, tree, blocking.length > 0 ? blocking : foreign)
    const names = firstFew(evidence)
    if (blocking.length > 0) {
      return critical('locked-out', `${foreignness}, and the service cannot use ${names}`, cure, {evidence})
    }
    if (foreign.length > 0) return warning('foreign-owner', `${foreignness}: ${names}`, cure, {evidence})
    const [hidden] = tree.unreadable
    if (hidden) throw new CannotLook(`${visible(hidden)} may not be read by this user`, {privilege: true})
    return ok(`all ${tree.entries.length + 1} entries of ${tree.top.path} belong to ${opener.name}:${group}`)
  },
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
