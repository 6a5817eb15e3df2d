import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mountOf} from '../../host/mountinfo.ts'
import type {Opener} from '../files/access.ts'
import {groupName, userName} from '../files/identity.ts'
import {machineMounts} from '../files/mounts.ts'
import type {Target} from '../target/target.ts'
import {unitOpener} from '../unit/openers.ts'
import {decide, groupMay} from './acl.ts'
import {lookAsUser} from './as-user.ts'
import {
  type Followed,
  type Look,
  lookAsUnit,
  type Named,
  type Need,
  type SeenEntry,
} from './look.ts'

/** What keeps the service from a path, and root not. */
export interface Refusal {
  readonly named: Named
  readonly who: Opener
  readonly need: Need
  /** The component that refuses: the path itself, where links lead, or a directory on the way. */
  readonly at: SeenEntry
  readonly owner: string
  readonly group: string
  readonly why: /** The group has what is needed, and the service is not in it. */
    | {readonly kind: 'group'}
    /** The mode gives it to its owner alone, or to nobody. */
    | {readonly kind: 'mode'; readonly by: 'owner' | 'group' | 'other'}
    /** The access control list admits the service, and its mask takes that away; or it denies. */
    | {readonly kind: 'mask' | 'list'}
    | {readonly kind: 'read-only' | 'no-exec'; readonly point: string}
    | {readonly kind: 'immutable'}
    /** Mode and list admit it. @param label what a security module calls the process. */
    | {readonly kind: 'security'; readonly label: string | null}
}

/**
 * The first of these paths that is closed to the service as it starts, with the component that
 * refuses. Null where none is, or where the sandbox closes it: the same path is open outside then.
 */
export async function findRefusal(
  host: Host,
  target: Target,
  names: readonly Named[],
): Promise<Refusal | null> {
  const paths = names.map(({path}) => path)
  const look = (await lookAsUnit(host, target, paths)) ?? (await lookAsUser(host, target, names))
  if (look === null) return null
  const who = (await unitOpener(host, target.served)) ?? openerOf(target, look)
  for (const named of names) {
    const followed = look.paths.find(({path}) => path === named.path)
    const need = followed && neededOf(followed, named)
    if (!followed || !need) continue
    const refusal = await judge(host, {named, who, need, look, followed})
    if (refusal) return refusal
  }
  return null
}

/** A user that exists only while the unit runs. */
function openerOf({unit}: Target, {uid, groups}: Look): Opener {
  return {name: unit.get('User') || unit.name.replace(/\.service$/, ''), uid, groups}
}

/** What the process may not do, and needs; null where nothing refuses. */
function neededOf({stop, at, last = false, opened}: Followed, named: Named): Need | null {
  const lacks = (need: Need): boolean => !at.may.includes(need)
  if (stop === 'pass') return 'pass'
  // What is missing could not be made: said to be refused, or meant to be written.
  if (stop === 'missing' && last && (named.isRefused || named.need === 'write'))
    return lacks('write') ? 'write' : null
  if (stop !== 'end') return null
  if (named.need !== null)
    return lacks(named.need) || isShut(opened, named.need) ? named.need : null
  if (at.type === 'file' && (lacks('read') || isShut(opened, 'read'))) return 'read'
  if (at.type === 'socket' && lacks('write')) return 'write'
  // What was changed since may be open by now: nobody said that it was to be written.
  if (!named.isRefused || (named.at !== null && at.ctime > named.at)) return null
  const needs = (['read', 'write', 'pass'] as const).filter(
    need => need !== 'pass' || at.type === 'directory',
  )
  return needs.find(lacks) ?? null
}

/** A security module refuses what access(2) allows. */
function isShut(opened: Followed['opened'], need: Need): boolean {
  return need === 'read' && /^E(?:ACCES|PERM)$/.test(opened?.read ?? '')
}

interface Judged {
  readonly named: Named
  readonly who: Opener
  readonly need: Need
  readonly look: Look
  readonly followed: Followed
}

async function judge(host: Host, judged: Judged): Promise<Refusal | null> {
  const {named, who, need, followed} = judged
  const {at} = followed
  const outside = await ifSeen(host.stat(at.path))
  // The sandbox puts another one in its place: app/settings tries without it.
  if (outside && (outside.type !== at.type || outside.mode !== at.mode || outside.dev !== at.dev))
    return null
  const seen = outside ? {...at, uid: outside.uid, gid: outside.gid} : at
  const why = await whyRefused(host, {...judged, followed: {...followed, at: seen}})
  if (why === null) return null
  const [owner, group] = await Promise.all([
    ifSeen(userName(host, seen.uid)),
    ifSeen(groupName(host, seen.gid)),
  ])
  return {
    named,
    who,
    need,
    at: seen,
    owner: owner ?? String(seen.uid),
    group: group ?? String(seen.gid),
    why,
  }
}

async function whyRefused(
  host: Host,
  {who, need, look, followed: {at, opened}}: Judged,
): Promise<Refusal['why'] | null> {
  const decision = decide(who, need, at)
  if (need === 'write' && at.readOnly) {
    const mount = mountOf(await machineMounts(host), at.path)
    return mount?.readOnly ? {kind: 'read-only', point: mount.point} : null
  }
  if (!decision.isAllowed) {
    if (decision.isMasked) return {kind: 'mask'}
    if (decision.by === 'user') return {kind: 'list'}
    const isOthers = decision.by === 'other' && at.gid !== 0 && groupMay(need, at)
    return isOthers ? {kind: 'group'} : {kind: 'mode', by: decision.by}
  }
  if (need === 'pass' && at.type !== 'directory' && at.noExec) {
    const mount = mountOf(await machineMounts(host), at.path)
    return mount?.noExec ? {kind: 'no-exec', point: mount.point} : null
  }
  if (need === 'write' && (opened?.write === 'EPERM' || (await isImmutable(host, at.path))))
    return {kind: 'immutable'}
  return {kind: 'security', label: look.label}
}

/** ioctl_iflags(2), by lsattr(1): `----i---------e------- /srv/x`. */
async function isImmutable(host: Host, path: string): Promise<boolean> {
  const answer = await ifSeen(
    host.exec(['lsattr', '-d', '--', path], {question: `attributes of ${path}`}),
  )
  return answer?.exitCode === 0 && /^\S*[ia]\S* /.test(answer.stdout)
}
