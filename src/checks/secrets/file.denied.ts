import {blockedAt, octal} from '../../facts/files/access.ts'
import {resolvePath} from '../../facts/files/paths.ts'
import type {Target} from '../../facts/target/target.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import type {Host} from '../../host/host.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand, run} from '../../report/step.ts'
import {type Code, found} from './file.findings.ts'

/** A file that is closed to the user whose settings open it: what on the way to it closes it. */
export async function deniedFile(host: Host, target: Target, path: string): Promise<Verdict<Code>> {
  const [{components, stat}, opener] = await Promise.all([
    resolvePath(host, path),
    unitOpener(host, target.served),
  ])
  const wall = opener && (blockedAt(opener, components) ?? (stat && {path, stat}))
  const user = opener?.name ?? 'the service'
  const group = target.group ?? opener?.name ?? 'the service'
  const mode = wall
    ? ` (${wall.path === path ? '' : `${wall.path} has `}mode ${octal(wall.stat.mode)})`
    : ''
  const steps = wall
    ? [
        byHand('ls', '-ld', wall.path),
        run('chgrp', group, wall.path),
        run('chmod', wall.stat.type === 'directory' ? 'g+x' : 'g+r', wall.path),
      ]
    : [byHand('namei', '-l', path)]
  const cure = remedy(`Let ${user} read the file, then restart the service`, 'manual', [
    ...steps,
    restart(target),
  ])
  const evidence = stat ? [`${octal(stat.mode)} ${stat.uid}:${stat.gid} ${path}`] : []
  return finding(found.denied(user, path, mode), cure, {evidence})
}
