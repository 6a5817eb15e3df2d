import type {Opener} from '../../facts/files/access.ts'
import {ownDirectories} from '../../facts/files/closed-to-fronts.ts'
import {type Component, isBelow} from '../../facts/files/paths.ts'
import type {Selection} from '../../facts/files/tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {asOwner, wholeTree} from '../../remedies/whole-tree.ts'
import type {Remedy, Step} from '../../report/finding.ts'
import {byHand, change} from '../../report/step.ts'

/** More than this are not opened one by one. */
const most = 20

/**
 * @param opener who owns them.
 * @param top what all the paths lie below.
 * @param isNamed whether the unit or the configuration names that.
 */
export function openToOwner(
  opener: Opener,
  top: string,
  {count, first: paths}: Selection<string>,
  isNamed: boolean,
): Remedy {
  const summary = 'Open them to their owner'
  if (isNamed) return remedy(summary, 'safe', opened(opener, top, count, paths))
  // What only the application names is never changed by us.
  const steps = paths
    .slice(0, most)
    .map(path => byHand('sudo', ...asOwner(opener.uid, opener, ['chmod', 'u+rwX', path])))
  return remedy(summary, 'manual', steps)
}

function opened(
  opener: Opener,
  top: string,
  count: number,
  paths: readonly string[],
): readonly Step[] {
  const step = (path: string, recursive: boolean, ...argv: readonly string[]): Step => {
    const open = {kind: 'mode', path, recursive, add: 0o700} as const
    return change(open, ...asOwner(opener.uid, opener, argv))
  }
  const chmod = ['chmod', 'u+rwX']
  if (count > Math.min(most, paths.length)) return [step(top, true, ...wholeTree(top, ...chmod))]
  return paths.map(path => step(path, false, ...chmod, path))
}

export function letPass(target: Target, opener: Opener, wall: Component): Remedy {
  const {unit, platform} = target
  const {path} = wall
  // systemd itself keeps it for root alone, so that no dynamic user meets the files of another.
  if (path === '/var/lib/private') {
    const user = target.user ?? unit.name.replace(/\.service$/, '')
    const summary = 'Run the service as a user of its own in place of a dynamic one'
    return mend(summary, platform.ownUser(unit.name, user))
  }
  if (ownDirectories(target).some(each => isBelow(path, each)))
    return giveDocumentedMode(target, opener, wall)
  // It lies above what is the deployment's: what else lives there is not for us to judge.
  return remedy(`Let others pass through ${path}`, 'manual', [byHand('sudo', 'chmod', 'a+x', path)])
}

/** 0751 on the state directory, so that nobody lists it, and 0755 below. */
export function giveDocumentedMode(
  target: Target,
  opener: Opener,
  {path, stat}: Component,
): Remedy {
  const mode = path === target.stateDirectory ? '0751' : '0755'
  const owner = `${target.user ?? 'root'} ${target.group ?? target.user ?? 'root'}`
  const rule = target.platform.tmpfiles(target.unit.name, `d ${path} ${mode} ${owner} - -`)
  const add = Number.parseInt(mode, 8)
  const chmod = asOwner(stat.uid, opener, ['chmod', mode, path])
  const step = change({kind: 'mode', path, recursive: false, add}, ...chmod)
  return kept(remedy(`Give ${path} the documented mode`, 'safe', [step]), rule)
}
