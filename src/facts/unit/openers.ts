import type {Host} from '../../host/host.ts'
import {splitWords, type Unit} from '../../host/unit.ts'
import type {Opener} from '../files/access.ts'
import {findGroup, findUser} from '../files/identity.ts'
import {findNginx} from '../fronts/nginx-configuration.ts'

/**
 * A unit's processes as someone who opens files; null when its user or group does not exist
 * (service/user says so).
 */
export async function unitOpener(host: Host, unit: Unit): Promise<Opener | null> {
  const user = unit.get('User')
  const group = unit.get('Group')
  if (unit.get('DynamicUser') === 'yes') return dynamicOpener(unit)
  const [identity, main, ...others] = await Promise.all([
    user === '' ? {name: 'root', uid: 0, gid: 0, groups: [0]} : findUser(host, user),
    group === '' ? null : findGroup(host, group),
    ...splitWords(unit.get('SupplementaryGroups')).map(name => findGroup(host, name)),
  ])
  if (!identity || (group !== '' && main === null)) return null
  const groups = [main ?? identity.gid, ...others, ...identity.groups].filter(gid => gid !== null)
  return {name: identity.name, uid: identity.uid, groups: [...new Set(groups)]}
}

/** A dynamic user exists only while the unit runs: systemd tells its numbers then. */
function dynamicOpener(unit: Unit): Opener | null {
  const [uid, gid] = [unit.get('UID'), unit.get('GID')]
  if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return null
  return {
    name: unit.get('User') || unit.name.replace(/\.service$/, ''),
    uid: Number(uid),
    groups: [Number(gid)],
  }
}

/** nginx's workers; null where there is no nginx, or its user does not exist. */
export async function nginxOpener(host: Host): Promise<Opener | null> {
  const nginx = await findNginx(host)
  if (!nginx) return null
  const master = await unitOpener(host, nginx.unit)
  if (master === null || master.uid !== 0) return master
  // Only a master that is root heeds the directive; "nobody" is what nginx was written with.
  const [name = 'nobody', group] = nginx.user
  const [worker, main] = await Promise.all([
    findUser(host, name),
    group === undefined ? null : findGroup(host, group),
  ])
  return (
    worker && {name: worker.name, uid: worker.uid, groups: [main ?? worker.gid, ...worker.groups]}
  )
}
