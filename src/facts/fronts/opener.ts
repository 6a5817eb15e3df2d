import type {Host} from '../../host/host.ts'
import type {Opener} from '../files/access.ts'
import {findUser} from '../files/identity.ts'
import {nginxOpener, unitOpener} from '../unit/openers.ts'
import type {Front} from './front.ts'

/** The processes of a front that open sockets and files; null where their user does not exist. */
export async function frontOpener(host: Host, {kind, unit, user}: Front): Promise<Opener | null> {
  if (kind === 'nginx') return nginxOpener(host)
  const master = await unitOpener(host, unit)
  if (master === null || master.uid !== 0 || user === null) return master
  const worker = await findUser(host, user)
  return worker && {name: worker.name, uid: worker.uid, groups: [worker.gid, ...worker.groups]}
}
