import {findAbsentPaths} from '../../facts/files/absent-paths.ts'
import {type Opener, wallFor} from '../../facts/files/access.ts'
import {findHanging, isServed} from '../../facts/files/hanging.ts'
import {isBelow, type Resolved, resolvePath} from '../../facts/files/paths.ts'
import {findSeal} from '../../facts/files/seal.ts'
import {findKept, type Kept} from '../../facts/files/state-tree.ts'
import {refusedByTmpfiles} from '../../facts/files/tmpfiles.ts'
import {findStrayUploads} from '../../facts/files/uploads.ts'
import type {Target} from '../../facts/target/target.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {madeBySystemd} from '../../facts/unit/sandbox-paths.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {explanation} from './directory.explanation.ts'
import {directoryFacts} from './directory.facts.ts'
import {
  type Code,
  danglingLink,
  found,
  missing,
  notADirectory,
  notAnswering,
  notPassable,
  ownMode,
  uploadsElsewhere,
} from './directory.findings.ts'
import {pathMissing, sealed} from './directory.sandbox.ts'

/** What state/directory hands on to those who look inside. */
export interface StateDirectory {
  /** Walks all that the service keeps, once and only when asked to: a large tree takes its time. */
  readonly kept: () => Promise<Kept>
}

export const stateDirectory: CheckOf<Code, StateDirectory> = {
  id: 'state/directory',
  title: 'The state directory exists, and the sandbox lets the service write to it',
  fix: 'makes what is missing, opens it to its owner, or restarts a service that uses an old one',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: directoryFacts,
  async run({host, target}) {
    const opener = await unitOpener(host, target.served)
    let walk: Promise<Kept> | null = null
    const kept = (): Promise<Kept> => {
      walk ??= findKept(host, target, opener)
      return walk
    }
    return {findings: [await judge(host, target, opener)], result: {kept}}
  },
}

async function judge(host: Host, target: Target, opener: Opener | null): Promise<Verdict<Code>> {
  const {stateDirectory: directory, mediaRoot, unit} = target
  const hanging = await findHanging(host, target)
  if (hanging) return notAnswering(hanging, await isServed(host, hanging.place))
  const absent = pathMissing(target, opener, await findAbsentPaths(host, target))
  if (!directory) return absent ?? ok(`${unit.name} names no state directory`)
  const resolved = await resolvePath(host, directory)
  const {path, stat} = resolved
  if (!path || !stat) {
    const gone = await judgeMissing(host, target, opener, directory, resolved)
    return gone ?? absent ?? ok(`systemd makes ${directory} when it starts the service`)
  }
  if (stat.type !== 'directory') return notADirectory(target, opener, directory, stat.type)
  const isInside = mediaRoot !== null && isBelow(mediaRoot, directory)
  const media = isInside ? (await ifSeen(resolvePath(host, mediaRoot)))?.stat : null
  if (isInside && media && media.type !== 'directory') {
    return notADirectory(target, opener, mediaRoot, media.type)
  }
  if (absent?.status === 'critical') return absent
  const shut = opener && (await shutOut(host, target, opener, resolved))
  if (shut) return shut
  const seal = await findSeal(host, target, directory, path)
  if (seal) return sealed(target, seal)
  const uploads = await findStrayUploads(host, target, directory)
  if (uploads) return uploadsElsewhere(target, uploads, directory)
  return absent ?? ok(`${directory} exists, and the sandbox of ${unit.name} lets it write`)
}

/** Null where systemd will make it. */
async function judgeMissing(
  host: Host,
  target: Target,
  opener: Opener | null,
  directory: string,
  {missing: absent, components}: Resolved,
): Promise<Verdict<Code> | null> {
  const link = components.findLast(({stat}) => stat.type === 'symlink')
  if (link) return danglingLink(directory, link)
  const runs = Number(target.unit.get('MainPID')) > 0
  if (!runs && madeBySystemd(target.unit).includes(directory)) return null
  const refusal = await refusedByTmpfiles(host, directory)
  return missing(target, opener, directory, absent ?? directory, refusal)
}

async function shutOut(
  host: Host,
  {unit}: Target,
  opener: Opener,
  {components, path, stat}: Resolved,
): Promise<Verdict<Code> | null> {
  // systemd mounts what lies in /var/lib/private where a dynamic user may pass.
  if (unit.get('DynamicUser') === 'yes' || !path || !stat) return null
  const wall = await wallFor(host, opener, components.slice(0, -1))
  if (wall) return notPassable(opener, wall)
  if (stat.uid !== opener.uid || opener.uid === 0 || (stat.mode & 0o700) === 0o700) return null
  return ownMode(opener, path, stat.mode)
}
