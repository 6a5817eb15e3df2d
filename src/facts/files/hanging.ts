import {Hanging, type Host} from '../../host/host.ts'
import {seenOrWhyNot} from '../../host/if-seen.ts'
import {isRemote} from '../../host/mountinfo.ts'
import type {Target} from '../target/target.ts'
import {machineMounts} from './mounts.ts'
import {isBelow, resolvePath} from './paths.ts'

/** The file system that the service needs and that does not answer; null where there is none. */
export async function findHanging(host: Host, target: Target): Promise<Hanging | null> {
  const {stateDirectory: state, mediaRoot, django} = target
  const own = state === null ? [] : [state, ...(isIn(mediaRoot, state) ? [mediaRoot] : [])]
  // A new process of the unit did not answer: systemd passes every mount to prepare its sandbox.
  const isLate = django.unasked?.kind === 'late'
  const mounts = isLate ? (await machineMounts(host)).filter(isRemote) : []
  const paths = [...own, ...mounts.map(({point}) => point)]
  const all = await Promise.all(paths.map(path => seenOrWhyNot(resolvePath(host, path))))
  return all.find(seen => seen instanceof Hanging) ?? null
}

/** Whether a server or a program answers for what is mounted there. */
export async function isServed(host: Host, place: string): Promise<boolean> {
  return (await machineMounts(host)).some(mount => mount.point === place && isRemote(mount))
}

function isIn(path: string | null, directory: string): path is string {
  return path !== null && isBelow(path, directory)
}
