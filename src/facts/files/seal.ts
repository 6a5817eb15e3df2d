import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mountOf} from '../../host/mountinfo.ts'
import {splitWords, type Unit} from '../../host/unit.ts'
import {runsBeforeStart} from '../program/pre-start.ts'
import type {Target} from '../target/target.ts'
import {writeBarrier} from '../unit/sandbox-paths.ts'
import {machineMounts, serviceMounts} from './mounts.ts'
import {isBelow, resolvePath} from './paths.ts'

/** Why the service sees what it must write as read-only, whatever a shell of root's can do. */
export type Seal =
  /** The machine itself has it mounted so. */
  | {readonly kind: 'read-only-mount'; readonly path: string; readonly point: string}
  /** A setting of the unit makes it so; `link` leads there from the state directory. */
  | {
      readonly kind: 'sandbox'
      readonly path: string
      readonly setting: string
      readonly link: string | null
    }
  /** The unit allows it by now; the running process still has older mounts. */
  | {readonly kind: 'stale-sandbox' | 'replaced'; readonly path: string}

/**
 * @param directory the state directory as the unit names it.
 * @param real the same with links followed.
 */
export async function findSeal(
  host: Host,
  target: Target,
  directory: string,
  real: string,
): Promise<Seal | null> {
  const below = await writtenBelow(host, target, directory, real)
  // A link of the machine is one within the sandbox, too: what counts is the mount it leads to.
  const judged = [real, ...below.map(({end}) => end)]
  const [own, machine] = await Promise.all([serviceMounts(host, target.unit), machineMounts(host)])
  for (const path of judged) {
    const mount = mountOf(machine, path)
    if (mount?.readOnly) return {kind: 'read-only-mount', path, point: mount.point}
  }
  const seen = own && judged.find(path => mountOf(own, path)?.readOnly)
  const barrier = findBarrier(target.unit, directory, real, below)
  if (barrier && (!own || seen)) return barrier
  if (seen) return {kind: 'stale-sandbox', path: seen}
  const replaced = own && judged.find(path => mountOf(own, path)?.root.endsWith('//deleted'))
  return replaced ? {kind: 'replaced', path: replaced} : null
}

/** By the settings of the unit, as systemd would apply them to its next process. */
function findBarrier(
  unit: Unit,
  directory: string,
  real: string,
  below: readonly Written[],
): Seal | null {
  const inside = below.filter(({leadsOut}) => !leadsOut)
  const outside = below.filter(({leadsOut, isNamed}) => leadsOut && !isNamed)
  const barriers = [
    {path: directory, setting: writeBarrier(unit, directory, real), link: null},
    ...inside.map(({path}) => ({path, setting: writeBarrier(unit, path), link: null})),
    ...outside.map(({path, end}) => ({path: end, setting: writeBarrier(unit, end), link: path})),
  ]
  for (const {setting, ...rest} of barriers) {
    if (setting !== null) return {kind: 'sandbox', setting, ...rest}
  }
  return null
}

/** What the service writes and has its place in the state directory, as its settings say. */
interface Written {
  readonly path: string
  /** Where that lies, links followed. */
  readonly end: string
  /** Out of the state directory. */
  readonly leadsOut: boolean
  /** A path of ReadWritePaths= leads there, too: systemd follows links. */
  readonly isNamed: boolean
}

async function writtenBelow(
  host: Host,
  target: Target,
  directory: string,
  real: string,
): Promise<readonly Written[]> {
  const {unit, staticRoot, mediaRoot} = target
  const found = [staticRoot, mediaRoot].map(async path => {
    if (path === null || !isBelow(path, directory)) return null
    const resolved = await ifSeen(resolvePath(host, path))
    const end = resolved?.path ?? `${real}${path.slice(directory.length)}`
    if (isBelow(end, real)) return {path, end, leadsOut: false, isNamed: true}
    if (isBelow(end, '/nix/store')) return null
    // What others collect need not be writable, as in the store.
    const isWritten = path === mediaRoot || (await runsBeforeStart(host, target, 'collectstatic'))
    if (!isWritten) return null
    return {path, end, leadsOut: true, isNamed: await isNamedBy(host, unit, end)}
  })
  return (await Promise.all(found)).filter(each => each !== null)
}

async function isNamedBy(host: Host, unit: Unit, end: string): Promise<boolean> {
  const named = splitWords(unit.get('ReadWritePaths')).map(word => word.replace(/^[-+]+/, ''))
  const ends = await Promise.all(named.map(path => ifSeen(resolvePath(host, path))))
  return ends.some(each => each?.path && isBelow(end, each.path))
}
