import type {Target} from '../../facts/target/target.ts'
import {findLostSocket, type LostSocket} from '../../facts/unit/bound-sockets.ts'
import {findRemover, type Remover} from '../../facts/unit/runtime-directory.ts'
import {unitOfProcess} from '../../facts/unit/unit-of-process.ts'
import type {Named} from '../../host/activity.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {mend, or, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {type Finding, finding, type Remedy} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './app.findings.ts'

/** The unit listens on a socket that nobody finds by its path; null where that is not so. */
export async function lostSocket(
  host: Host,
  target: Target,
  path: string,
): Promise<Finding<'critical', Code> | null> {
  const lost = await findLostSocket(host, target.unit, path)
  if (!lost) return null
  const own = `${lost.own.name} (pid ${lost.own.pid}) of ${target.unit.name}`
  if (lost.kind === 'hidden') {
    const joined = target.unit.get('JoinsNamespaceOf')
    if (joined !== '')
      throw new CannotLook(`${own} listens on ${path}, which only that and ${joined} see`)
    return hidden(target, own, path)
  }
  const remover = await findRemover(host, target.unit, path)
  const cure = restored(target, lost, remover)
  const why = remover ? becauseOf(remover) : ''
  if (lost.kind === 'deleted')
    return finding(found['socket-deleted'](own, path, why), cure, {since: remover?.ended ?? null})
  const by = lost.by && (await shown(host, lost.by))
  return finding(found['socket-replaced'](own, path, by, why), cure)
}

function becauseOf({name, directory, ended}: Remover): string {
  const does = ended === null ? 'removes it when that unit ends' : 'removed it when that unit ended'
  return `; ${directory} is RuntimeDirectory= of ${name} as well, and systemd ${does}`
}

async function shown(host: Host, {name, pid}: Named): Promise<string> {
  const unit = await unitOfProcess(host, pid)
  return `${name} (pid ${pid}${unit === null ? '' : ` of ${unit}`})`
}

function restored(target: Target, lost: LostSocket, remover: Remover | null): Remedy {
  const back = remedy('Restart the service, which makes its socket anew', 'disruptive', [
    restart(target),
  ])
  if (remover) {
    const own = remover.name.replace(/\.service$/, '')
    const means = target.platform.unitSetting(remover.name, {RuntimeDirectory: own}, {force: true})
    return mend(`Give ${remover.name} a directory of its own, and restart the service`, means, {
      after: [restart(target)],
      whole: true,
    })
  }
  if (lost.kind === 'replaced' && lost.by)
    return remedy('Stop or move the other program, then restart the service', 'manual', [
      byHand('ps', '-fp', `${lost.by.pid}`),
      restart(target),
    ])
  return back
}

/** PrivateTmp= and its like: the file is there, and only for the unit. */
function hidden(target: Target, own: string, path: string): Finding<'critical', Code> {
  const {platform, unit} = target
  const name = unit.name.replace(/\.service$/, '')
  const moved = mend(
    `Let it listen on a socket below /run/${name}`,
    platform.unitSetting(unit.name, {RuntimeDirectory: name}),
  )
  const shared = mend(
    'Let it share /tmp',
    platform.unitSetting(unit.name, {PrivateTmp: false}, {force: true}),
  )
  return finding(found['socket-hidden'](own, path), or(moved, shared))
}
