import {may, octal, stillClosed, wallFor} from '../../facts/files/access.ts'
import {isBelow, resolvePath} from '../../facts/files/paths.ts'
import {findFilesystems} from '../../facts/files/space.ts'
import {flattened} from '../../facts/fronts/nginx-syntax.ts'
import {frontOpener} from '../../facts/fronts/opener.ts'
import {writeBarrier} from '../../facts/unit/sandbox-paths.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand, run} from '../../report/step.ts'
import type {Asked} from './log.asked.ts'
import {type Code, found, megabytes, type Told} from './log.findings.ts'

/** Where nginx keeps large requests and answers, as Debian and Fedora built it. */
const usualTemp = ['/var/lib/nginx', '/var/cache/nginx', '/var/tmp/nginx']

function isTemporary({directives}: Asked, file: string): boolean {
  const stated = flattened(directives)
    .filter(({name}) => /^\w+_temp_path$/.test(name))
    .flatMap(({args: [path = '']}) => path)
  return [...stated, ...usualTemp].some(each => each.startsWith('/') && isBelow(file, each))
}

/** A file that the front could not open: whether that lasts is looked at. */
export async function judgeDenied(asked: Asked, told: Told): Promise<Verdict<Code> | null> {
  const files = [...new Set(told.events.flatMap(({file}) => file ?? []))].slice(-most)
  for (const file of files.toReversed()) {
    const ofFile = told.events.filter(event => event.file === file)
    const [first, ...others] = ofFile
    if (first === undefined) continue
    const isTemp = isTemporary(asked, file)
    const same = isTemp
      ? told.events.filter(event => isTemporary(asked, event.file ?? ''))
      : [first, ...others]
    const [one = first, ...more] = same
    const kept: Told = {...told, events: [one, ...more]}
    const verdict = isTemp ? await judgeTemp(asked, kept, file) : await judgeFile(asked, kept, file)
    if (verdict) return verdict
  }
  return null
}

/** So many files are looked at. */
const most = 10

async function judgeTemp(
  {host, target, front}: Asked,
  told: Told,
  file: string,
): Promise<Verdict<Code> | null> {
  const directory = file.slice(0, file.lastIndexOf('/'))
  const barrier = writeBarrier(front.unit, directory)
  const why = barrier ?? (await closedTo(host, front, directory))
  if (why === null) return null
  const opener = await frontOpener(host, front)
  const cure =
    barrier !== null
      ? mend(
          `Let ${front.unit.name} write there`,
          target.platform.unitSetting(front.unit.name, {ReadWritePaths: [directory]}),
        )
      : remedy(`Give the directory back to ${opener?.name ?? front.kind}`, 'manual', [
          run('chown', '-R', opener?.name ?? front.kind, directory),
          run('chmod', 'u+rwX', directory),
        ])
  return finding(found['temp-denied'](told, directory, why), cure, {
    evidence: [`namei -l ${directory}`],
  })
}

/** Why the front's user may not write into a directory; null where it may, or nobody can tell. */
async function closedTo(
  host: Host,
  front: Asked['front'],
  directory: string,
): Promise<string | null> {
  const [opener, led] = await Promise.all([
    frontOpener(host, front),
    ifSeen(resolvePath(host, directory)),
  ])
  if (!opener || !led) return null
  const wall = await wallFor(host, opener, led.components)
  if (wall) return `${opener.name} may not pass ${wall.path} (mode ${octal(wall.stat.mode)})`
  if (led.path === null || led.stat === null || may(opener, 'write', led.stat)) return null
  const end = {path: led.path, stat: led.stat}
  const closed = await stillClosed(host, opener, [end], ({path}) => ({path, needs: ['write']}))
  const {mode, uid} = led.stat
  return closed.length === 0
    ? null
    : `${opener.name} may not write to it (mode ${octal(mode)}, owner ${uid})`
}

async function judgeFile(
  {host, front}: Asked,
  told: Told,
  file: string,
): Promise<Verdict<Code> | null> {
  const [opener, led] = await Promise.all([
    frontOpener(host, front),
    ifSeen(resolvePath(host, file)),
  ])
  // What is not there is nobody's loss, and a visitor may have made up the name.
  if (!opener || !led?.path || led.stat?.type !== 'file') return null
  const wall = await wallFor(host, opener, led.components)
  const isHome = /^\/(?:home|root|run\/user)\//.test(led.path)
  const protects = front.unit.get('ProtectHome')
  const isHidden = isHome && /^(?:yes|tmpfs)$/.test(protects)
  const isClosed = !may(opener, 'read', led.stat) && !wall
  const end = {path: led.path, stat: led.stat}
  const closed =
    isClosed &&
    (await stillClosed(host, opener, [end], ({path}) => ({path, needs: ['read']}))).length > 0
  const why = wall
    ? `${opener.name} may not pass ${wall.path} (mode ${octal(wall.stat.mode)})`
    : closed
      ? `${opener.name} may not read it (mode ${octal(led.stat.mode)})`
      : isHidden
        ? `ProtectHome=${protects} of ${front.unit.name} hides it`
        : null
  if (why === null) return null
  const cure = remedy('See who may pass and read', 'manual', [byHand('namei', '-l', led.path)])
  return finding(found['file-denied'](told, led.path, why), cure)
}

/** Bytes: with less a front cannot keep an answer of usual size. */
const fewBytes = 16 * 2 ** 20

export async function judgeSpace(asked: Asked, told: Told): Promise<Verdict<Code> | null> {
  const {host} = asked
  const files = told.events.flatMap(({file}) => file ?? [])
  const named = [...new Set(files.map(file => file.slice(0, file.lastIndexOf('/')) || '/'))]
  const paths = named.length > 0 ? named.slice(0, most) : ['/var/log', '/var/tmp', '/tmp']
  const disks = (await ifSeen(findFilesystems(host, paths))) ?? []
  const full = disks.find(
    ({freeBytes, freeInodes, inodes}) => freeBytes < fewBytes || (inodes > 0 && freeInodes === 0),
  )
  if (!full) return null
  const free = full.freeBytes < fewBytes ? megabytes(full.freeBytes) : 'no inode'
  const cure = remedy(`Free space on the disk of ${full.path}`, 'manual', [
    byHand('df', '-h', full.path),
    byHand('sudo', 'du', '-xh', '--max-depth=2', full.path),
  ])
  return finding(found['no-space'](told, full.path, free), cure)
}
