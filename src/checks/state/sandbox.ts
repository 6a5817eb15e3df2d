import {machineMounts, mountOf, serviceMounts} from '../../facts/files/mounts.ts'
import {isBelow, resolvePath} from '../../facts/files/paths.ts'
import {runsBeforeStart} from '../../facts/program/pre-start.ts'
import type {Target} from '../../facts/target/target.ts'
import {writeBarrier} from '../../facts/unit/sandbox-paths.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {splitWords} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {critical, type Verdict} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'

/** Why the state directory is read-only as the service sees it, whatever root's shell can do; null when it is not. */
export async function sandboxFinding(
  host: Host,
  target: Target,
  directory: string,
  real: string,
): Promise<Verdict | null> {
  const {unit} = target
  const below = await writtenBelow(host, target, directory, real)
  // A link of the machine is one within the sandbox, too: what counts is the mount that it leads to.
  const judged = [real, ...below.map(({end}) => end)]
  const [own, machine] = await Promise.all([serviceMounts(host, unit), machineMounts(host)])
  const frozen = judged.map(path => ({path, mount: mountOf(machine, path)})).find(({mount}) => mount?.readOnly)
  if (frozen) {
    const point = frozen.mount?.point ?? '/'
    return critical(
      'read-only-mount',
      `${frozen.path} lies on ${point}, which is mounted read-only`,
      remedy('Find out why (the kernel does it after errors), then mount it writable', 'manual', [
        hand('sudo dmesg --level=err,warn | tail'),
        hand(`sudo mount -o remount,rw ${point}`),
      ]),
    )
  }
  const seen = own && judged.find(path => mountOf(own, path)?.readOnly)
  const inside = below.filter(({leadsOut}) => !leadsOut).map(({path}) => path)
  const barriers = [
    ...[directory, ...inside].map(path => ({
      path,
      setting: writeBarrier(unit, path, ...(path === directory ? [real] : [])),
      link: null,
    })),
    ...below
      .filter(({leadsOut, named}) => leadsOut && !named)
      .map(({path, end}) => ({path: end, setting: writeBarrier(unit, end), link: path})),
  ]
  const barred = barriers.find(({setting}) => setting !== null)
  if (barred && (!own || seen)) {
    return critical(
      'sandbox',
      `${barred.setting} makes ${barred.path}${barred.link ? `, where ${barred.link} leads,` : ''} read-only for the service`,
      mend(
        'Name the directory in ReadWritePaths=',
        target.platform.unitSetting(unit.name, {ReadWritePaths: [barred.path]}),
        {whole: true},
      ),
      {evidence: ['ProtectSystem', 'ReadWritePaths', 'ReadOnlyPaths'].map(key => `${key}=${unit.get(key)}`)},
    )
  }
  const again = remedy('Restart the service, so that it gets the directory as it is now', 'disruptive', [
    restart(target),
  ])
  if (seen) {
    return critical(
      'stale-sandbox',
      `the running service has ${seen} read-only, although its unit allows it now`,
      again,
    )
  }
  const replaced = own && judged.find(path => mountOf(own, path)?.root.endsWith('//deleted'))
  if (replaced) {
    return critical('replaced', `${replaced} was replaced while the service ran: it still has the removed one`, again)
  }
  return null
}

/** What the service writes by the word of its environment, and has its place in the state directory. */
interface Written {
  readonly path: string
  /** Where that lies, links followed. */
  readonly end: string
  /** Out of the state directory. */
  readonly leadsOut: boolean
  /** A path of ReadWritePaths= leads there, too: systemd follows links. */
  readonly named: boolean
}

async function writtenBelow(host: Host, target: Target, directory: string, real: string): Promise<readonly Written[]> {
  const {unit, staticRoot, mediaRoot} = target
  const paths = [staticRoot, mediaRoot].filter(path => path !== null).filter(path => isBelow(path, directory))
  const found = await Promise.all(
    paths.map(async path => {
      const end = (await ifSeen(resolvePath(host, path)))?.path ?? `${real}${path.slice(directory.length)}`
      if (isBelow(end, real)) return {path, end, leadsOut: false, named: true}
      // What others collect need not be writable, as in the store.
      const isWritten = path === mediaRoot || (await runsBeforeStart(host, target, 'collectstatic'))
      if (isBelow(end, '/nix/store') || !isWritten) return null
      const named = splitWords(unit.get('ReadWritePaths')).map(word => word.replace(/^[-+]+/, ''))
      const ends = await Promise.all(named.map(each => ifSeen(resolvePath(host, each))))
      return {path, end, leadsOut: true, named: ends.some(each => each?.path && isBelow(end, each.path))}
    }),
  )
  return found.filter(each => each !== null)
}
