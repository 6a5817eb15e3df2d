import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {isBelow} from './paths.ts'

export interface Mount {
  readonly point: string
  /** What of its filesystem is mounted; ends in "//deleted" when that was removed since. */
  readonly root: string
  readonly readOnly: boolean
}

/** proc_pid_mountinfo(5): `408 363 0:103 /root /point rw,nosuid shared:1 - overlay source rw`. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap(line => {
    const match = /^\d+ \d+ \S+ (\S+) (\S+) (\S+) (?:\S+ )*?- \S+ \S+ (\S+)/.exec(line)
    if (!match) return []
    const [, root = '', point = '', options = '', superOptions = ''] = match
    const readOnly = [options, superOptions].some(list => list.split(',').includes('ro'))
    return [{point: unescaped(point), root: unescaped(root), readOnly}]
  })
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}

/** The mount that a path lies on: the deepest, and of several at one point the last. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  return mounts.reduce<Mount | null>(
    (best, mount) =>
      isBelow(path, mount.point) && mount.point.length >= (best?.point.length ?? 0) ? mount : best,
    null,
  )
}

/** As the service's main process sees them; null when it does not run or may not be looked at. */
export async function serviceMounts(host: Host, unit: Unit): Promise<readonly Mount[] | null> {
  const pid = Number(unit.get('MainPID'))
  return pid > 0 ? mountsOf(host, String(pid)) : null
}

/** The mounts of the machine itself: this program may run in a sandbox of its own. */
export async function machineMounts(host: Host): Promise<readonly Mount[]> {
  return (await mountsOf(host, '1')) ?? (await mountsOf(host, 'self')) ?? []
}

async function mountsOf(host: Host, process: string): Promise<readonly Mount[] | null> {
  const answer = await ifSeen(host.readFile(`/proc/${process}/mountinfo`))
  return answer?.kind === 'file' && answer.text !== '' ? parseMountinfo(answer.text) : null
}
