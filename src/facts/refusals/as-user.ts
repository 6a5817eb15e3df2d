import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mountOf} from '../../host/mountinfo.ts'
import {type Opener, stillClosed} from '../files/access.ts'
import {machineMounts} from '../files/mounts.ts'
import {type Component, resolvePath} from '../files/paths.ts'
import type {Target} from '../target/target.ts'
import {unitOpener} from '../unit/openers.ts'
import {decide} from './acl.ts'
import type {Followed, Look, Named, Need, SeenEntry} from './look.ts'

/**
 * The same where no interpreter of the unit's can be run, as when it is the one that is refused: by
 * mode, and by test(1) as the unit's user. Null where that user is not known.
 */
export async function lookAsUser(
  host: Host,
  target: Target,
  names: readonly Named[],
): Promise<Look | null> {
  const who = await unitOpener(host, target.served)
  if (who === null || target.server.becomesUnknown) return null
  const paths = await Promise.all(names.map(named => follow(host, who, named)))
  return {
    uid: who.uid,
    groups: [...who.groups],
    label: null,
    paths: paths.filter(found => found !== null),
  }
}

async function follow(host: Host, who: Opener, {path, need}: Named): Promise<Followed | null> {
  const found = await ifSeen(resolvePath(host, path))
  if (found === null) return null
  for (const component of found.components) {
    if (component.stat.type !== 'directory') continue
    const at = await seen(host, who, component, ['pass'])
    if (!at.may.includes('pass')) return {path, stop: 'pass', at, opened: null}
  }
  const here = found.components.findLast(({stat}) => stat.type === 'directory')
  if (found.stat === null || found.path === null) {
    if (!here) return null
    const at = await seen(host, who, here, ['write'])
    const missing = found.missing ?? path
    return {path, stop: 'missing', at, missing, last: missing === path, opened: null}
  }
  const end = {path: found.path, stat: found.stat}
  const at = await seen(host, who, end, need ? [need] : ['read', 'write'])
  return {path, stop: 'end', at, opened: null}
}

/** What is not asked for may be done. */
async function seen(
  host: Host,
  who: Opener,
  {path, stat: {type, mode, uid, gid, dev, mtime}}: Component,
  needs: readonly Need[],
): Promise<SeenEntry> {
  const mount = mountOf(await machineMounts(host), path)
  const noExec = mount?.noExec ?? false
  const entry = {path, type, mode, uid, gid, dev, acl: null, noExec, ctime: mtime}
  const isClosed = (need: Need): boolean =>
    (who.uid !== 0 && !decide(who, need, entry).isAllowed) ||
    (need === 'pass' && type === 'file' && noExec)
  const closed = await Promise.all(
    needs.filter(isClosed).map(async need => {
      const still = await stillClosed(host, who, [path], () => ({path, needs: [need]}))
      return still.length > 0 ? [need] : []
    }),
  )
  const may = (['read', 'write', 'pass'] as const).filter(need => !closed.flat().includes(need))
  return {...entry, readOnly: mount?.readOnly ?? false, may}
}
