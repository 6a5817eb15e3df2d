import type {Opener} from '../../facts/files/access.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Means} from '../../platform/platform.ts'
import type {Step} from '../../report/finding.ts'
import {byHand, change} from '../../report/step.ts'

/** As systemd-tmpfiles makes it where the deployment is healthy. */
export function makeDirectory(target: Target, opener: Opener | null, path: string): Step {
  const {user, group} = ownerOf(target)
  const argv = ['install', '-d', '-m', '0750', '-o', user, '-g', group, path]
  // Without its user there is nobody to give it to.
  if (!opener) return byHand('sudo', ...argv)
  const [gid = 0] = opener.groups
  return change({kind: 'make', path, uid: opener.uid, gid, mode: 0o750}, ...argv)
}

export function tmpfilesRule(target: Target, path: string): Means {
  const {user, group} = ownerOf(target)
  return target.platform.tmpfiles(target.unit.name, `d ${path} 0750 ${user} ${group} - -`)
}

function ownerOf({user, group}: Target): {readonly user: string; readonly group: string} {
  return {user: user ?? 'root', group: group ?? user ?? 'root'}
}
